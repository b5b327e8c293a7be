/* SPDX-License-Identifier: MIT */
/*
 * One region of usable memory, and a pointer that moves through it: allocation is one
 * compare-and-swap, without a lock.
 */
#include "arch/x86_64/memory.h"

#include <stdatomic.h>

#include "arch/x86_64/regs.h"
#include "kernel/arch.h"
#include "kernel/upcall.h"
#include "lib/string.h"

#define ONE_MIB   0x100000ull
#define LOW_LIMIT 0x9f000ull /* below the usual place of the extended BIOS data area */

static _Atomic uint64_t next_phys; /* any processor may allocate, whatever it interrupted */
static uint64_t end_phys;
static uint64_t low_page_phys;
static const struct boot_ranges *usable;

static uint64_t page_up(uint64_t value)
{
    return (value + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
}

static uint64_t page_down(uint64_t value)
{
    return value & ~(uint64_t)(PAGE_BYTES - 1);
}

static void consider_low(struct boot_range range)
{
    uint64_t begin = page_up(range.begin_phys), end = page_down(range.end_phys);

    begin = begin == 0 ? PAGE_BYTES : begin;
    end = end < LOW_LIMIT ? end : LOW_LIMIT;
    if (begin < end) {
        low_page_phys = end - PAGE_BYTES;
    }
}

static void consider_high(struct boot_range range)
{
    extern const char _image_end[];
    uint64_t image_end = page_up((uint64_t)_image_end - KERNEL_BASE);
    uint64_t begin = page_up(range.begin_phys), end = page_down(range.end_phys);

    begin = begin > image_end ? begin : image_end;
    end = end < WINDOW_LIMIT ? end : WINDOW_LIMIT;
    if (begin < end && end - begin > end_phys - next_phys) {
        next_phys = begin;
        end_phys = end;
    }
}

/* Cuts the kept ranges out of a usable range; where that splits it, the larger piece remains. */
static struct boot_range clip(struct boot_range range, const struct boot_ranges *kept)
{
    for (unsigned i = 0; i < kept->count; i++) {
        const struct boot_range *hole = &kept->list[i];
        if (hole->begin_phys >= range.end_phys || hole->end_phys <= range.begin_phys) {
            continue;
        }
        uint64_t below =
            hole->begin_phys > range.begin_phys ? hole->begin_phys - range.begin_phys : 0;
        uint64_t above = hole->end_phys < range.end_phys ? range.end_phys - hole->end_phys : 0;
        if (below >= above) {
            range.end_phys = range.begin_phys + below;
        } else {
            range.begin_phys = range.end_phys - above;
        }
    }
    return range;
}

void memory_start(const struct boot_info *boot)
{
    usable = &boot->usable;
    if (boot->usable.dropped + boot->kept.dropped != 0) {
        log_line("memory map: more than %u ranges; the rest is ignored", BOOT_RANGE_LIMIT);
    }
    for (unsigned i = 0; i < usable->count; i++) {
        struct boot_range range = clip(usable->list[i], &boot->kept);
        if (range.begin_phys < ONE_MIB) {
            consider_low(range);
        }
        consider_high(range);
    }
}

bool memory_is_usable(uint64_t phys)
{
    for (unsigned i = 0; i < usable->count; i++) {
        if (phys >= usable->list[i].begin_phys && phys < usable->list[i].end_phys) {
            return true;
        }
    }
    return false;
}

uint64_t memory_allocate_phys(size_t size)
{
    size = page_up(size);
    uint64_t phys = atomic_load_explicit(&next_phys, memory_order_relaxed);
    do {
        if (size > end_phys - phys) {
            return 0;
        }
    } while (!atomic_compare_exchange_weak_explicit(&next_phys, &phys, phys + size,
                                                    memory_order_relaxed, memory_order_relaxed));
    return phys;
}

uint64_t memory_allocate_page_phys(void)
{
    uint64_t phys = memory_allocate_phys(PAGE_BYTES);
    if (phys != 0) {
        memset(memory_view(phys), 0, PAGE_BYTES);
    }
    return phys;
}

uint64_t memory_low_page_phys(void)
{
    return low_page_phys;
}

void *arch_allocate_pages(size_t size)
{
    uint64_t phys = memory_allocate_phys(size);
    return phys == 0 ? NULL : memory_view(phys);
}

#include "arch/x86_64/regs.h"

#include "arch/x86_64/memory.h"
#include "kernel/arch.h"
#include "lib/string.h"

#define ONE_MIB   0x100000ull
#define LOW_LIMIT 0x9f000ull /* the page below the extended BIOS data area's usual place */

static uint64_t next_phys, end_phys;
static uint64_t low_page_phys;

static uint64_t page_up(uint64_t value)
{
    return (value + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
}

static uint64_t page_down(uint64_t value)
{
    return value & ~(uint64_t)(PAGE_BYTES - 1);
}

/* Where free memory can begin: above the image, and above what the loader put behind it. */
static uint64_t first_free_phys(const struct boot_info *boot)
{
    extern const char _image_end[];
    uint64_t image_end = (uint64_t)_image_end - KERNEL_BASE;
    return page_up(boot->loader_end_phys > image_end ? boot->loader_end_phys : image_end);
}

static void consider_low(const struct boot_range *range)
{
    uint64_t begin = page_up(range->begin_phys), end = page_down(range->end_phys);

    end = end < LOW_LIMIT ? end : LOW_LIMIT;
    if (end >= begin + 2 * PAGE_BYTES || (begin != 0 && end >= begin + PAGE_BYTES)) {
        low_page_phys = end - PAGE_BYTES;
    }
}

static void consider_high(const struct boot_range *range, uint64_t first_free)
{
    uint64_t begin = page_up(range->begin_phys), end = page_down(range->end_phys);

    begin = begin > first_free ? begin : first_free;
    end = end < WINDOW_LIMIT ? end : WINDOW_LIMIT;
    if (begin < end && end - begin > end_phys - next_phys) {
        next_phys = begin;
        end_phys = end;
    }
}

void memory_start(const struct boot_info *boot)
{
    for (unsigned i = 0; i < boot->range_count; i++) {
        const struct boot_range *range = &boot->ranges[i];
        if (range->begin_phys < ONE_MIB) {
            consider_low(range);
        }
        consider_high(range, first_free_phys(boot));
    }
}

uint64_t memory_allocate_phys(size_t size)
{
    size = page_up(size);
    if (size > end_phys - next_phys) {
        return 0;
    }
    uint64_t phys = next_phys;
    next_phys += size;
    memset(memory_view(phys), 0, size);
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

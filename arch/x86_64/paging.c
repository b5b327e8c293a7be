/* SPDX-License-Identifier: MIT */
/*
 * Four levels; everything that is added uses 4 KiB pages. Mappings are created while only one
 * processor runs, and never removed, so no other processor's TLB needs flushing. Only code that
 * changes a mapping later must do that (kernel/processors/tlb.h).
 */
#include "arch/x86_64/paging.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/memory.h"
#include "kernel/arch.h"
#include "lib/string.h"

#define ENTRIES       512
#define ADDRESS_MASK  0x000ffffffffff000ull
#define NO_EXECUTE    (1ull << 63)
#define WRITABLE_DATA (PAGE_PRESENT | PAGE_WRITABLE | NO_EXECUTE)

extern uint64_t boot_pml4[ENTRIES];

static uintptr_t next_mapping = MAPPING_BASE;
static uint64_t
    no_execute; /* NO_EXECUTE if the processor supports it, else 0: the bit is reserved then */

static uint64_t *table_at(uint64_t entry)
{
    return memory_view(entry & ADDRESS_MASK);
}

/* The index into the table of `level` (3 at the top, 0 at the bottom). */
static unsigned table_index(uintptr_t address, unsigned level)
{
    return address >> (12 + 9 * level) & (ENTRIES - 1);
}

/*
 * The entry that maps the 4 KiB page of `address`; creates tables as needed. NULL if memory is
 * short.
 */
static uint64_t *find_entry(uint64_t *root, uintptr_t address)
{
    uint64_t *table = root;
    for (unsigned level = 3; level > 0; level--) {
        uint64_t *entry = &table[table_index(address, level)];
        if (!(*entry & PAGE_PRESENT)) {
            uint64_t phys = memory_allocate_page_phys();
            if (phys == 0) {
                return NULL;
            }
            *entry = phys | PAGE_PRESENT | PAGE_WRITABLE;
        }
        table = table_at(*entry);
    }
    return &table[table_index(address, 0)];
}

static int map_page(uint64_t *root, uintptr_t address, uint64_t phys, uint64_t rights)
{
    uint64_t *entry = find_entry(root, address);
    if (entry == NULL) {
        return -1;
    }
    *entry = phys | (rights & ~NO_EXECUTE) | (rights & no_execute);
    cpu_flush_page(address);
    return 0;
}

/* Maps a run of pages at the next free address. */
static uintptr_t map_run(uint64_t phys, size_t size, uint64_t rights)
{
    uintptr_t begin = next_mapping;
    for (size_t offset = 0; offset < size; offset += PAGE_BYTES) {
        if (map_page(boot_pml4, begin + offset, phys + offset, rights) != 0) {
            return 0;
        }
    }
    next_mapping = begin + size;
    return begin;
}

void paging_start(void)
{
    no_execute = cpu_read_msr(MSR_EFER) & EFER_NXE ? NO_EXECUTE : 0;
    boot_pml4[0] = 0;
    cpu_write_cr3(paging_root_phys());
}

uint64_t paging_root_phys(void)
{
    return (uint64_t)boot_pml4 - KERNEL_BASE;
}

uint64_t paging_create_trampoline_root(uint64_t page_phys)
{
    uint64_t root_phys = memory_allocate_phys(PAGE_BYTES);
    if (root_phys == 0) {
        return 0;
    }
    uint64_t *root = memory_view(root_phys);
    memcpy(root, boot_pml4, PAGE_BYTES);
    return map_page(root, page_phys, page_phys, PAGE_PRESENT) == 0 ? root_phys : 0;
}

uintptr_t paging_create_stack(size_t size)
{
    uint64_t phys = memory_allocate_phys(size);
    if (phys == 0) {
        return 0;
    }
    next_mapping += PAGE_BYTES; /* the guard page: an address that is never mapped */
    uintptr_t bottom = map_run(phys, size, WRITABLE_DATA);
    return bottom == 0 ? 0 : bottom + size;
}

static uintptr_t map_unaligned(uint64_t phys, size_t size, uint64_t rights)
{
    uint64_t begin = phys & ~(uint64_t)(PAGE_BYTES - 1);
    uint64_t end = (phys + size + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
    uintptr_t address = map_run(begin, end - begin, rights);
    return address == 0 ? 0 : address + (phys - begin);
}

uintptr_t paging_map_device(uint64_t phys, size_t size)
{
    return map_unaligned(phys, size, WRITABLE_DATA | PAGE_WRITE_THROUGH | PAGE_CACHE_DISABLE);
}

uintptr_t paging_map_framebuffer(uint64_t phys, size_t size)
{
    uint64_t limit_phys = 1ull << cpu_physical_address_bits();
    if (size > limit_phys || phys > limit_phys - size) {
        return 0;
    }
    return map_unaligned(phys, size, WRITABLE_DATA | PAGE_WRITE_COMBINING);
}

const void *paging_map_readonly(uint64_t phys, size_t size)
{
    return (const void *)map_unaligned(phys, size, PAGE_PRESENT | NO_EXECUTE);
}

/* Flushing more single pages than this costs more than flushing the whole TLB. */
#define FLUSH_SINGLE_LIMIT 32

void arch_flush_tlb(uintptr_t address, size_t pages)
{
    if (pages > FLUSH_SINGLE_LIMIT) {
        cpu_write_cr3(cpu_read_cr3()); /* no page is global */
        return;
    }
    for (size_t i = 0; i < pages; i++) {
        cpu_flush_page(address + i * PAGE_BYTES);
    }
}

void *arch_create_alias(void *page)
{
    return (void *)map_run((uintptr_t)page - WINDOW_BASE, PAGE_BYTES, WRITABLE_DATA);
}

void arch_redirect_alias(void *alias, void *page)
{
    uint64_t phys = (uintptr_t)page - WINDOW_BASE;
    *find_entry(boot_pml4, (uintptr_t)alias) = phys | PAGE_PRESENT | PAGE_WRITABLE | no_execute;
}

bool arch_address_readable(uintptr_t address)
{
    if (!arch_code_address_valid(address)) {
        return false;
    }
    uint64_t *table = boot_pml4;
    for (unsigned level = 3;; level--) {
        uint64_t entry = table[table_index(address, level)];
        if (!(entry & PAGE_PRESENT)) {
            return false;
        }
        if (level == 0) {
            return !(entry & PAGE_CACHE_DISABLE);
        }
        if (entry & PAGE_LARGE) {
            return memory_is_usable(address - WINDOW_BASE); /* the window also covers devices */
        }
        table = table_at(entry);
    }
}

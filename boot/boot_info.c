/*
 * The PVH start information, read through the physical window.
 * Source: Xen public headers, arch-x86/hvm/start_info.h (layout facts).
 */
#include "boot/boot_info.h"

#include <stdbool.h>
#include <stddef.h>

#include "arch/x86_64/memory.h"
#include "arch/x86_64/regs.h"
#include "lib/string.h"

#define PVH_MAGIC         0x336ec578
#define PVH_MEMORY_USABLE 1

struct pvh_start_info {
    uint32_t magic;
    uint32_t version;
    uint32_t flags;
    uint32_t module_count;
    uint64_t modules_phys;
    uint64_t command_line_phys;
    uint64_t rsdp_phys;
    uint64_t memory_map_phys; /* from version 1 on */
    uint32_t memory_map_entries;
    uint32_t reserved;
};

struct pvh_module {
    uint64_t phys;
    uint64_t size;
    uint64_t command_line_phys;
    uint64_t reserved;
};

struct pvh_memory {
    uint64_t phys;
    uint64_t size;
    uint32_t type;
    uint32_t reserved;
};

static void add_range(struct boot_ranges *ranges, uint64_t begin_phys, uint64_t size)
{
    uint64_t end_phys = begin_phys + size < begin_phys ? UINT64_MAX : begin_phys + size;

    if (ranges->count == BOOT_RANGE_LIMIT) {
        ranges->dropped++;
        return;
    }
    ranges->list[ranges->count++] = (struct boot_range){ begin_phys, end_phys };
}

/* A table of the loader, NULL when it does not lie within the physical window. */
static const void *view_table(uint64_t phys, uint64_t entries, size_t entry_size)
{
    bool fits = phys < WINDOW_LIMIT && entries <= (WINDOW_LIMIT - phys) / entry_size;
    return phys != 0 && fits ? memory_view(phys) : NULL;
}

static void read_command_line(struct boot_info *boot, uint64_t phys)
{
    if (phys == 0 || phys >= WINDOW_LIMIT - BOOT_COMMAND_LINE_SIZE) {
        return;
    }
    const char *text = memory_view(phys);
    for (unsigned i = 0; i < BOOT_COMMAND_LINE_SIZE - 1 && text[i] != '\0'; i++) {
        boot->command_line[i] = text[i];
    }
}

static void read_modules(struct boot_info *boot, const struct pvh_start_info *info)
{
    const struct pvh_module *modules =
        view_table(info->modules_phys, info->module_count, sizeof(*modules));
    for (unsigned i = 0; modules != NULL && i < info->module_count; i++) {
        add_range(&boot->kept, modules[i].phys, modules[i].size);
    }
}

static void read_memory_map(struct boot_info *boot, const struct pvh_start_info *info)
{
    const struct pvh_memory *map =
        view_table(info->memory_map_phys, info->memory_map_entries, sizeof(*map));
    for (unsigned i = 0; map != NULL && i < info->memory_map_entries; i++) {
        add_range(map[i].type == PVH_MEMORY_USABLE ? &boot->usable : &boot->kept, map[i].phys,
                  map[i].size);
    }
}

int boot_info_read(uint32_t start_info_phys, struct boot_info *boot)
{
    const struct pvh_start_info *info = memory_view(start_info_phys);

    boot->loader = "unknown";
    if (start_info_phys == 0 || info->magic != PVH_MAGIC) {
        return -1;
    }
    boot->loader = "PVH";
    boot->rsdp_phys = info->rsdp_phys;
    read_command_line(boot, info->command_line_phys);
    read_modules(boot, info);
    if (info->version >= 1) {
        read_memory_map(boot, info);
    }
    return 0;
}

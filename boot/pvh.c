/* SPDX-License-Identifier: MIT */
/*
 * The PVH start information, read through the physical window.
 * Source: Xen public headers, arch-x86/hvm/start_info.h (layout facts).
 */
#include "boot/pvh.h"

#include <stdbool.h>

#include "arch/x86_64/memory.h"

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

/* A table from the loader; NULL if it does not lie within the physical window. */
static const void *view_table(uint64_t phys, uint64_t entries, size_t entry_size)
{
    bool fits = phys < WINDOW_LIMIT && entries <= (WINDOW_LIMIT - phys) / entry_size;
    return phys != 0 && fits ? memory_view(phys) : NULL;
}

static void read_command_line(struct boot_info *boot, uint64_t phys)
{
    if (phys != 0 && phys < WINDOW_LIMIT - BOOT_COMMAND_LINE_SIZE) {
        boot_info_set_command_line(boot, memory_view(phys), BOOT_COMMAND_LINE_SIZE);
    }
}

static void read_modules(struct boot_info *boot, const struct pvh_start_info *info)
{
    const struct pvh_module *modules =
        view_table(info->modules_phys, info->module_count, sizeof(*modules));
    for (unsigned i = 0; modules != NULL && i < info->module_count; i++) {
        boot_info_add_range(&boot->kept, modules[i].phys, modules[i].size);
    }
}

static void read_memory_map(struct boot_info *boot, const struct pvh_start_info *info)
{
    const struct pvh_memory *map =
        view_table(info->memory_map_phys, info->memory_map_entries, sizeof(*map));
    for (unsigned i = 0; map != NULL && i < info->memory_map_entries; i++) {
        boot_info_add_range(map[i].type == PVH_MEMORY_USABLE ? &boot->usable : &boot->kept,
                            map[i].phys, map[i].size);
    }
}

int pvh_read(const void *start_info, struct boot_info *boot)
{
    const struct pvh_start_info *info = start_info;

    if (info->magic != PVH_MAGIC) {
        return -1;
    }
    boot->rsdp_phys = info->rsdp_phys;
    read_command_line(boot, info->command_line_phys);
    read_modules(boot, info);
    if (info->version >= 1) {
        read_memory_map(boot, info);
    }
    return 0;
}

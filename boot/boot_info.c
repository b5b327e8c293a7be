/*
 * The PVH start information, read through the physical window.
 * Source: Xen public headers, arch-x86/hvm/start_info.h (layout facts).
 */
#include "boot/boot_info.h"

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

static void add_range(struct boot_info *boot, uint64_t begin_phys, uint64_t size)
{
    if (boot->range_count == BOOT_RANGE_LIMIT) {
        boot->ranges_dropped++;
        return;
    }
    boot->ranges[boot->range_count++] = (struct boot_range){ begin_phys, begin_phys + size };
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
    const struct pvh_module *modules = memory_view(info->modules_phys);
    for (unsigned i = 0; i < info->module_count; i++) {
        uint64_t end = modules[i].phys + modules[i].size;
        if (end > boot->loader_end_phys) {
            boot->loader_end_phys = end;
        }
    }
}

static void read_memory_map(struct boot_info *boot, const struct pvh_start_info *info)
{
    const struct pvh_memory *map = memory_view(info->memory_map_phys);
    for (unsigned i = 0; i < info->memory_map_entries; i++) {
        if (map[i].type == PVH_MEMORY_USABLE) {
            add_range(boot, map[i].phys, map[i].size);
        }
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

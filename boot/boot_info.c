/* SPDX-License-Identifier: MIT */
/* Tries the known protocols, and fills in what they have in common. */
#include "boot/boot_info.h"

#include "arch/x86_64/memory.h"
#include "boot/multiboot2.h"
#include "boot/pvh.h"

void boot_info_add_range(struct boot_ranges *ranges, uint64_t begin_phys, uint64_t size)
{
    uint64_t end_phys = begin_phys + size < begin_phys ? UINT64_MAX : begin_phys + size;

    if (ranges->count == BOOT_RANGE_LIMIT) {
        ranges->dropped++;
        return;
    }
    ranges->list[ranges->count++] = (struct boot_range){ begin_phys, end_phys };
}

void boot_info_set_command_line(struct boot_info *boot, const char *text, size_t limit)
{
    size_t i = 0;
    for (; i < BOOT_COMMAND_LINE_SIZE - 1 && i < limit && text[i] != '\0'; i++) {
        boot->command_line[i] = text[i];
    }
    boot->command_line[i] = '\0';
}

static int read_multiboot2(uint32_t information_phys, struct boot_info *boot)
{
    if (multiboot2_read(memory_view(information_phys), WINDOW_LIMIT - information_phys, boot) !=
        0) {
        return -1;
    }
    if (boot->rsdp_copy_size != 0) {
        boot->rsdp_phys = (uint64_t)boot->rsdp_copy - KERNEL_BASE;
    }
    return 0;
}

int boot_info_read(uint32_t magic, uint32_t information_phys, struct boot_info *boot)
{
    if (information_phys == 0) {
        return -1;
    }
    if (magic == MULTIBOOT2_BOOTLOADER_MAGIC && read_multiboot2(information_phys, boot) == 0) {
        return 0;
    }
    return pvh_read(memory_view(information_phys), boot);
}

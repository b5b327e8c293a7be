/* SPDX-License-Identifier: MIT */
/*
 * Reads the information that a Multiboot2 loader (GRUB) hands over.
 */
#ifndef BOOT_MULTIBOOT2_H
#define BOOT_MULTIBOOT2_H

#include "boot/boot_info.h"

/* Such a loader leaves this value in EAX. */
#define MULTIBOOT2_BOOTLOADER_MAGIC 0x36d76289

/*
 * Reads the information structure of at most `limit` bytes at `information`; its own length may
 * only make it shorter. A tag with an impossible length ends the walk. Tags that are too short for
 * their content are skipped, and so are unknown ones. A pure function over bytes.
 *
 * Returns 0, or -1 if this is not such a structure; `boot` is then unchanged.
 * Source: Multiboot2 Specification 2.0, "Boot information format".
 */
int multiboot2_read(const void *information, size_t limit, struct boot_info *boot);

#endif

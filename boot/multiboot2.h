/* SPDX-License-Identifier: MIT */
/*
 * What a Multiboot2 loader (GRUB) hands over.
 */
#ifndef BOOT_MULTIBOOT2_H
#define BOOT_MULTIBOOT2_H

#include "boot/boot_info.h"

/* What such a loader leaves in EAX. */
#define MULTIBOOT2_BOOTLOADER_MAGIC 0x36d76289

/*
 * Reads the information structure of at most `limit` bytes at `information`; its own length may
 * only make it shorter. A tag whose length cannot be true ends the walk. Tags that are too short
 * for what they should hold, and unknown ones, are passed over. A pure function over bytes.
 *
 * Returns 0, or -1 when there is not even a structure; `boot` keeps what it had then.
 * Source: Multiboot2 Specification 2.0, "Boot information format".
 */
int multiboot2_read(const void *information, size_t limit, struct boot_info *boot);

#endif

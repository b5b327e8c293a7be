/* SPDX-License-Identifier: MIT */
/*
 * Reads the information that a PVH loader (QEMU's -kernel, Firecracker, Cloud Hypervisor) hands
 * over.
 */
#ifndef BOOT_PVH_H
#define BOOT_PVH_H

#include "boot/boot_info.h"

/* Reads the start information. Returns 0, or -1 with `boot` unchanged if this is not one. */
int pvh_read(const void *start_info, struct boot_info *boot);

#endif

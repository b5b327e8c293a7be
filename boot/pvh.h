/* SPDX-License-Identifier: MIT */
/*
 * What a PVH loader (QEMU's -kernel, Firecracker, Cloud Hypervisor) hands over.
 */
#ifndef BOOT_PVH_H
#define BOOT_PVH_H

#include "boot/boot_info.h"

/* Reads the start information. Returns 0, or -1 when it is none; `boot` keeps what it had then. */
int pvh_read(const void *start_info, struct boot_info *boot);

#endif

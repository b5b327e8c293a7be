/* SPDX-License-Identifier: MIT */
/*
 * The header that file system drivers include, and many others out of habit. Here it equals
 * ntddk.h: there are no file systems.
 */
#ifndef MUSTER_NTIFS_H
#define MUSTER_NTIFS_H

#include "ntddk.h"

#endif /* MUSTER_NTIFS_H */

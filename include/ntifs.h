/* SPDX-License-Identifier: MIT */
/*
 * What file system drivers include, and many others out of habit. It is ntddk.h here: there are
 * no file systems.
 */
#ifndef MUSTER_NTIFS_H
#define MUSTER_NTIFS_H

#include "ntddk.h"

#endif /* MUSTER_NTIFS_H */

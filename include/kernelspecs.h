/* SPDX-License-Identifier: MIT */
/*
 * Annotations of kernel-mode code. The IRQL levels are in wdm.h, where code analysis expects them;
 * the annotations that use them are in driverspecs.h.
 */
#ifndef MUSTER_KERNELSPECS_H
#define MUSTER_KERNELSPECS_H

#include "driverspecs.h"

#endif /* MUSTER_KERNELSPECS_H */

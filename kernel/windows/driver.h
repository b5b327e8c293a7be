/* SPDX-License-Identifier: MIT */
/*
 * The driver that is linked into the image: its DriverEntry, the measurements of its calls, its
 * status.
 */
#ifndef KERNEL_WINDOWS_DRIVER_H
#define KERNEL_WINDOWS_DRIVER_H

#include <stdbool.h>

/*
 * Runs the driver and prints the `call` and `driver` lines. IRQL: PASSIVE. True when all went well.
 */
bool driver_run(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Runs the driver that is linked into the image, and prints its calls' measurements and its status.
 */
#ifndef KERNEL_WINDOWS_DRIVER_H
#define KERNEL_WINDOWS_DRIVER_H

#include <stdbool.h>

/*
 * Runs the driver and prints the `call` and `driver` lines. True if all went well. IRQL: PASSIVE.
 */
bool driver_run(void);

#endif

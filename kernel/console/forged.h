/* SPDX-License-Identifier: MIT */
/*
 * Lines of a driver that look like the kernel's verdict. The launcher ends the machine when it
 * reads a verdict, so only the kernel may print one.
 */
#ifndef KERNEL_CONSOLE_FORGED_H
#define KERNEL_CONSOLE_FORGED_H

#include <stddef.h>

/*
 * Turns "verdict ..." into "Verdict ..."; leaves any other text as it is. `length` counts bytes.
 * IRQL: any.
 */
void forged_disarm(char *text, size_t length);

#endif

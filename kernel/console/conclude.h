/* SPDX-License-Identifier: MIT */
/*
 * The verdict on the screen, if there is one.
 */
#ifndef KERNEL_CONSOLE_CONCLUDE_H
#define KERNEL_CONSOLE_CONCLUDE_H

enum conclusion { CONCLUDE_GOOD, CONCLUDE_BAD };

/*
 * Shows `title` in large letters, green or red, with the version and the number of processors.
 * Call it after the last line, when no other processor prints. IRQL: any.
 */
void conclude(const char *title, enum conclusion conclusion);

#endif

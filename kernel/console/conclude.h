/* SPDX-License-Identifier: MIT */
/*
 * The verdict on a screen, where there is one.
 */
#ifndef KERNEL_CONSOLE_CONCLUDE_H
#define KERNEL_CONSOLE_CONCLUDE_H

enum conclusion { CONCLUDE_GOOD, CONCLUDE_BAD };

/*
 * Shows `title` in large letters, green or red, with the build and the number of processors. After
 * the last line, no other processor printing. IRQL: any.
 */
void conclude(const char *title, enum conclusion conclusion);

#endif

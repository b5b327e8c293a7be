/* SPDX-License-Identifier: MIT */
/*
 * The screen as a console, in addition to the serial port. Nothing depends on it: if there is no
 * usable screen, these functions do nothing.
 *
 * IRQL: any. The callers ensure that only one processor at a time calls them, except in a bug
 * check: see screen.c.
 */
#ifndef ARCH_X86_64_SCREEN_H
#define ARCH_X86_64_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "boot/boot_info.h"

/*
 * Maps the screen, clears it and shows the text written so far. If the screen cannot be used, the
 * log says why. Called once, after paging_start().
 */
void screen_start(const struct boot_screen *screen);

void screen_write(const char *text, size_t length);

/* Shows the last lines, and below them a green or red band with the title in large letters. */
void screen_conclude(const char *title, const char *details, bool good);

#endif

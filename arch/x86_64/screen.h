/* SPDX-License-Identifier: MIT */
/*
 * The screen as a console, beside the serial port. Nothing depends on it: where there is none, or
 * none that can be used, these do nothing.
 *
 * IRQL: any. The callers see to it that only one processor is in here, save in a bug check: see
 * screen.c.
 */
#ifndef ARCH_X86_64_SCREEN_H
#define ARCH_X86_64_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "boot/boot_info.h"

/*
 * Maps the screen, clears it and shows what was written so far. One that cannot be used is named in
 * the log, with the reason. After paging_start(), once.
 */
void screen_start(const struct boot_screen *screen);

void screen_write(const char *text, size_t length);

/* Shows the last lines, and below them a green or red band with the title in large letters. */
void screen_conclude(const char *title, const char *details, bool good);

#endif

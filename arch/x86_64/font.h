/* SPDX-License-Identifier: MIT */
/*
 * The screen's font: printable ASCII and one glyph for everything else, drawn for this kernel.
 */
#ifndef ARCH_X86_64_FONT_H
#define ARCH_X86_64_FONT_H

#include <stdint.h>

#define FONT_WIDTH       8 /* pixels, the gap to the next character included */
#define FONT_HEIGHT      16
#define FONT_REPLACEMENT 0x7f /* the glyph for characters that the font lacks */

/* The pixels of line `line` (0 at the top) of a glyph, the leftmost in bit 7. */
uint8_t font_line(unsigned char character, unsigned line);

#endif

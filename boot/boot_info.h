/* SPDX-License-Identifier: MIT */
/*
 * The information that a loader hands over, whichever loader it is. Everything is copied: nothing
 * points into the loader's memory.
 */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include <stddef.h>
#include <stdint.h>

#define BOOT_RANGE_LIMIT       512
#define BOOT_COMMAND_LINE_SIZE 4096
#define BOOT_RSDP_SIZE         64 /* a later revision may be longer than today's 36 bytes */

/* A range of physical memory; the end is exclusive. */
struct boot_range {
    uint64_t begin_phys;
    uint64_t end_phys;
};

struct boot_ranges {
    unsigned count;
    unsigned dropped; /* ranges that did not fit */
    struct boot_range list[BOOT_RANGE_LIMIT];
};

/* The position of a colour's bits in a pixel. */
struct boot_colour {
    uint8_t position; /* of the lowest bit */
    uint8_t size;     /* in bits */
};

enum boot_screen_kind {
    BOOT_SCREEN_NONE,
    BOOT_SCREEN_TEXT,   /* EGA text: two bytes per character, the code and its colours */
    BOOT_SCREEN_PIXELS, /* a linear framebuffer */
};

/* The screen as the loader left it. */
struct boot_screen {
    enum boot_screen_kind kind;
    uint64_t phys;
    uint32_t pitch;  /* bytes from one line (of pixels or characters) to the next */
    uint32_t width;  /* in pixels or characters */
    uint32_t height; /* likewise */
    uint8_t bits_per_pixel;
    struct boot_colour red, green, blue;
};

struct boot_info {
    char command_line[BOOT_COMMAND_LINE_SIZE]; /* always ends with a NUL */
    uint64_t rsdp_phys;                        /* 0: not given, must be searched for */
    struct boot_ranges usable;
    struct boot_ranges
        kept; /* ranges that the loader calls anything else, and modules: must not be touched */
    struct boot_screen screen;
    uint8_t rsdp_copy[BOOT_RSDP_SIZE]; /* if the loader hands over the RSDP itself */
    uint32_t rsdp_copy_size;           /* in bytes; 0: there is no copy */
};

/*
 * Reads the loader's information: `magic` is EAX at the entry, `information_phys` is EBX. Returns
 * 0, or -1 if its kind is unknown; `boot` is then empty but valid.
 */
int boot_info_read(uint32_t magic, uint32_t information_phys, struct boot_info *boot);

/*
 * For the readers of each protocol. The first adds a range, which may wrap around or not fit; the
 * second copies at most `limit` bytes.
 */
void boot_info_add_range(struct boot_ranges *ranges, uint64_t begin_phys, uint64_t size);
void boot_info_set_command_line(struct boot_info *boot, const char *text, size_t limit);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What a loader hands over, whichever it was. Everything is copied: nothing points into loader
 * memory.
 */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include <stddef.h>
#include <stdint.h>

#define BOOT_RANGE_LIMIT       512
#define BOOT_COMMAND_LINE_SIZE 4096
#define BOOT_RSDP_SIZE         64 /* a later revision may be longer than the 36 bytes of today's */

/* A piece of physical memory, begin included, end excluded. */
struct boot_range {
    uint64_t begin_phys;
    uint64_t end_phys;
};

struct boot_ranges {
    unsigned count;
    unsigned dropped; /* that did not fit */
    struct boot_range list[BOOT_RANGE_LIMIT];
};

/* Where a colour's bits stand in a pixel. */
struct boot_colour {
    uint8_t position; /* of the lowest bit */
    uint8_t size;     /* in bits */
};

enum boot_screen_kind {
    BOOT_SCREEN_NONE,
    BOOT_SCREEN_TEXT,   /* EGA text: two bytes a character, the code and its colours */
    BOOT_SCREEN_PIXELS, /* a linear framebuffer */
};

/* The screen as the loader left it. */
struct boot_screen {
    enum boot_screen_kind kind;
    uint64_t phys;
    uint32_t pitch;  /* bytes from one line to the next: pixels' or characters' */
    uint32_t width;  /* in pixels or characters */
    uint32_t height; /* likewise */
    uint8_t bits_per_pixel;
    struct boot_colour red, green, blue;
};

struct boot_info {
    char command_line[BOOT_COMMAND_LINE_SIZE]; /* always ends with a NUL */
    uint64_t rsdp_phys;                        /* 0: not given, to be searched for */
    struct boot_ranges usable;
    struct boot_ranges
        kept; /* what the loader calls something else, and modules: not to be touched */
    struct boot_screen screen;
    uint8_t rsdp_copy[BOOT_RSDP_SIZE]; /* where the loader hands over the RSDP itself */
    uint32_t rsdp_copy_size;           /* in bytes; 0: it does not */
};

/*
 * Reads what the loader left: `magic` is what EAX held at the entry, `information_phys` what EBX
 * held. Returns 0, or -1 when it is nothing that is known; `boot` is then empty but valid.
 */
int boot_info_read(uint32_t magic, uint32_t information_phys, struct boot_info *boot);

/*
 * For those who read it: adds a piece that may wrap around or not fit; copies at most `limit`
 * bytes.
 */
void boot_info_add_range(struct boot_ranges *ranges, uint64_t begin_phys, uint64_t size);
void boot_info_set_command_line(struct boot_info *boot, const char *text, size_t limit);

#endif

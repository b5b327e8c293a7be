/* SPDX-License-Identifier: MIT */
/*
 * A walk over the tags of the information structure. A reader is called only for a tag of
 * at least its minimum length, so it needs no checks of its own. The rules are in multiboot2.h.
 */
#include "boot/multiboot2.h"

#include <stdbool.h>

#include "lib/string.h"

/*
 * Multiboot2 Specification 2.0, "Boot information": tag types, and offsets in bytes into each tag.
 */
enum multiboot2_tag {
    TAG_END = 0,
    TAG_COMMAND_LINE = 1,
    TAG_MODULE = 3,
    TAG_MEMORY_MAP = 6,
    TAG_FRAMEBUFFER = 8,
    TAG_RSDP_OLD = 14,
    TAG_RSDP_NEW = 15,
};

enum multiboot2_layout {
    INFORMATION_HEADER = 8, /* total size, reserved */
    TAG_HEADER = 8,         /* type, size without the padding to 8 bytes */
    MAP_ENTRY_SIZE = 8,
    MAP_ENTRIES = 16,
    MAP_ENTRY_LEAST = 20, /* base, length, type */
    MAP_USABLE = 1,
    FRAMEBUFFER_PHYS = 8,
    FRAMEBUFFER_PITCH = 16,
    FRAMEBUFFER_WIDTH = 20,
    FRAMEBUFFER_HEIGHT = 24,
    FRAMEBUFFER_BITS = 28,
    FRAMEBUFFER_TYPE = 29,
    FRAMEBUFFER_TYPE_RGB = 1,
    FRAMEBUFFER_TYPE_TEXT = 2,
    FRAMEBUFFER_COLOURS = 32, /* position and size of red, green, blue */
    FRAMEBUFFER_LEAST_TEXT = 31,
    FRAMEBUFFER_LEAST_RGB = 38,
};

static uint32_t read_u32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

static uint64_t read_u64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

static void read_command_line(const uint8_t *tag, uint32_t size, struct boot_info *boot)
{
    boot_info_set_command_line(boot, (const char *)tag + TAG_HEADER, size - TAG_HEADER);
}

static void read_module(const uint8_t *tag, uint32_t size, struct boot_info *boot)
{
    (void)size;
    uint64_t begin_phys = read_u32(tag + 8), end_phys = read_u32(tag + 12);
    if (begin_phys < end_phys) {
        boot_info_add_range(&boot->kept, begin_phys, end_phys - begin_phys);
    }
}

static void read_memory_map(const uint8_t *tag, uint32_t size, struct boot_info *boot)
{
    uint32_t entry_size = read_u32(tag + MAP_ENTRY_SIZE);

    if (entry_size < MAP_ENTRY_LEAST) {
        return;
    }
    for (uint32_t at = MAP_ENTRIES; size - at >= entry_size; at += entry_size) {
        uint32_t type = read_u32(tag + at + 16);
        boot_info_add_range(type == MAP_USABLE ? &boot->usable : &boot->kept, read_u64(tag + at),
                            read_u64(tag + at + 8));
    }
}

static struct boot_colour read_colour(const uint8_t *bytes)
{
    return (struct boot_colour){ .position = bytes[0], .size = bytes[1] };
}

static void read_framebuffer(const uint8_t *tag, uint32_t size, struct boot_info *boot)
{
    struct boot_screen screen = {
        .phys = read_u64(tag + FRAMEBUFFER_PHYS),
        .pitch = read_u32(tag + FRAMEBUFFER_PITCH),
        .width = read_u32(tag + FRAMEBUFFER_WIDTH),
        .height = read_u32(tag + FRAMEBUFFER_HEIGHT),
        .bits_per_pixel = tag[FRAMEBUFFER_BITS],
    };

    if (tag[FRAMEBUFFER_TYPE] == FRAMEBUFFER_TYPE_TEXT) {
        screen.kind = BOOT_SCREEN_TEXT;
    } else if (tag[FRAMEBUFFER_TYPE] == FRAMEBUFFER_TYPE_RGB && size >= FRAMEBUFFER_LEAST_RGB) {
        screen.kind = BOOT_SCREEN_PIXELS;
        screen.red = read_colour(tag + FRAMEBUFFER_COLOURS);
        screen.green = read_colour(tag + FRAMEBUFFER_COLOURS + 2);
        screen.blue = read_colour(tag + FRAMEBUFFER_COLOURS + 4);
    }
    boot->screen = screen;
}

/* Both kinds may be present. The new one has more information, so it wins in either order. */
static void read_rsdp(const uint8_t *tag, uint32_t size, struct boot_info *boot)
{
    bool is_new = read_u32(tag) == TAG_RSDP_NEW;
    uint32_t length = size - TAG_HEADER;

    if (length <= sizeof(boot->rsdp_copy) && (is_new || boot->rsdp_copy_size == 0)) {
        memcpy(boot->rsdp_copy, tag + TAG_HEADER, length);
        boot->rsdp_copy_size = length;
    }
}

static const struct {
    uint32_t type;
    uint32_t least; /* bytes that the reader needs */
    void (*read)(const uint8_t *tag, uint32_t size, struct boot_info *boot);
} readers[] = {
    { TAG_COMMAND_LINE, TAG_HEADER, read_command_line },
    { TAG_MODULE, 16, read_module },
    { TAG_MEMORY_MAP, MAP_ENTRIES, read_memory_map },
    { TAG_FRAMEBUFFER, FRAMEBUFFER_LEAST_TEXT, read_framebuffer },
    { TAG_RSDP_OLD, TAG_HEADER + 20, read_rsdp },
    { TAG_RSDP_NEW, TAG_HEADER + 36, read_rsdp },
};

static void read_tag(const uint8_t *tag, uint32_t size, struct boot_info *boot)
{
    uint32_t type = read_u32(tag);
    for (unsigned i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        if (readers[i].type == type && size >= readers[i].least) {
            readers[i].read(tag, size, boot);
        }
    }
}

int multiboot2_read(const void *information, size_t limit, struct boot_info *boot)
{
    const uint8_t *bytes = information;

    if (limit < INFORMATION_HEADER || read_u32(bytes) < INFORMATION_HEADER) {
        return -1;
    }
    size_t total = read_u32(bytes) < limit ? read_u32(bytes) : limit;
    size_t at = INFORMATION_HEADER;
    while (at <= total && total - at >= TAG_HEADER) {
        uint32_t size = read_u32(bytes + at + 4);
        if (size < TAG_HEADER || size > total - at || read_u32(bytes + at) == TAG_END) {
            break;
        }
        read_tag(bytes + at, size, boot);
        at += ((size_t)size + 7) & ~(size_t)7;
    }
    return 0;
}

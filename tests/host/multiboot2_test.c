/* SPDX-License-Identifier: MIT */
/*
 * The Multiboot2 reader on hand-made information structures: good, truncated and wrong ones. Each
 * structure is at the end of a block from malloc(), so that the address sanitizer detects a read
 * beyond it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot/multiboot2.h"

struct builder {
    uint8_t bytes[4096];
    size_t size;
};

static struct boot_info boot;

static void put(struct builder *to, uint64_t value, size_t size)
{
    memcpy(to->bytes + to->size, &value, size);
    to->size += size;
}

static void begin(struct builder *to)
{
    memset(to, 0, sizeof(*to));
    to->size = 8;
}

/* A tag's header; put() adds its content. */
static void tag(struct builder *to, uint32_t type, uint32_t size)
{
    to->size = (to->size + 7) & ~(size_t)7;
    put(to, type, 4);
    put(to, size, 4);
}

static int read_limited(struct builder *from, size_t limit)
{
    uint8_t *copy = malloc(limit);
    memcpy(copy, from->bytes, limit);
    memset(&boot, 0, sizeof(boot));
    int status = multiboot2_read(copy, limit, &boot);
    free(copy);
    return status;
}

static int finish_and_read(struct builder *from)
{
    uint32_t total;
    tag(from, 0, 8);
    total = (uint32_t)from->size;
    memcpy(from->bytes, &total, 4);
    return read_limited(from, from->size);
}

static void put_map_entry(struct builder *to, uint64_t base, uint64_t length, uint32_t type)
{
    put(to, base, 8);
    put(to, length, 8);
    put(to, type, 4);
    put(to, 0, 4);
}

static void put_framebuffer(struct builder *to, uint8_t type)
{
    tag(to, 8, type == 1 ? 38 : 32);
    put(to, 0x1280000000, 8);
    put(to, 4352, 4);
    put(to, 1080, 4);
    put(to, 1920, 4);
    put(to, 32, 1);
    put(to, type, 1);
    put(to, 0, 2);
    if (type == 1) {
        put(to, 0x080008080810, 6); /* red at 16, green at 8, blue at 0; 8 bits each */
    }
}

static void test_command_line(void **state)
{
    struct builder b;
    (void)state;
    begin(&b);
    tag(&b, 1, 8 + 10);
    memcpy(b.bytes + b.size, "test=suite", 10); /* no NUL: the end of the tag ends it */
    b.size += 10;
    assert_int_equal(finish_and_read(&b), 0);
    assert_string_equal(boot.command_line, "test=suite");
}

static void test_command_line_too_long(void **state)
{
    static struct {
        uint32_t total, reserved, type, size;
        char text[6000];
    } long_one = { .total = sizeof(long_one), .type = 1, .size = sizeof(long_one) - 8 };
    (void)state;
    memset(long_one.text, 'x', sizeof(long_one.text));
    memset(&boot, 0, sizeof(boot));
    assert_int_equal(multiboot2_read(&long_one, sizeof(long_one), &boot), 0);
    assert_int_equal(strlen(boot.command_line), BOOT_COMMAND_LINE_SIZE - 1);
}

static void test_memory_map(void **state)
{
    struct builder b;
    (void)state;
    begin(&b);
    tag(&b, 6, 16 + 3 * 24);
    put(&b, 24, 4);
    put(&b, 0, 4);
    put_map_entry(&b, 0x100000, 0x7f00000, 1);
    put_map_entry(&b, 0xf0000, 0x10000, 2);
    put_map_entry(&b, 0xfffffffffffff000, 0x2000, 3); /* wraps around */
    assert_int_equal(finish_and_read(&b), 0);
    assert_int_equal(boot.usable.count, 1);
    assert_int_equal(boot.usable.list[0].begin_phys, 0x100000);
    assert_int_equal(boot.usable.list[0].end_phys, 0x8000000);
    assert_int_equal(boot.kept.count, 2);
    assert_true(boot.kept.list[1].end_phys == UINT64_MAX);
}

static void test_memory_map_entry_sizes(void **state)
{
    static const struct {
        uint32_t entry_size;
        unsigned count;
    } cases[] = { { 0, 0 }, { 8, 0 }, { 19, 0 }, { 32, 1 }, { 48, 1 }, { 0xffffffff, 0 } };
    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct builder b;
        begin(&b);
        tag(&b, 6, 16 + 48);
        put(&b, cases[i].entry_size, 4);
        put(&b, 0, 4);
        put_map_entry(&b, 0x100000, 0x100000, 1);
        put(&b, 0, 8); /* a later version may add fields */
        b.size += 16;
        assert_int_equal(finish_and_read(&b), 0);
        assert_true(boot.usable.count >= cases[i].count);
        if (cases[i].count != 0) {
            assert_int_equal(boot.usable.list[0].end_phys, 0x200000);
        } else {
            assert_int_equal(boot.usable.count + boot.kept.count, 0);
        }
    }
}

static void test_more_ranges_than_fit(void **state)
{
    static struct {
        uint32_t total, reserved, type, size, entry_size, version;
        struct {
            uint64_t base, length;
            uint32_t type, reserved;
        } entries[BOOT_RANGE_LIMIT + 3];
    } map = { .total = sizeof(map), .type = 6, .size = sizeof(map) - 8, .entry_size = 24 };
    (void)state;
    for (unsigned i = 0; i < BOOT_RANGE_LIMIT + 3; i++) {
        map.entries[i].type = 1;
    }
    memset(&boot, 0, sizeof(boot));
    assert_int_equal(multiboot2_read(&map, sizeof(map), &boot), 0);
    assert_int_equal(boot.usable.count, BOOT_RANGE_LIMIT);
    assert_int_equal(boot.usable.dropped, 3);
}

static void test_module_is_kept(void **state)
{
    struct builder b;
    (void)state;
    begin(&b);
    tag(&b, 3, 17);
    put(&b, 0x800000, 4);
    put(&b, 0x900000, 4);
    put(&b, 0, 1);
    tag(&b, 3, 17);
    put(&b, 0x900000, 4); /* ends before it begins */
    put(&b, 0x800000, 4);
    put(&b, 0, 1);
    tag(&b, 3, 17);
    put(&b, 0xa00000, 4); /* empty: it must not split the memory around it */
    put(&b, 0xa00000, 4);
    put(&b, 0, 1);
    assert_int_equal(finish_and_read(&b), 0);
    assert_int_equal(boot.kept.count, 1);
    assert_int_equal(boot.kept.list[0].begin_phys, 0x800000);
    assert_int_equal(boot.kept.list[0].end_phys, 0x900000);
}

static void test_framebuffer(void **state)
{
    struct builder b;
    (void)state;
    begin(&b);
    put_framebuffer(&b, 1);
    assert_int_equal(finish_and_read(&b), 0);
    assert_int_equal(boot.screen.kind, BOOT_SCREEN_PIXELS);
    assert_true(boot.screen.phys == 0x1280000000);
    assert_int_equal(boot.screen.pitch, 4352);
    assert_int_equal(boot.screen.width, 1080);
    assert_int_equal(boot.screen.height, 1920);
    assert_int_equal(boot.screen.bits_per_pixel, 32);
    assert_int_equal(boot.screen.red.position, 16);
    assert_int_equal(boot.screen.green.position, 8);
    assert_int_equal(boot.screen.blue.position, 0);
    assert_int_equal(boot.screen.red.size, 8);
}

static void test_text_screen_and_unknown_kinds(void **state)
{
    struct builder b;
    (void)state;
    begin(&b);
    put_framebuffer(&b, 2);
    assert_int_equal(finish_and_read(&b), 0);
    assert_int_equal(boot.screen.kind, BOOT_SCREEN_TEXT);
    begin(&b);
    put_framebuffer(&b, 0); /* a palette: not used */
    assert_int_equal(finish_and_read(&b), 0);
    assert_int_equal(boot.screen.kind, BOOT_SCREEN_NONE);
}

/* A framebuffer of pixels without their colours is not used. */
static void test_framebuffer_cut_short(void **state)
{
    (void)state;
    for (uint32_t size = 8; size < 38; size++) {
        struct builder b;
        begin(&b);
        put_framebuffer(&b, 1);
        memcpy(b.bytes + 8 + 4, &size, 4);
        b.size = 8 + size;
        memset(b.bytes + b.size, 0, 8);
        assert_int_equal(finish_and_read(&b), 0);
        assert_int_equal(boot.screen.kind, BOOT_SCREEN_NONE);
    }
}

static void put_rsdp(struct builder *to, uint32_t type, uint32_t size, char mark)
{
    tag(to, type, 8 + size);
    memset(to->bytes + to->size, mark, size);
    to->size += size;
}

static void test_the_new_rsdp_wins(void **state)
{
    (void)state;
    for (unsigned new_first = 0; new_first < 2; new_first++) {
        struct builder b;
        begin(&b);
        put_rsdp(&b, new_first ? 15 : 14, new_first ? 36 : 20, new_first ? 'n' : 'o');
        put_rsdp(&b, new_first ? 14 : 15, new_first ? 20 : 36, new_first ? 'o' : 'n');
        assert_int_equal(finish_and_read(&b), 0);
        assert_int_equal(boot.rsdp_copy_size, 36);
        assert_int_equal(boot.rsdp_copy[35], 'n');
    }
}

static void test_rsdp_of_wrong_size(void **state)
{
    static const uint32_t sizes[] = { 0, 19, BOOT_RSDP_SIZE + 1 };
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct builder b;
        begin(&b);
        put_rsdp(&b, 14, sizes[i], 'o');
        assert_int_equal(finish_and_read(&b), 0);
        assert_int_equal(boot.rsdp_copy_size, 0);
    }
}

static void test_lengths_that_lie(void **state)
{
    static const uint32_t sizes[] = { 0, 1, 7, 4000, 0xfffffff8, 0xffffffff };
    (void)state;
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct builder b;
        begin(&b);
        tag(&b, 77, sizes[i]);
        tag(&b, 1, 10);
        put(&b, 'x', 2);
        assert_int_equal(finish_and_read(&b), 0);
        assert_string_equal(boot.command_line, ""); /* the walk ended */
    }
}

static void test_no_structure(void **state)
{
    struct builder b;
    (void)state;
    begin(&b);
    assert_int_equal(read_limited(&b, 4), -1);
    assert_int_equal(read_limited(&b, 8), -1); /* total size 0 */
    put(&b, 0, 8);
    b.bytes[0] = 7;
    assert_int_equal(read_limited(&b, 16), -1);
}

/* A structure with everything in it, truncated at every point: no byte beyond is read. */
static void test_every_cut(void **state)
{
    struct builder b;
    uint32_t total = 4096;
    (void)state;
    begin(&b);
    tag(&b, 1, 12);
    put(&b, 0x00323131, 4);
    tag(&b, 3, 17);
    put(&b, 0x0090000000800000, 8);
    put(&b, 0, 1);
    tag(&b, 6, 16 + 24);
    put(&b, 24, 8);
    put_map_entry(&b, 0x100000, 0x100000, 1);
    put_framebuffer(&b, 1);
    put_rsdp(&b, 14, 20, 'o');
    put_rsdp(&b, 15, 36, 'n');
    memcpy(b.bytes, &total, 4);
    for (size_t limit = 1; limit <= b.size; limit++) {
        (void)read_limited(&b, limit);
    }
    assert_int_equal(boot.rsdp_copy_size, 36);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_line),
        cmocka_unit_test(test_command_line_too_long),
        cmocka_unit_test(test_memory_map),
        cmocka_unit_test(test_memory_map_entry_sizes),
        cmocka_unit_test(test_more_ranges_than_fit),
        cmocka_unit_test(test_module_is_kept),
        cmocka_unit_test(test_framebuffer),
        cmocka_unit_test(test_text_screen_and_unknown_kinds),
        cmocka_unit_test(test_framebuffer_cut_short),
        cmocka_unit_test(test_the_new_rsdp_wins),
        cmocka_unit_test(test_rsdp_of_wrong_size),
        cmocka_unit_test(test_lengths_that_lie),
        cmocka_unit_test(test_no_structure),
        cmocka_unit_test(test_every_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

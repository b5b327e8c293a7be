/* SPDX-License-Identifier: MIT */
/*
 * Which memory is allocated: the usable ranges of the loader, without the image and the kept
 * ranges. The module chooses only once, so each test is a process of its own.
 *
 * The Makefile puts the image's end at 2 MiB.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "arch/x86_64/memory.h"
#include "kernel/console/log.h"

#define MIB 0x100000ull
#define GIB (1024 * MIB)

static struct boot_info boot;

struct choice {
    uint64_t low_page_phys, begin_phys, end_phys;
};

void log_line(const char *format, ...)
{
    (void)format;
}

static void usable(uint64_t begin_phys, uint64_t end_phys)
{
    boot.usable.list[boot.usable.count++] = (struct boot_range){ begin_phys, end_phys };
}

static void kept(uint64_t begin_phys, uint64_t end_phys)
{
    boot.kept.list[boot.kept.count++] = (struct boot_range){ begin_phys, end_phys };
}

/* Allocates all memory. */
static struct choice take_all(void)
{
    struct choice choice = { 0, 0, 0 };

    memory_start(&boot);
    choice.low_page_phys = memory_low_page_phys();
    for (uint64_t size = 4 * GIB; size >= PAGE_BYTES; size /= 2) {
        uint64_t phys = memory_allocate_phys(size);
        if (phys != 0) {
            assert_true(choice.begin_phys == 0 || phys == choice.end_phys);
            choice.begin_phys = choice.begin_phys == 0 ? phys : choice.begin_phys;
            choice.end_phys = phys + size;
        }
    }
    return choice;
}

static struct choice choose(void)
{
    struct choice choice;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    if (fork() == 0) {
        choice = take_all();
        _exit(write(ends[1], &choice, sizeof(choice)) == sizeof(choice) ? 0 : 1);
    }
    assert_int_equal(read(ends[0], &choice, sizeof(choice)), sizeof(choice));
    close(ends[0]);
    close(ends[1]);
    wait(NULL);
    return choice;
}

static int begin(void **state)
{
    (void)state;
    boot = (struct boot_info){ .usable = { .count = 0 } };
    return 0;
}

static void assert_high(uint64_t begin_phys, uint64_t end_phys)
{
    struct choice choice = choose();
    assert_int_equal(choice.begin_phys, begin_phys);
    assert_int_equal(choice.end_phys, end_phys);
}

static void test_behind_the_image(void **state)
{
    (void)state;
    usable(0, 0x9fc00);
    usable(MIB, 256 * MIB);
    assert_high(2 * MIB, 256 * MIB);
}

static void test_the_largest_below_4_gib(void **state)
{
    (void)state;
    usable(MIB, 64 * MIB);
    usable(128 * MIB, 512 * MIB);
    usable(600 * MIB, 700 * MIB);
    usable(4 * GIB, 64 * GIB);
    assert_high(128 * MIB, 512 * MIB);
}

static void test_the_window_ends_at_4_gib(void **state)
{
    (void)state;
    usable(3 * GIB, 6 * GIB);
    assert_high(3 * GIB, 4 * GIB);
}

static void test_whole_pages_only(void **state)
{
    (void)state;
    usable(16 * MIB + 1, 32 * MIB - 1);
    assert_high(16 * MIB + PAGE_BYTES, 32 * MIB - PAGE_BYTES);
}

static void test_the_larger_piece_beside_what_is_kept(void **state)
{
    (void)state;
    usable(16 * MIB, 64 * MIB);
    kept(24 * MIB, 25 * MIB);
    kept(128 * MIB, 129 * MIB); /* elsewhere */
    kept(60 * MIB, 99 * MIB);   /* across the end */
    assert_high(25 * MIB, 60 * MIB);
    kept(30 * MIB, 58 * MIB);
    assert_high(25 * MIB, 30 * MIB);
    kept(0, 64 * MIB);
    assert_high(0, 0);
}

static void test_trampoline_page(void **state)
{
    static const struct {
        uint64_t begin_phys, end_phys, page_phys;
    } cases[] = {
        { 0, 0x9fc00, 0x9e000 }, { 0, 0xa0000, 0x9e000 },   { 0, 64 * MIB, 0x9e000 },
        { 0, 0x2000, 0x1000 },   { 0, 0x1fff, 0 },          { 0x8800, 0xa000, 0x9000 },
        { 0x9f000, 0xa0000, 0 }, { 0x100000, 64 * MIB, 0 },
    };
    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        boot.usable.count = 0;
        usable(cases[i].begin_phys, cases[i].end_phys);
        assert_int_equal(choose().low_page_phys, cases[i].page_phys);
    }
    boot.usable.count = 0;
    usable(0, 0x9f000);
    kept(0x40000, 0x9f000);
    usable(0, PAGE_BYTES); /* the first page is never used */
    assert_int_equal(choose().low_page_phys, 0x3f000);
}

static void test_what_is_memory(void **state)
{
    (void)state;
    usable(MIB, 256 * MIB);
    memory_start(&boot);
    assert_false(memory_is_usable(MIB - 1));
    assert_true(memory_is_usable(MIB));
    assert_true(memory_is_usable(256 * MIB - 1));
    assert_false(memory_is_usable(256 * MIB));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_behind_the_image, begin),
        cmocka_unit_test_setup(test_the_largest_below_4_gib, begin),
        cmocka_unit_test_setup(test_the_window_ends_at_4_gib, begin),
        cmocka_unit_test_setup(test_whole_pages_only, begin),
        cmocka_unit_test_setup(test_the_larger_piece_beside_what_is_kept, begin),
        cmocka_unit_test_setup(test_trampoline_page, begin),
        cmocka_unit_test_setup(test_what_is_memory, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

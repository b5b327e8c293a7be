/* SPDX-License-Identifier: MIT */
/*
 * TLB flushes concurrent with calls (contract C6): after a flush no processor uses the old page any
 * more, so the page may be reused. The address sanitizer catches a use that comes later all the
 * same, ThreadSanitizer one that is not ordered before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel/processors/tlb.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/rendezvous.h"
#include "tests/threads/check.h"
#include "tests/threads/pages.h"

#define ROUNDS 64

/* Each processor owns the page of its index and writes the index there. */
static unsigned *frames[MACHINE_PROCESSORS];

static void give_new_frame(unsigned page)
{
    frames[page] = malloc(sizeof(*frames[page]));
    check(frames[page] != NULL);
    *frames[page] = page;
    pages_map(page, frames[page]);
}

static void replace_frame(unsigned page)
{
    unsigned *old = frames[page];

    give_new_frame(page);
    tlb_flush((uintptr_t)page * PAGE_BYTES, 1);
    *old = ~0u;
    free(old);
}

static void load_all_pages(void)
{
    for (unsigned page = 0; page < processor_count; page++) {
        check(pages_load(page) == page);
    }
}

static void load_replace_and_call(unsigned index)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        load_all_pages();
        if ((i + index) % 2 == 0) {
            replace_frame(index);
        } else {
            check_call(rendezvous_run_everywhere);
        }
    }
}

static unsigned calls_of_all(unsigned processors)
{
    return processors * ROUNDS;
}

static void a_flushed_page_may_be_given_away(void **state)
{
    (void)state;
    for (unsigned page = 0; page < PAGES; page++) {
        give_new_frame(page);
    }
    check_on_machines(load_replace_and_call, calls_of_all);
    for (unsigned page = 0; page < PAGES; page++) {
        free(frames[page]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_flushed_page_may_be_given_away) };
    return cmocka_run_group_tests_name("tlb", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * kernel/stop/meaning.c: the sentence for each code, and for each meaning of its parameters.
 * Expected are the numbers of the reference, not the kernel's names of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/console/ksyms.h"
#include "kernel/processors/life.h"
#include "kernel/stop/meaning.h"

#define WORKER 0xffffffff80001000
#define CALLER 0xffffffff80002005 /* a return address */
#define PLACE  0xffffffff80003000

/* ---- what the file needs from other files ---- */

unsigned processor_count = 4;

const char *ksyms_describe(uintptr_t address, char text[KSYMS_TEXT_SIZE])
{
    const char *name = address == WORKER       ? "worker"
                       : address == CALLER - 1 ? "caller+0x4"
                       : address == PLACE      ? "place"
                                               : NULL;

    snprintf(text, KSYMS_TEXT_SIZE, "%s", name != NULL ? name : "");
    if (name == NULL) {
        snprintf(text, KSYMS_TEXT_SIZE, "%#zx", (size_t)address);
    }
    return text;
}

const char *arch_frame_name(const void *machine_frame)
{
    return machine_frame;
}

MUSTER_API enum processor_change processor_online(unsigned index)
{
    (void)index;
    return PROCESSOR_INVALID;
}

MUSTER_API enum processor_change processor_offline(unsigned index)
{
    (void)index;
    return PROCESSOR_INVALID;
}

/* ---- the tests ---- */

static void assert_says(const struct bugcheck *bugcheck, const char *expected)
{
    char text[LOG_LINE_SIZE];

    memset(text, 'x', sizeof(text));
    meaning_describe(bugcheck, PLACE, text, sizeof(text));
    assert_string_equal(text, expected);
}

/* Found by the kernel's own code. */
static void found(uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3, uintptr_t p4,
                  const char *expected)
{
    assert_says(&(struct bugcheck){ .code = code, .parameters = { p1, p2, p3, p4 } }, expected);
}

/* Found by the machine: an exception of this name. */
static void raised(const char *name, uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3,
                   const char *expected)
{
    assert_says(&(struct bugcheck){ .code = code,
                                    .parameters = { p1, p2, p3, PLACE },
                                    .processor = 2,
                                    .machine_frame = name },
                expected);
}

static void the_irql_is_moved_the_wrong_way(void **state)
{
    (void)state;
    found(0x09, 5, 2, 0, CALLER,
          "caller+0x4 asked to raise the IRQL from 5 to 2: KeRaiseIrql and KeAcquireSpinLock "
          "cannot lower it");
    found(0x09, 2, 16, 0, CALLER,
          "caller+0x4 asked to raise the IRQL from 2 to 16: the highest is 15");
    found(0x0a, 2, 5, 0, CALLER,
          "caller+0x4 asked to lower the IRQL from 2 to 5: KeLowerIrql and KeReleaseSpinLock "
          "cannot raise it");
    found(0xc8, 2 << 16 | 14 << 8 | 2, WORKER, 7, 0, "worker returned at IRQL 2 instead of 14");
}

static void calls_that_must_not_be(void **state)
{
    (void)state;
    found(0x0a, WORKER, 14, 0, CALLER,
          "caller+0x4 asked for a call of worker at IRQL 14: it must be below IPI_LEVEL (14), and "
          "not inside a worker");
    found(0x0a, WORKER, 2, 0, CALLER,
          "caller+0x4 asked for a call of worker inside a worker: calls do not nest");
    found(0x0a, 0, 0, 8, CALLER,
          "caller+0x4 called KeIpiGenericCall without a routine: it is NULL");
    found(0x0a, 0x8000000000000000, 0, 8, CALLER,
          "caller+0x4 called KeIpiGenericCall with 0x8000000000000000 as its routine: no code can "
          "be there");
}

static void changes_that_must_not_be(void **state)
{
    (void)state;
    found(0x0a, (uintptr_t)processor_online, 2, 0, CALLER,
          "caller+0x4 called processor_online at IRQL 2: it is allowed at PASSIVE_LEVEL (0) only");
    found(0x0a, (uintptr_t)processor_offline, 0, 0, CALLER,
          "caller+0x4 called processor_offline inside a worker, where it is not allowed");
}

static void accesses(void **state)
{
    static const char *const reads = "place read from 0x700000001000: no memory is mapped there";
    static const char *const writes = "place wrote to 0x700000001000: no memory is mapped there, "
                                      "or it is read-only";
    static const char *const executes = "the processor executed 0x700000001000: no memory is "
                                        "mapped there, or it is not executable";

    (void)state;
    for (uint32_t code = 0x0a; code != 0; code = code == 0x0a ? 0xd1 : 0) {
        raised("page fault", code, 0x700000001000, 14, 0, reads);
        raised("page fault", code, 0x700000001000, 14, 1, writes);
        raised("page fault", code, 0x700000001000, 14, 8, executes);
    }
    raised("page fault", 0x50, 0x700000001000, 0, PLACE, reads);
    raised("page fault", 0x50, 0x700000001000, 2, PLACE, writes);
    raised("page fault", 0x50, 0x700000001000, 0x10, PLACE, executes);
    raised("page fault", 0xd1, 0, 2, 0,
           "place read from address 0 (a null pointer): no memory is mapped there");
    raised("page fault", 0xd1, 0xfff, 2, 0,
           "place read from 0xfff (a null pointer): no memory is mapped there");
    raised("page fault", 0xd1, 0x1000, 2, 0, "place read from 0x1000: no memory is mapped there");
}

static void exceptions(void **state)
{
    (void)state;
    raised("general protection", 0x1e, 0xffffffffc0000005, PLACE, 0,
           "the instruction at place is not allowed: an address that cannot exist, a register "
           "that is absent, or a reserved value");
    raised("invalid opcode", 0x1e, 0xffffffffc000001d, PLACE, 0,
           "the bytes at place are no instruction of this processor");
    raised("breakpoint", 0x1e, 0xffffffff80000003, PLACE, 0,
           "there is a breakpoint at place and no debugger");
    raised("assertion failure", 0x1e, 0xffffffffc0000420, PLACE, 0, "an assertion failed at place");
    raised("divide error", 0x7f, 0, 0, 0,
           "nothing handles exception 0 (divide error), raised at place");
    raised("machine check", 0x9c, 0, 0, 0,
           "the hardware of processor 2 reported an error (machine check)");
    raised("NMI", 0x80, 0, 0, 0, "processor 2 got an NMI that this system did not send");
    raised("fast fail", 0x139, 3, 0, 0,
           "run-time check 3 of the compiler failed at place: the links of a list entry are "
           "damaged");
    raised("fast fail", 0x139, 1, 0, 0, "run-time check 1 of the compiler failed at place");
    raised("fast fail", 0x139, 1000, 0, 0, "run-time check 1000 of the compiler failed at place");
}

static void memory_and_silence(void **state)
{
    (void)state;
    found(0xc2, 0x0a, 0x1230, 0x41414141, CALLER,
          "caller+0x4 freed 0x1230, a block that was allocated with another tag");
    found(0xc2, 0x46, 0x1230, 0x41414141, CALLER,
          "caller+0x4 freed 0x1230, which is no allocated block: it was freed before, was never "
          "allocated, or its header was overwritten");
    found(0x5c, 0, 0, 0, 0, "the machine has too little memory to start");
    found(0x5c, 1, 0, 0, 0, "the loader said nothing about the machine's memory");
    found(0x101, 600, 0, 0x1000, 3,
          "processor 3 kept others waiting, in a call or for a lock, for longer than the deadline "
          "of 600 ms");
    found(0x101, 600, 0, 0, 4,
          "others waited for processor 4, which does not exist, for longer than the deadline of "
          "600 ms: the memory of a lock is damaged");
}

static void a_drivers_own_bug_check_is_not_explained(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x200; code++) {
        assert_says(&(struct bugcheck){ .code = code, .is_request = true },
                    "place called KeBugCheckEx: code and parameters are its own");
    }
    found(0xe2, 1, 2, 3, 4, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_irql_is_moved_the_wrong_way),
        cmocka_unit_test(calls_that_must_not_be),
        cmocka_unit_test(changes_that_must_not_be),
        cmocka_unit_test(accesses),
        cmocka_unit_test(exceptions),
        cmocka_unit_test(memory_and_silence),
        cmocka_unit_test(a_drivers_own_bug_check_is_not_explained),
    };

    return cmocka_run_group_tests_name("meaning", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * What the test programs of this folder share: an assertion that any processor can make, and a
 * routine that meets all its siblings.
 */
#ifndef TESTS_THREADS_CHECK_H
#define TESTS_THREADS_CHECK_H

#include <stdatomic.h>
#include <stdint.h>

#include "kernel/arch.h"
#include "tests/threads/machine.h"

/* A routine for a call has this before its name. */
#define CHECK_ROUTINE static uintptr_t MUSTER_API

#define CHECK_PATIENCE_MS 20000 /* what a crowded host may take; only a failure waits that long */

/*
 * An assertion, usable on any processor and in any routine; the first one that fails, fails the
 * running test. (The library's own assertions are for the main thread.)
 */
#define check(condition) check_that((condition) ? NULL : #condition, __FILE__, __LINE__)
void check_that(const char *wrong, const char *file, int line);

/*
 * One test: runs `program` on 1, 2, 3, 5 and 8 processors, with each way to wait; `calls` gives the
 * number of calls that each run makes in all, and all of them must have run everywhere at
 * IPI_LEVEL.
 */
void check_on_machines(void (*program)(unsigned index), unsigned (*calls)(unsigned processors));

/*
 * One test of calls that may fail, so that the number that run everywhere is unknown: runs
 * `program` on this many processors, with each way to wait; each wait lasts `patience_ms` unless
 * the call specifies otherwise.
 */
void check_on(unsigned processors, uint32_t patience_ms, void (*program)(unsigned index));

/* Waits until `*word` is `value` (relaxed); bounded, since a failure would not end otherwise. */
void check_await(_Atomic unsigned *word, unsigned value);

/* A request on its caller's stack. Plain words, except the one by which the routines meet. */
struct check_request {
    uintptr_t seal;
    unsigned processors;
    _Atomic unsigned inside; /* relaxed: it orders nothing, the rendezvous must */
    unsigned ran[MACHINE_PROCESSORS];
    unsigned finished[MACHINE_PROCESSORS];
};

/* A way to call everybody: rendezvous_run_everywhere(), or a function that leads to it. */
typedef uintptr_t check_entry(arch_worker *worker, uintptr_t argument);

/*
 * Calls from here through `call`, with all processors meeting inside the routine, and checks what
 * contract K says of one call; then makes the request unusable.
 */
void check_call(check_entry *call);

#endif

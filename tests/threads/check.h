/* SPDX-License-Identifier: MIT */
/*
 * What the test programs of this folder share: a claim that any processor can make, and a routine
 * that meets all its siblings.
 */
#ifndef TESTS_THREADS_CHECK_H
#define TESTS_THREADS_CHECK_H

#include <stdatomic.h>
#include <stdint.h>

#include "kernel/arch.h"
#include "tests/threads/machine.h"

/* A routine for a call has this before its name. */
#define CHECK_ROUTINE static uintptr_t MUSTER_API

#define CHECK_PATIENCE_MS \
    20000 /* as long as a crowded host may take; only a failure waits that long */

/*
 * A claim, made on any processor and in any routine; the first that is wrong fails the test that
 * runs. (The library's own assertions are for the main thread.)
 */
#define check(condition) check_that((condition) ? NULL : #condition, __FILE__, __LINE__)
void check_that(const char *wrong, const char *file, int line);

/*
 * One test: runs `program` on 1, 2, 3, 5 and 8 processors, with each way to wait; `calls` is how
 * many calls each run makes in all, and all of them must have run everywhere at IPI_LEVEL.
 */
void check_on_machines(void (*program)(unsigned index), unsigned (*calls)(unsigned processors));

/*
 * One test of calls that may fail, so the number of routines that run is not known: runs `program`
 * on `count` processors, with each way to wait; each wait has `patience_ms` unless the call says
 * otherwise.
 */
void check_on(unsigned processors, uint32_t patience_ms, void (*program)(unsigned index));

/* Waits until `*word` is `value` (relaxed); bounded, since a failure would not end otherwise. */
void check_await(_Atomic unsigned *word, unsigned value);

/*
 * A request on its caller's stack. Its words are plain, except the one by which the routines meet.
 */
struct check_request {
    uintptr_t seal;
    unsigned processors;
    _Atomic unsigned inside; /* relaxed: it orders nothing, the rendezvous has to */
    unsigned ran[MACHINE_PROCESSORS];
    unsigned finished[MACHINE_PROCESSORS];
};

/* A way to call everybody: rendezvous_run_everywhere(), or what leads to it. */
typedef uintptr_t check_entry(arch_worker *worker, uintptr_t argument);

/*
 * Calls from here by `call`, everybody meeting everybody inside the routine, and checks what
 * contract K says of one call; then makes the request unusable.
 */
void check_call(check_entry *call);

#endif

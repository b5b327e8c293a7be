/* SPDX-License-Identifier: MIT */
/*
 * Calls: their members, the turn, and what is reported to the caller. The protocol is in
 * rendezvous.c, what a caller may rely on is in include/muster.h, and the rest of a call that is
 * not waited for is in posted.c.
 *
 * The core asks which processor the caller is on, and reads its clock, after it has raised the
 * IRQL, not before: until then a kernel that preempts may move the caller to another processor.
 */
#include "kernel/irql.h"
#include "kernel/rendezvous/clocks.h"
#include "kernel/rendezvous/posted.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/report.h"
#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/turn.h"
#include "kernel/rendezvous/wait.h"
#include "kernel/upcall.h"

#define TIMEOUT_LIMIT_MS 600000

/*
 * A call begins within this many times the patience: the processors that wait for it allow more
 * (wait.h).
 */
#define START_PATIENCE (WAIT_MEMBER_PATIENCE / 2)

/* ---- the request ---- */

static bool is_valid(const struct rendezvous_request *request)
{
    bool any = false;

    for (unsigned i = 0; i < RENDEZVOUS_PHASES; i++) {
        uintptr_t routine = (uintptr_t)request->routines[i];
        if (routine != 0 && !arch_code_address_valid(routine)) {
            return false;
        }
        any |= routine != 0;
    }
    return any && request->timeout_ms <= TIMEOUT_LIMIT_MS &&
           request->release_after_ns <= RENDEZVOUS_RELEASE_LIMIT_NS;
}

/* The routine under which the call is reported. */
static arch_worker *chief_routine(const struct rendezvous_request *request)
{
    rendezvous_routine *const *routines = request->routines;
    return routines[RENDEZVOUS_ACTION] != NULL  ? routines[RENDEZVOUS_ACTION]
           : routines[RENDEZVOUS_SETUP] != NULL ? routines[RENDEZVOUS_SETUP]
                                                : routines[RENDEZVOUS_TEARDOWN];
}

/* 0: the patience decides. */
static uint64_t expires_ticks(const struct rendezvous_request *request)
{
    uint64_t limit_ms = (uint64_t)patience_get_ms() * START_PATIENCE;
    uint64_t timeout_ms = request->timeout_ms < limit_ms ? request->timeout_ms : limit_ms;

    return timeout_ms == 0 ? 0 : arch_ticks() + timeout_ms * arch_ticks_per_ms();
}

/*
 * C4: a snapshot, since we have the turn. False if a target is not online; those are in `offline`.
 */
static bool choose_members(const struct processor_set *targets, struct processor_set *members,
                           struct processor_set *offline)
{
    uint64_t any = 0;

    if (targets == NULL) {
        processor_set_copy(members, &processors_online);
        return true;
    }
    for (unsigned i = 0; i < PROCESSOR_SET_WORDS; i++) {
        members->words[i] = targets->words[i];
        offline->words[i] = targets->words[i] & ~processors_online.words[i];
        any |= offline->words[i];
    }
    return any == 0;
}

/* How many members choose_members() chose. */
static unsigned count_members(const struct rendezvous_request *request,
                              const struct processor_set *members)
{
    return request->targets == NULL ? processors_online_count : processor_set_count(members);
}

/*
 * Do the clocks of all members agree, and that of the caller, which names the moment? `refused`:
 * the processors whose clocks do not.
 */
static bool all_clocks_agree(const struct processor_set *members, struct processor_set *refused)
{
    unsigned self = arch_processor()->index;
    bool all = clocks_agree(self);

    processor_set_clear(refused);
    if (!all) {
        processor_set_add(refused, self);
    }
    processor_set_for_each(processor, members) {
        if (!clocks_agree(processor)) {
            processor_set_add(refused, processor);
            all = false;
        }
    }
    return all;
}

/*
 * The caller has the turn. Returns PENDING, and the members; or the refusal, and the processors
 * that caused it.
 */
static enum rendezvous_status choose(const struct rendezvous_request *request,
                                     struct processor_set *members, struct processor_set *refused)
{
    if (!choose_members(request->targets, members, refused)) {
        return RENDEZVOUS_OFFLINE;
    }
    if (processor_set_is_empty(members)) {
        return RENDEZVOUS_OK;
    }
    bool timed = request->release_after_ns != 0;
    return timed && !all_clocks_agree(members, refused) ? RENDEZVOUS_SKEWED : RENDEZVOUS_PENDING;
}

/* ---- a call that is waited for ---- */

/* Step 1. Returns PENDING, with the turn held, at IPI_LEVEL; or the refusal, without the turn. */
static enum rendezvous_status take_turn(struct processor *self,
                                        const struct rendezvous_request *request, uint64_t expires,
                                        struct processor_set *members,
                                        struct processor_set *refused)
{
    if (!turn_take(self, expires)) {
        return RENDEZVOUS_BUSY;
    }
    if (expires != 0 && arch_ticks() > expires) {
        turn_give(self); /* granted while we were in another processor's call */
        return RENDEZVOUS_BUSY;
    }
    arch_irql_write(IRQL_IPI);
    enum rendezvous_status status = choose(request, members, refused);
    if (status != RENDEZVOUS_PENDING) {
        turn_give(self);
    }
    return status;
}

/*
 * All steps. `missing` is set if the status is about some processors, `returned` if the caller is a
 * target.
 */
static enum rendezvous_status run(const struct rendezvous_request *request,
                                  enum report_silence silence, struct processor_set *missing,
                                  uintptr_t *returned)
{
    struct processor_set members;
    struct rendezvous_result result = { .members = &members,
                                        .missing = missing,
                                        .worker = chief_routine(request) };

    stats_begin(&result);
    unsigned old_irql = irql_raise(IRQL_CLOCK);
    struct processor *self = arch_processor();
    uint64_t expires = expires_ticks(request);

    result.status = take_turn(self, request, expires, &members, missing);
    if (result.status == RENDEZVOUS_PENDING) {
        result.processors = count_members(request, &members);
        result.sent_ticks = arch_ticks();
        uint64_t state = round_begin(self, request, &members, result.sent_ticks);
        rendezvous_lead(self, state, expires, &result);
        report_conclude(&result, self, request->reports, request->report_count, silence);
        *returned = result.returned;
    } else {
        report_refused(request, result.status, missing);
    }
    irql_lower(old_irql);
    arch_serialize();
    return result.status;
}

uintptr_t rendezvous_run_everywhere(arch_worker *worker, uintptr_t argument)
{
    const struct rendezvous_request request = { .routines = { [RENDEZVOUS_ACTION] = worker },
                                                .argument = argument };
    struct processor_set missing;
    uintptr_t returned = 0;

    (void)run(&request, REPORT_STOPS, &missing, &returned);
    return returned;
}

void rendezvous_check_caller(uintptr_t routine, uintptr_t caller)
{
    unsigned irql = arch_irql();

    if (irql >= IRQL_IPI || rendezvous_in_worker()) {
        bugcheck_stop(BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, routine, irql, 0, caller);
    }
}

/* Checks what must hold for every call (B1, a valid request), and clears the reports. */
static bool begins(const struct rendezvous_request *request, uintptr_t caller)
{
    rendezvous_check_caller((uintptr_t)chief_routine(request), caller);
    if (request->report_count > (request->reports == NULL ? 0 : PROCESSOR_LIMIT)) {
        return false;
    }
    for (unsigned i = 0; i < request->report_count; i++) {
        request->reports[i] = (struct rendezvous_report){ .part = RENDEZVOUS_NOT_ASKED };
    }
    return is_valid(request);
}

MUSTER_API enum rendezvous_status rendezvous_call(const struct rendezvous_request *request)
{
    struct processor_set missing;
    uintptr_t returned;

    if (!begins(request, (uintptr_t)__builtin_return_address(0))) {
        return RENDEZVOUS_INVALID;
    }
    unsigned irql = arch_irql();
    enum rendezvous_status status = run(request, REPORT_TELLS, &missing, &returned);
    if (irql <= IRQL_DISPATCH) {
        log_drain(); /* what the routines printed */
    }
    return status;
}

/* ---- a call that is not waited for ---- */

static enum rendezvous_status post(const struct rendezvous_request *request,
                                   struct rendezvous_completion *completion)
{
    struct processor_set members, refused;
    struct rendezvous_result result = { .members = &members, .worker = chief_routine(request) };

    stats_begin(&result);
    unsigned old_irql = irql_raise(IRQL_CLOCK);
    uint64_t expires = expires_ticks(request);

    enum rendezvous_status status =
        take_turn(arch_processor(), request, expires, &members, &refused);
    if (status == RENDEZVOUS_PENDING) {
        result.processors = count_members(request, &members);
        posted_begin(request, &result, expires, completion);
    } else {
        report_refused(request, status, &refused);
    }
    irql_lower(old_irql);
    return status;
}

MUSTER_API enum rendezvous_status rendezvous_begin(const struct rendezvous_request *request,
                                                   struct rendezvous_completion *completion)
{
    enum rendezvous_status status = begins(request, (uintptr_t)__builtin_return_address(0))
                                        ? post(request, completion)
                                        : RENDEZVOUS_INVALID;
    if (status != RENDEZVOUS_PENDING) {
        atomic_store_explicit(&completion->status, status, memory_order_relaxed);
    }
    return status;
}

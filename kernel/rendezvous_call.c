/*
 * Calls: who takes part, the turn, and what the caller is told. The protocol is in rendezvous.c,
 * what a caller may rely on in include/muster.h.
 *
 * A call without waiting belongs to three in succession. Its caller takes the turn, puts aside what
 * a leader needs, and posts the request. From then on the turn belongs to whoever swaps the state
 * (rendezvous.c): a member, which leads; or a processor that asks too late, which withdraws. That
 * one writes the reports, hands the turn on, and sets the completion, as the last touch of anything
 * that the caller owns.
 *
 * What is put aside is plain: the caller wrote it before POSTED (release), the others read it after
 * they have swapped (acquire), and the next caller writes it with the turn in hand.
 */
#include "kernel/bugcheck.h"
#include "kernel/clocks.h"
#include "kernel/inject.h"
#include "kernel/irql.h"
#include "kernel/log.h"
#include "kernel/processor.h"
#include "kernel/rendezvous.h"
#include "kernel/round.h"
#include "kernel/stats.h"
#include "kernel/trace.h"
#include "kernel/turn.h"
#include "kernel/verdict.h"
#include "kernel/wait.h"
#include "kernel/watchdog.h"

#define TIMEOUT_LIMIT_MS 600000

/* A start takes no longer than so many times the patience: who waits for it has more (wait.h). */
#define START_PATIENCE (WAIT_MEMBER_PATIENCE / 2)

/* Of the posted call. */
static struct {
    struct rendezvous_completion *completion;
    arch_worker *worker; /* under which it is measured */
    uint64_t sent_ticks;
    uint64_t expires_ticks; /* 0: by patience */
} posted;

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

/* The routine that stands for the call. */
static arch_worker *chief_routine(const struct rendezvous_request *request)
{
    rendezvous_routine *const *routines = request->routines;
    return routines[RENDEZVOUS_ACTION] != NULL  ? routines[RENDEZVOUS_ACTION]
           : routines[RENDEZVOUS_SETUP] != NULL ? routines[RENDEZVOUS_SETUP]
                                                : routines[RENDEZVOUS_TEARDOWN];
}

/* 0: by patience. */
static uint64_t expires_ticks(const struct rendezvous_request *request)
{
    uint64_t limit_ms = (uint64_t)wait_patience_ms() * START_PATIENCE;
    uint64_t timeout_ms = request->timeout_ms < limit_ms ? request->timeout_ms : limit_ms;

    return timeout_ms == 0 ? 0 : arch_ticks() + timeout_ms * arch_ticks_per_ms();
}

/* C4: a snapshot, as the turn is ours; false, with those in `offline`, if one is not online. */
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

/* Do the clocks of the members and of the caller, by which one is named, show one time? */
static bool share_time(const struct processor_set *members, struct processor_set *refused)
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

/* With the turn in hand: PENDING with the members, or what there is to say, with whom it is of. */
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
    return timed && !share_time(members, refused) ? RENDEZVOUS_SKEWED : RENDEZVOUS_PENDING;
}

/* ---- a call that is waited for ---- */

/* Step 1: PENDING with the turn in hand, at IPI_LEVEL; or what there is to say, without it. */
static enum rendezvous_status take_turn(struct processor *self,
                                        const struct rendezvous_request *request, uint64_t expires,
                                        struct processor_set *members,
                                        struct processor_set *refused)
{
    if (!turn_take(self, expires)) {
        return RENDEZVOUS_BUSY;
    }
    if (expires != 0 && arch_ticks() > expires) {
        turn_give(self); /* granted while we were in another's call */
        return RENDEZVOUS_BUSY;
    }
    arch_irql_write(IRQL_IPI);
    enum rendezvous_status status = choose(request, members, refused);
    if (status != RENDEZVOUS_PENDING) {
        turn_give(self);
    }
    return status;
}

/* What becomes of silence. */
enum silence { SILENCE_IS_TOLD, SILENCE_IS_FATAL };

/*
 * The turn is ours still, and with it what the watchdog knows: no other call comes between that and
 * the bug check. IRQL: IPI_LEVEL for a bug check; else CLOCK_LEVEL or above.
 */
static void tell_silence(const struct rendezvous_result *result, enum silence silence)
{
    if (result->status == RENDEZVOUS_OK) {
        return;
    }
    watchdog_condemn(result->missing, result->generation, result->sent_ticks);
    if (silence == SILENCE_IS_FATAL) {
        bugcheck_timeout(processor_set_next(result->missing, 0)); /* the first is the culprit */
    }
    verdict_print_all();
}

/* All steps. `missing` is set if a status tells of some; `returned` if the caller is a target. */
static enum rendezvous_status run(const struct rendezvous_request *request, enum silence silence,
                                  struct processor_set *missing, uintptr_t *returned)
{
    struct processor *self = arch_processor();
    struct processor_set members;
    struct rendezvous_result result = { .members = &members, .missing = missing };
    uint64_t expires = expires_ticks(request);
    unsigned old_irql = irql_raise(IRQL_CLOCK);

    result.status = take_turn(self, request, expires, &members, missing);
    if (result.status == RENDEZVOUS_PENDING) {
        result.sent_ticks = arch_ticks();
        uint64_t state = round_begin(self, request, &members, result.sent_ticks);
        rendezvous_lead(self, state, expires, &result);
        rendezvous_write_reports(&result, request->reports, request->report_count);
        stats_record(&result, chief_routine(request));
        *returned = self->seat.returned;
        tell_silence(&result, silence);
        turn_give(self);
    } else {
        rendezvous_report_refused(request, result.status, missing);
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

    (void)run(&request, SILENCE_IS_FATAL, &missing, &returned);
    return returned;
}

void rendezvous_check_caller(uintptr_t routine, uintptr_t caller)
{
    unsigned irql = arch_irql();

    if (irql >= IRQL_IPI || rendezvous_in_worker()) {
        bugcheck_stop(BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, routine, irql, 0, caller);
    }
}

/* What must hold of every call: B1, a request that can be, and reports that tell of nobody yet. */
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
    enum rendezvous_status status = run(request, SILENCE_IS_TOLD, &missing, &returned);
    if (irql <= IRQL_DISPATCH) {
        log_drain(); /* what the routines printed */
    }
    return status;
}

/* ---- a call that is not waited for ---- */

static void put_aside(const struct rendezvous_request *request, uint64_t expires,
                      struct rendezvous_completion *completion)
{
    posted.completion = completion;
    posted.worker = chief_routine(request);
    posted.sent_ticks = arch_ticks();
    posted.expires_ticks = expires;
    completion->caller = arch_processor()->index;
    completion->reports = request->reports;
    completion->report_count = request->report_count;
    completion->quarters = expires != 0 ? 0 : wait_quarters - 1;
    completion->expires_ticks = expires != 0 ? expires : posted.sent_ticks + wait_quarter_ticks();
    atomic_store_explicit(&completion->status, RENDEZVOUS_PENDING, memory_order_relaxed);
}

static enum rendezvous_status post(const struct rendezvous_request *request,
                                   struct rendezvous_completion *completion)
{
    struct processor *self = arch_processor();
    struct processor_set members, refused;
    uint64_t expires = expires_ticks(request);
    unsigned old_irql = irql_raise(IRQL_CLOCK);

    enum rendezvous_status status = take_turn(self, request, expires, &members, &refused);
    if (status == RENDEZVOUS_PENDING) {
        put_aside(request, expires, completion);
        round_post(request, &members, posted.sent_ticks, &completion->generation);
    } else {
        rendezvous_report_refused(request, status, &refused);
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

/* Tells what came of it: until then the turn is the call's, and the completion is there. */
static void complete(const struct rendezvous_result *result)
{
    struct rendezvous_completion *completion = posted.completion;

    tell_silence(result, SILENCE_IS_TOLD);
    rendezvous_write_reports(result, completion->reports, completion->report_count);
    stats_record(result, posted.worker);
    turn_give(processors[completion->caller]);
    atomic_store_explicit(&completion->status, result->status, memory_order_release);
}

void rendezvous_lead_posted(struct processor *self, uint64_t state)
{
    struct processor_set members, missing;
    struct rendezvous_result result = { .members = &members,
                                        .missing = &missing,
                                        .sent_ticks = posted.sent_ticks };

    turn_answer_for(self);
    round_read_members(&members);
    rendezvous_lead(self, state, posted.expires_ticks, &result);
    complete(&result);
}

/* Nobody has come: then nobody may. */
static void withdraw(const struct rendezvous_completion *completion)
{
    unsigned old_irql = irql_raise(IRQL_IPI); /* as who leads: from the swap on the turn is ours */

    if (round_withdraw_posted(completion->generation)) {
        struct processor_set members;
        trace_event(arch_processor(), TRACE_WITHDRAWN, arch_ticks(), completion->generation);
        round_read_members(&members);
        complete(&(struct rendezvous_result){ .status = RENDEZVOUS_ABSENT,
                                              .members = &members,
                                              .missing = &members,
                                              .generation = completion->generation,
                                              .sent_ticks = posted.sent_ticks });
    }
    irql_lower(old_irql);
}

static enum rendezvous_status completion_status(const struct rendezvous_completion *completion)
{
    return (enum rendezvous_status)atomic_load_explicit(&completion->status, memory_order_acquire);
}

/*
 * As in a wait (wait.c): a patience has passed when each of its quarters was seen to, and a pause
 * of whoever looks, however long, is one of them.
 */
static bool has_expired(struct rendezvous_completion *completion, uint64_t now_ticks)
{
    if (now_ticks <= completion->expires_ticks || completion->quarters == 0) {
        return now_ticks > completion->expires_ticks;
    }
    completion->quarters--;
    completion->expires_ticks = now_ticks + wait_quarter_ticks();
    return false;
}

/* Sees to what nobody else may: our own part, and the deadline. */
static enum rendezvous_status look_after(struct rendezvous_completion *completion)
{
    uint64_t long_ticks = (uint64_t)wait_patience_ms() * WAIT_MEMBER_PATIENCE * arch_ticks_per_ms();

    if (!arch_interrupts_enabled()) {
        rendezvous_poll(); /* the call may be waiting for us */
    }
    uint64_t now_ticks = arch_ticks();
    if (has_expired(completion, now_ticks)) {
        withdraw(completion);
    }
    enum rendezvous_status status = completion_status(completion);
    bool overdue = now_ticks > completion->expires_ticks + long_ticks;
    return status == RENDEZVOUS_PENDING && overdue ? RENDEZVOUS_STUCK : status;
}

MUSTER_API enum rendezvous_status rendezvous_test(struct rendezvous_completion *completion)
{
    enum rendezvous_status status = completion_status(completion);

    if (status == RENDEZVOUS_PENDING) {
        (void)inject_turn(); /* a turn of the caller's own wait loop */
        status = look_after(completion);
    }
    if (status != RENDEZVOUS_PENDING) {
        arch_serialize(); /* as after a call that was waited for (K8) */
    }
    return status;
}

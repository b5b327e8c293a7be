/* SPDX-License-Identifier: MIT */
/*
 * Calls that are not waited for (X).
 *
 * Such a call changes hands. Its caller takes the turn, puts aside what a leader needs, and posts
 * the request. After that the turn belongs to the processor that swaps the state (rendezvous.c): a
 * member, which leads, or a processor that asks after the deadline, which withdraws the call. That
 * processor writes the reports, hands the turn on, and sets the completion, which is its last
 * access to anything that the caller owns.
 *
 * What is put aside is plain memory: the caller writes it before POSTED (release), the others read
 * it after their swap (acquire), and the next caller writes it with the turn held.
 */
#include "kernel/rendezvous/posted.h"

#include "kernel/entry.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/hooks.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/report.h"
#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/trace.h"
#include "kernel/rendezvous/turn.h"
#include "kernel/rendezvous/wait.h"

/* About the posted call. */
static struct {
    struct rendezvous_completion *completion;
    struct rendezvous_result result; /* as far as the caller knows it */
    struct rendezvous_report *reports;
    unsigned report_count;
    unsigned caller;        /* who took the turn */
    uint64_t expires_ticks; /* 0: the patience decides */
} posted;

static void begin_patience(struct patience *patience, uint64_t now_ticks, uint64_t expires_ticks)
{
    *patience = (struct patience){ 0 };
    if (expires_ticks == 0) {
        patience_begin(patience, now_ticks, patience_ticks());
    } else {
        patience_begin_last_quarter(patience, now_ticks,
                                    expires_ticks > now_ticks ? expires_ticks - now_ticks : 0);
    }
}

/* Puts aside what the leader, and a processor that asks, will need; before POSTED. */
static void put_aside(const struct rendezvous_request *request,
                      const struct rendezvous_result *result, uint64_t expires_ticks,
                      struct rendezvous_completion *completion)
{
    posted.completion = completion;
    posted.result = *result;
    posted.result.sent_ticks = arch_ticks();
    posted.reports = request->reports;
    posted.report_count = request->report_count;
    posted.caller = arch_processor()->index;
    posted.expires_ticks = expires_ticks;
    begin_patience(&completion->patience, posted.result.sent_ticks, expires_ticks);
    atomic_store_explicit(&completion->status, RENDEZVOUS_PENDING, memory_order_relaxed);
}

void posted_begin(const struct rendezvous_request *request, const struct rendezvous_result *result,
                  uint64_t expires_ticks, struct rendezvous_completion *completion)
{
    put_aside(request, result, expires_ticks, completion);
    round_post(request, result->members, posted.result.sent_ticks, &completion->generation);
}

/* Reports the result. Until then the turn is the call's, and the completion still exists. */
static void complete(struct rendezvous_result *result)
{
    struct rendezvous_completion *completion = posted.completion;

    report_conclude(result, processors[posted.caller], posted.reports, posted.report_count,
                    REPORT_TELLS);
    atomic_store_explicit(&completion->status, result->status, memory_order_release);
}

void posted_lead(struct processor *self, uint64_t state)
{
    struct processor_set members, missing;
    struct rendezvous_result result = posted.result;

    turn_answer_for(self);
    round_read_members(&members);
    result.members = &members;
    result.missing = &missing;
    rendezvous_lead(self, state, posted.expires_ticks, &result);
    complete(&result);
}

/* Nobody has arrived, and after this nobody may. */
static void withdraw(const struct rendezvous_completion *completion)
{
    unsigned old_irql = irql_raise(IRQL_IPI); /* as a leader: after the swap the turn is ours */

    if (round_withdraw_posted(completion->generation)) {
        struct processor_set members;
        struct rendezvous_result result = posted.result;

        trace_event(arch_processor(), TRACE_WITHDRAWN, arch_ticks(), completion->generation);
        round_read_members(&members);
        result.status = RENDEZVOUS_ABSENT;
        result.members = result.missing = &members;
        result.generation = completion->generation;
        complete(&result);
    }
    irql_lower(old_irql);
}

static enum rendezvous_status completion_status(const struct rendezvous_completion *completion)
{
    return (enum rendezvous_status)atomic_load_explicit(&completion->status, memory_order_acquire);
}

/* Has the patience been over for long? */
static bool is_long_overdue(const struct patience *patience, uint64_t now_ticks)
{
    return patience_is_over(patience) && patience_ticks_late(patience, now_ticks) >
                                             (int64_t)(patience_ticks() * WAIT_MEMBER_PATIENCE);
}

/* Does what is left to the caller: its own part in the call, and the deadline. */
static enum rendezvous_status look_after(struct rendezvous_completion *completion)
{
    struct patience *patience = &completion->patience;

    if (!arch_interrupts_enabled()) {
        rendezvous_poll(); /* the call may be waiting for us */
    }
    uint64_t now_ticks = arch_ticks();
    (void)patience_look(patience, now_ticks);
    if (patience_is_over(patience)) {
        withdraw(completion);
    }
    enum rendezvous_status status = completion_status(completion);
    return status == RENDEZVOUS_PENDING && is_long_overdue(patience, now_ticks) ? RENDEZVOUS_STUCK
                                                                                : status;
}

MUSTER_API enum rendezvous_status rendezvous_test(struct rendezvous_completion *completion)
{
    enum rendezvous_status status = completion_status(completion);

    if (status == RENDEZVOUS_PENDING) {
        (void)hooks_pass(); /* a pass of the caller's own wait loop */
        status = look_after(completion);
    }
    if (status != RENDEZVOUS_PENDING) {
        arch_serialize(); /* as after a call that was waited for (K8) */
    }
    return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * The verdict names one cause, the one that explains most. It is proved by the processor's answer
 * (evidence.c; in a bug check, by the snapshot from its freezing) and by its seat. A deadline given
 * to rendezvous_call() may be too short for an answer. Then only the seat and the flight recorder
 * are left, and they prove less: they do not show where a doorbell is if it was not taken.
 *
 * The order of the tests. The seat comes before the interrupt controller: a processor inside a call
 * has taken its doorbell, and a doorbell that is pending there has no effect. Outside a call, a
 * doorbell that was taken (in service at the controller, or in the flight recorder) comes before a
 * pending one, which was rung later. The interrupt flag comes before the priority.
 */
#include "kernel/silence/verdict.h"

#include "kernel/console/ksyms.h"
#include "kernel/console/log.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/round.h"
#include "kernel/silence/evidence.h"
#include "kernel/silence/frozen.h"
#include "kernel/silence/silence.h"
#include "lib/printf.h"

#define LIST_SIZE     96
#define VERDICT_LIMIT 16 /* verdicts printed */

enum verdict {
    VERDICT_NOT_ASKED,
    VERDICT_NO_ANSWER,
    VERDICT_IN_WORKER,
    VERDICT_NOT_LET_GO,
    VERDICT_AT_BARRIER,
    VERDICT_PREVIOUS_CALL,
    VERDICT_OUTSIDE,
    VERDICT_IN_SERVICE,
    VERDICT_MASKED,
    VERDICT_PRIORITY,
    VERDICT_PENDING,
    VERDICT_NOT_ARRIVED,
    VERDICT_NEVER_DELIVERED
};

static const struct {
    const char *word; /* for programs */
    const char *text;
} verdicts[] = {
    [VERDICT_NOT_ASKED] = { "not-asked", "did not arrive, and there was no time to ask why" },
    [VERDICT_NO_ANSWER] = { "no-answer", "no answer to NMI (dead)" },
    [VERDICT_IN_WORKER] = { "in-worker", "in the worker" },
    [VERDICT_NOT_LET_GO] = { "not-let-go", "has finished its worker, but has not left the call" },
    [VERDICT_AT_BARRIER] = { "at-barrier", "at a barrier of the call" },
    [VERDICT_PREVIOUS_CALL] = { "previous-call", "in a previous call" },
    [VERDICT_OUTSIDE] = { "outside", "in no call" },
    [VERDICT_IN_SERVICE] = { "in-service", "doorbell in service, EOI missing" },
    [VERDICT_MASKED] = { "masked", "doorbell pending, interrupts off (IF=0)" },
    [VERDICT_PRIORITY] = { "priority", "doorbell pending, held by priority (TPR/PPR)" },
    [VERDICT_PENDING] = { "pending", "doorbell pending, though nothing holds it back" },
    [VERDICT_NOT_ARRIVED] = { "not-arrived", "doorbell taken, but not arrived in time" },
    [VERDICT_NEVER_DELIVERED] = { "never-delivered", "doorbell never delivered" },
};

/* What the verdict is based on; all of it is from one moment. */
struct view {
    const struct arch_snapshot *snapshot; /* NULL: it has not answered */
    enum seat_phase phase;
    uint64_t reached;
    uint64_t until_ticks; /* that moment */
};

/* The processor's answer while others waited; else its snapshot from freezing, and its seat now. */
static struct view look_at(unsigned processor)
{
    const struct evidence *evidence = evidence_of(processor);
    const struct rendezvous_seat *seat = &processors[processor]->seat;

    if (evidence != NULL) {
        return (struct view){ .snapshot = &evidence->snapshot,
                              .phase = evidence->phase,
                              .reached = evidence->reached,
                              .until_ticks = evidence->ticks };
    }
    return (struct view){
        .snapshot = frozen_snapshot(processor),
        .phase = (enum seat_phase)atomic_load_explicit(&seat->phase, memory_order_relaxed),
        .reached = atomic_load_explicit(&seat->reached, memory_order_relaxed),
        .until_ticks = arch_ticks(),
    };
}

/* The processor is in no call. */
static enum verdict judge_outside(unsigned processor, const struct view *view)
{
    const struct arch_snapshot *snapshot = view->snapshot;

    if (!silence.rung) {
        return VERDICT_OUTSIDE;
    }
    if (snapshot != NULL && snapshot->doorbell_in_service) {
        return VERDICT_IN_SERVICE;
    }
    if (evidence_took_doorbell(processor, silence.sent_ticks, view->until_ticks)) {
        return VERDICT_NOT_ARRIVED;
    }
    if (snapshot == NULL) {
        return VERDICT_NOT_ASKED;
    }
    if (!snapshot->doorbell_pending) {
        return VERDICT_NEVER_DELIVERED;
    }
    if (!snapshot->interrupts_enabled) {
        return VERDICT_MASKED;
    }
    bool held = snapshot->irql >= IRQL_IPI || snapshot->masked_priority >= IRQL_IPI;
    return held ? VERDICT_PRIORITY : VERDICT_PENDING;
}

static enum verdict judge(unsigned processor, const struct view *view)
{
    if (view->snapshot == NULL && (evidence_is_overdue(processor) || silence.final)) {
        return VERDICT_NO_ANSWER;
    }
    if (view->phase == SEAT_OUT) {
        return judge_outside(processor, view);
    }
    /* Decided by the mark that the processor left when it arrived. */
    if (round_mark_generation(view->reached) != silence.generation) {
        return VERDICT_PREVIOUS_CALL;
    }
    return view->phase == SEAT_RUNNING   ? VERDICT_IN_WORKER
           : view->phase == SEAT_ARRIVED ? VERDICT_AT_BARRIER
                                         : VERDICT_NOT_LET_GO;
}

/* " 0xe1 0x38" or " none". */
static const char *list_vectors(const uint32_t bits[8], char text[LIST_SIZE])
{
    size_t length = printf_format(text, LIST_SIZE, " none");
    bool any = false;

    for (unsigned vector = 0; vector < 256; vector++) {
        if ((bits[vector / 32] >> vector % 32 & 1) != 0 && (length < LIST_SIZE - 8 || !any)) {
            length = any ? length : 0;
            length += printf_format(text + length, LIST_SIZE - length, " %#x", vector);
            any = true;
        }
    }
    return text;
}

static void print_evidence(const struct arch_snapshot *snapshot)
{
    char pending[LIST_SIZE], in_service[LIST_SIZE];

    log_line("  IRQL %u, IF %u, PPR class %u, ESR %#x, IRR%s, ISR%s", snapshot->irql,
             snapshot->interrupts_enabled, snapshot->masked_priority, snapshot->controller_errors,
             list_vectors(snapshot->pending, pending),
             list_vectors(snapshot->in_service, in_service));
}

static void print_one(unsigned processor)
{
    struct view view = look_at(processor);
    const struct arch_snapshot *snapshot = view.snapshot;
    enum verdict verdict = judge(processor, &view);
    bool inside = verdict == VERDICT_IN_WORKER || verdict == VERDICT_PREVIOUS_CALL;
    arch_worker *worker = inside ? evidence_routine(processor, view.until_ticks) : NULL;
    char name[KSYMS_TEXT_SIZE] = "-", where[KSYMS_TEXT_SIZE] = "-";

    if (worker != NULL) {
        ksyms_describe((uintptr_t)worker, name);
    }
    if (snapshot != NULL) {
        ksyms_describe(snapshot->instruction, where);
    }
    log_line("watchdog processor=%u verdict=%s worker=%s call=%llu at=%s", processor,
             verdicts[verdict].word, name, (unsigned long long)silence.generation, where);
    log_line("  processor %u: %s%s%s%s%s", processor, verdicts[verdict].text,
             worker != NULL ? " " : "", worker != NULL ? name : "", snapshot != NULL ? ", at " : "",
             snapshot != NULL ? where : "");
    if (snapshot != NULL) {
        print_evidence(snapshot);
    }
}

bool verdict_print(unsigned nth)
{
    unsigned rest = 0;

    processor_set_for_each(processor, &silence.missing) {
        if (rest == nth && nth == VERDICT_LIMIT) {
            log_line("watchdog: more processors are missing");
            return false;
        }
        if (rest++ == nth) {
            print_one(processor);
            return true;
        }
    }
    return false;
}

void verdict_print_all(void)
{
    for (unsigned nth = 0; verdict_print(nth); nth++) {
    }
    processor_set_for_each(processor, &silence.missing) {
        evidence_forget(processor); /* the next call asks anew */
    }
}

/* SPDX-License-Identifier: MIT */
/*
 * The conclusion of a call. What its caller learns about each processor (include/muster.h) is read
 * from the seats. The seats belong to the call as long as its leader has the turn: only missing
 * members may still write theirs.
 */
#include "kernel/rendezvous/report.h"

#include "kernel/rendezvous/clocks.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/ticks.h"
#include "kernel/rendezvous/turn.h"
#include "kernel/upcall.h"

static enum rendezvous_part part_of(const struct rendezvous_result *result, unsigned processor)
{
    bool absent = result->status == RENDEZVOUS_ABSENT;

    if (result->status == RENDEZVOUS_OK) {
        return RENDEZVOUS_FINISHED;
    }
    if (processor_set_contains(result->missing, processor)) {
        return absent ? RENDEZVOUS_DID_NOT_COME : RENDEZVOUS_UNFINISHED;
    }
    return absent              ? RENDEZVOUS_ARRIVED
           : result->cut_short ? RENDEZVOUS_CUT_SHORT
                               : RENDEZVOUS_FINISHED;
}

/* Copies what the seat of a processor that has left the call says about that call. */
static void report_times(const struct rendezvous_seat *seat, const struct rendezvous_result *result,
                         struct rendezvous_report *report)
{
    uint64_t sent_ticks = result->sent_ticks;

    report->arrived_ns = ticks_ns_since(seat->arrived_ticks, sent_ticks);
    if (report->part >= RENDEZVOUS_CUT_SHORT) {
        report->released_ns = ticks_ns_since(seat->released_ticks, sent_ticks);
        report->due_ns = result->due_ticks == 0 ? 0 : ticks_ns_since(result->due_ticks, sent_ticks);
        report->started_ns = ticks_ns_since(seat->started_ticks, sent_ticks);
        report->finished_ns = ticks_ns_since(seat->finished_ticks, sent_ticks);
    }
    if (report->part == RENDEZVOUS_FINISHED) {
        report->returned = seat->returned;
    }
}

static void write_reports(const struct rendezvous_result *result, struct rendezvous_report *reports,
                          unsigned count)
{
    for (unsigned i = 0; i < count && i < processor_count; i++) {
        if (!processor_set_contains(result->members, i)) {
            continue;
        }
        reports[i].part = part_of(result, i);
        if (reports[i].part >= RENDEZVOUS_ARRIVED && reports[i].part != RENDEZVOUS_UNFINISHED) {
            report_times(&processors[i]->seat, result, &reports[i]);
        }
    }
}

/*
 * The call still has the turn, so no other call comes between the evidence about the missing
 * processors and the bug check.
 */
static void tell_silence(const struct rendezvous_result *result, enum report_silence silence)
{
    silence_condemn(result->missing, result->generation, result->sent_ticks);
    if (silence == REPORT_STOPS) {
        bugcheck_timeout(processor_set_next(result->missing, 0)); /* the first is the culprit */
    }
    verdict_print_all();
}

void report_conclude(struct rendezvous_result *result, struct processor *holder,
                     struct rendezvous_report *reports, unsigned count, enum report_silence silence)
{
    write_reports(result, reports, count);
    if (result->sampled || round_is_irregular(result->generation)) {
        stats_sample(result);
    }
    if (result->status != RENDEZVOUS_OK) {
        tell_silence(result, silence);
    } else if (result->due_ticks != 0) {
        clocks_watch(result);
    }
    turn_give(holder);
    stats_count(result);
}

void report_refused(const struct rendezvous_request *request, enum rendezvous_status status,
                    const struct processor_set *refused)
{
    if (status != RENDEZVOUS_OFFLINE && status != RENDEZVOUS_SKEWED) {
        return;
    }
    for (unsigned i = 0; i < request->report_count && i < PROCESSOR_LIMIT; i++) {
        if (processor_set_contains(refused, i)) {
            request->reports[i].part =
                status == RENDEZVOUS_OFFLINE ? RENDEZVOUS_NOT_ONLINE : RENDEZVOUS_OTHER_CLOCK;
        }
    }
}

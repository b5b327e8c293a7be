/* SPDX-License-Identifier: MIT */
/* The scenarios: the scripts of requests, and the table of everything that is explored. */
#include "tests/sim/acts.h"
#include "tests/sim/explore.h"

/* ---- scripts: one line a processor ---- */

/* clang-format off */
static const struct script subset_2 = { {
    { CALL(2, P1, ACTION), CALL(3, 0, ACTION) },
    { CALL(4, P0, ACTION), GENERIC },
}, 0, 0 };
static const struct script subset_3 = { {
    { CALL(3, P1 | P2, ACTION), CALL(4, P0 | P1, ACTION) },
    { CALL(5, P1 | P2, ACTION) },
}, 0, 0 };
static const struct script subset_outsider = { {
    { CALL(3, P0 | P2, ACTION), CALL(4, ALL, ACTION), CALL(5, P0 | P2, ACTION) },
}, 0, 0 };
static const struct script subset_masked = { {
    { CALL(3, ALL, ACTION) },
    { MASK, CALL(4, P1 | P2, ACTION), UNMASK },
    { CALL(5, P0 | P2, ACTION) },
}, 0, 0 };
static const struct script phases_2 = { {
    { CALL(2, P0 | P1, SETUP | ACTION | TEARDOWN) },
    { CALL(3, P0 | P1, SETUP | TEARDOWN) },
}, 0, 0 };
static const struct script phases_3 = { {
    { CALL(3, ALL, SETUP | ACTION | TEARDOWN) },
}, 0, 0 };
static const struct script phases_outside = { {
    { CALL(3, P1 | P2, ACTION | TEARDOWN) },
    { MASK, CALL(4, P0 | P2, SETUP | ACTION), UNMASK },
}, 0, 0 };

static const struct script absent = { {
    { TIMED(3, ALL, SETUP | ACTION, 25, MAY(ABSENT)), SIGNAL, CALL(4, ALL, ACTION) },
    { },
    { DEAF },
}, 0, 0 };
static const struct script absent_outside = { {
    { TIMED(3, P1 | P2, ACTION, 5, MAY(ABSENT)), SIGNAL, CALL(4, P1 | P2, ACTION) },
    { },
    { DEAF },
}, 0, 0 };
static const struct script absent_dropped = { {
    { TIMED(3, ALL, SETUP | ACTION, 5, MAY(OK) | MAY(ABSENT)),
      TIMED(4, ALL, ACTION, 5, MAY(OK) | MAY(ABSENT)) },
}, 0, 0 };
static const struct script absent_late = { {
    { TIMED(3, ALL, ACTION, 5, MAY(ABSENT) | MAY(BUSY)), SIGNAL,
      TIMED(4, ALL_BUT_LATE, ACTION, 5, MAY_BE_STUCK) },
    { },
    { DEAF },
}, 0, 0 };
static const struct script busy = { {
    { TIMED(3, ALL, ACTION, 35, MAY(ABSENT)), SIGNAL },
    { TIMED(4, P0 | P1, ACTION, 15, MAY_BE_LATE), CALL(5, P0 | P1, ACTION) },
    { DEAF },
}, 0, 0 };
static const struct script busy_race = { {
    { TIMED(2, P0 | P1, ACTION, 0, MAY_BE_STUCK) },
    { TIMED(3, P0 | P1, ACTION, 5, MAY_BE_STUCK), TIMED(4, P0 | P1, ACTION, 0, MAY_BE_STUCK) },
}, 0, 0 };
static const struct script stuck = { {
    { TIMED(3, ALL, SETUP | ACTION, 0, MAY(STUCK)), CALL(4, ALL_BUT_LATE, ACTION), SIGNAL,
      CALL(5, ALL, ACTION) },
}, .waits = true };
static const struct script stuck_2 = { {
    { TIMED(2, P0 | P1, SETUP | ACTION, 5, MAY_BE_STUCK),
      TIMED(3, ALL_BUT_LATE, ACTION, 5, MAY_BE_STUCK),
      TIMED(4, P0 | P1, TEARDOWN, 5, MAY_BE_STUCK) },
}, .lingers = true };
static const struct script stuck_3 = { {
    { TIMED(3, ALL, SETUP | ACTION, 5, MAY_BE_STUCK),
      TIMED(4, ALL_BUT_LATE, ACTION, 5, MAY_BE_STUCK) },
}, .lingers = true };

static const struct script posted_2 = { {
    { BEGIN(2, P0 | P1, ACTION, 0, 0), FINISH(2, MAY(OK)) },
    { BEGIN(3, P0 | P1, SETUP | ACTION, 0, 0), FINISH(3, MAY(OK)) },
}, 0, 0 };
static const struct script posted_3 = { {
    { BEGIN(3, P1 | P2, ACTION, 0, 0), FINISH(3, MAY(OK)) },
    { CALL(4, ALL, ACTION) },
}, 0, 0 };
static const struct script posted_masked = { {
    { MASK, BEGIN(2, P0 | P1, ACTION, 0, 0), FINISH(2, MAY(OK)), UNMASK },
    { MASK, BEGIN(3, P0 | P1, ACTION, 0, 0), FINISH(3, MAY(OK)), UNMASK },
}, 0, 0 };
static const struct script posted_twice = { {
    { BEGIN(3, P1 | P2, ACTION, 0, 0), BEGIN(4, P0 | P1, ACTION, 0, 0), FINISH(3, MAY(OK)),
      FINISH(4, MAY(OK)) },
}, 0, 0 };
static const struct script posted_waiting = { {
    { BEGIN(3, P1 | P2, ACTION, 0, 0), CALL(4, P0 | P1, ACTION), FINISH(3, MAY(OK)) },
    { CALL(5, P1 | P2, ACTION) },
}, 0, 0 };
static const struct script posted_dropped = { {
    { BEGIN(3, P1 | P2, ACTION, 5, 0), FINISH(3, MAY(OK) | MAY(ABSENT)),
      TIMED(4, ALL, ACTION, 5, MAY(OK) | MAY(ABSENT)) },
}, 0, 0 };
static const struct script posted_lost = { {
    { BEGIN(2, P1, ACTION, 5, 0), FINISH(2, MAY(OK) | MAY(ABSENT)),
      TIMED(3, P0 | P1, ACTION, 5, MAY(OK) | MAY(ABSENT)) },
}, 0, 0 };
static const struct script posted_late = { {
    { BEGIN(2, P1, ACTION, 5, MAY_BE_STUCK), FINISH(2, MAY_BE_STUCK),
      TIMED(3, P0 | P1, ACTION, 5, MAY_BE_STUCK) },
}, 0, 0 };
static const struct script posted_late_3 = { {
    { BEGIN(3, P1 | P2, SETUP | ACTION, 5, MAY_BE_STUCK), FINISH(3, MAY_BE_STUCK),
      TIMED(4, P0 | P1, ACTION, 5, MAY_BE_STUCK) },
}, .lingers = true };
static const struct script posted_stuck = { {
    { BEGIN(3, P1 | P2, SETUP | ACTION, 0, 0), FINISH(3, MAY(STUCK)), SIGNAL,
      CALL(4, ALL, ACTION) },
}, .waits = true };
static const struct script overdue = { {
    { BEGIN(2, P1, ACTION, 0, 0), OVERDUE(2), SIGNAL, FINISH(2, MAY(OK)) },
}, .waits = true };

static const struct script timed_2 = { {
    { CALL(2, P0 | P1, ACTION | MOMENT), CALL(3, P1, SETUP | TEARDOWN | MOMENT) },
    { CALL(4, P0 | P1, SETUP | ACTION | MOMENT), GENERIC },
}, 0, 0 };
static const struct script timed_3 = { {
    { CALL(3, ALL, ACTION | MOMENT) },
    { CALL(4, P0 | P2, ACTION | MOMENT) },
}, 0, 0 };
static const struct script timed_posted = { {
    { BEGIN(3, P1 | P2, ACTION | MOMENT, 0, 0), FINISH(3, MAY(OK)),
      CALL(4, ALL, ACTION) },
}, 0, 0 };
static const struct script timed_late = { {
    { TIMED(2, P0 | P1, ACTION | MOMENT, 5, MAY_BE_STUCK),
      TIMED(3, ALL_BUT_LATE, ACTION | MOMENT, 5, MAY_BE_STUCK) },
}, 0, 0 };

static const struct script leave = { {
    { ENTER(2), GENERIC },
    { GENERIC },
    { LEAVE },
}, 0, 0 };
static const struct script leave_for_ever = { {
    { CALL(3, EVERYBODY, SETUP | ACTION) },
    { CALL(4, EVERYBODY, ACTION) },
    { LEAVE_FOR_EVER },
}, 0, 0 };
static const struct script leave_calling = { {
    { MASK, GENERIC, UNMASK },
    { },
    { GENERIC, LEAVE_FOR_EVER },
}, 0, 0 };
static const struct script leave_targets = { {
    { TIMED(3, P0 | P2, ACTION, 0, MAY(OK) | MAY(OFFLINE)), ENTER(2), CALL(4, P1 | P2, ACTION) },
    { MASK, TIMED(5, P1 | P2, ACTION, 0, MAY(OK) | MAY(OFFLINE)), UNMASK },
    { LEAVE },
}, 0, 0 };
static const struct script leave_posted = { {
    { BEGIN(3, EVERYBODY, ACTION, 0, 0), ENTER(2), FINISH(3, MAY(OK)),
      CALL(4, EVERYBODY, ACTION) },
    { },
    { LEAVE },
}, 0, 0 };
static const struct script come_and_go = { {
    { ENTER(1), GENERIC },
    { LEAVE, GENERIC, LEAVE_FOR_EVER },
}, 0, 0 };
/* clang-format on */

/* ---- the table ---- */

/* name, processors, callers, calls, program, IRQL, masked, halts, faults, how many, bounds */
static const struct scenario plain[] = {
    { "calls-2", 2, 2, 2, body_calls, 0, false, false, 0, 0, 2, 3, "two callers, two calls each",
      NULL, NULL },
    { "calls-3", 3, 2, 2, body_calls, 0, false, false, 0, 0, 2, 3,
      "the same, with a processor that does not call", NULL, NULL },
    { "masked-2", 2, 2, 2, body_calls, IRQL_CLOCK, true, false, 0, 0, 2, 3,
      "callers at CLOCK_LEVEL with interrupts disabled", NULL, NULL },
    { "masked-3", 3, 2, 2, body_calls, IRQL_CLOCK, true, false, 0, 0, 2, 3, "the same on three",
      NULL, NULL },
    { "three-callers", 3, 3, 1, body_calls, IRQL_DISPATCH, false, false, 0, 0, 1, 3,
      "all three call, at DISPATCH_LEVEL", NULL, NULL },
    { "lock-holder", 3, 1, 1, body_lock, 0, false, false, 0, 0, 2, 3,
      "a caller holds the lock that two spin for with interrupts disabled", NULL, NULL },
    { "siblings", 3, 2, 1, body_siblings, 0, false, false, 0, 0, 2, 3,
      "a worker waits for its siblings", NULL, NULL },
    { "values", 2, 2, 1, body_values, 0, false, false, 0, 0, 2, 3, "contexts 0 and all ones", NULL,
      NULL },
    { "flush", 3, 2, 1, body_flush, 0, false, false, 0, 0, 2, 3, "a call and a TLB flush", NULL,
      NULL },
    { "halt-2", 2, 2, 2, body_calls, 0, false, true, 0, 0, 1, 3, "two callers that wait by halting",
      NULL, NULL },
    { "halt-3", 3, 2, 1, body_calls, 0, false, true, 0, 0, 1, 3, "the same with a third processor",
      NULL, NULL },
    { "halt-masked", 3, 3, 1, body_calls, 0, true, true, 0, 0, 1, 3,
      "three callers that halt, with interrupts disabled", NULL, NULL },
    { "spurious", 2, 2, 1, body_calls, 0, false, false, FAULT_SPURIOUS, 2, 2, 3,
      "doorbells that nobody rang, or rang twice", NULL, NULL },
    { "dropped", 3, 1, 2, body_survive, 0, false, false, FAULT_DROP, 1, 2, 3,
      "a doorbell is lost; then the next call", NULL, NULL },
    { "dropped-both", 2, 2, 1, body_survive, 0, false, false, FAULT_DROP, 1, 2, 3,
      "the same while the other one calls, too", NULL, NULL },
    { "halt-dropped", 3, 1, 2, body_survive, 0, false, true, FAULT_DROP, 1, 1, 3,
      "a doorbell is lost while everybody halts", NULL, NULL },
    { "silent", 3, 1, 1, body_silent, 0, false, false, FAULT_SILENT, 0, 2, 3,
      "a processor is deaf for longer than the deadline, then late", NULL, NULL },
    { "deaf", 3, 2, 1, body_deaf, 0, false, false, FAULT_SILENT, 0, 2, 3,
      "two callers, and a processor that never answers", NULL, NULL },
    { "paused", 2, 2, 1, body_survive, 0, false, false, FAULT_LEAP, 1, 2, 3,
      "a pause between any two steps that outlasts the deadline", NULL, NULL },
    { "fair", 3, 3, 2, body_calls, 0, false, false, 0, 0, 0, 2, "three callers, two calls each",
      NULL, NULL },
    { "weak-2", 2, 2, 2, body_calls, 0, false, false, FAULT_STALE, 1, 2, 3,
      "a load sees an old value where C11 allows it", NULL, NULL },
    { "weak-3", 3, 2, 1, body_calls, 0, false, false, FAULT_STALE, 1, 2, 3, "the same on three",
      NULL, NULL },
    { "weak-halt", 2, 2, 1, body_calls, 0, false, true, FAULT_STALE, 1, 2, 3,
      "the same while everybody halts", NULL, NULL },
    { "weak-masked", 2, 2, 1, body_calls, 0, true, true, FAULT_STALE, 1, 2, 3,
      "and with interrupts disabled, where no doorbell helps", NULL, NULL },

    SCRIPTED("subset-2", 2, false, 0, 0, 2, 3, subset_2, "each calls the other alone"),
    SCRIPTED("subset-3", 3, false, 0, 0, 2, 3, subset_3,
             "sets that overlap, with the caller and without"),
    SCRIPTED("subset-masked", 3, false, 0, 0, 1, 3, subset_masked,
             "a processor that polls is not in every set"),
    SCRIPTED("subset-spurious", 3, false, FAULT_SPURIOUS, 1, 2, 3, subset_outsider,
             "and a doorbell that nobody rang"),
    SCRIPTED("subset-halt", 3, true, 0, 0, 1, 2, subset_3,
             "overlapping sets while everybody halts"),
    SCRIPTED("subset-weak", 3, false, FAULT_STALE, 1, 0, 2, subset_masked,
             "and a load sees an old value"),
    SCRIPTED("phases-2", 2, false, 0, 0, 2, 3, phases_2, "two callers, three phases and two"),
    SCRIPTED("phases-3", 3, false, 0, 0, 2, 3, phases_3, "three phases on three"),
    SCRIPTED("phases-outside", 3, false, 0, 0, 2, 3, phases_outside,
             "phases that the caller leads from outside"),
    SCRIPTED("phases-halt", 2, true, 0, 0, 1, 2, phases_2, "phases, waiting by halting"),
    SCRIPTED("phases-weak", 2, false, FAULT_STALE, 1, 2, 3, phases_2,
             "phases, and a load sees an old value"),
    SCRIPTED("absent", 3, false, FAULT_SILENT, 0, 2, 3, absent,
             "a target is deaf until the call is given up"),
    SCRIPTED("absent-outside", 3, false, FAULT_SILENT, 0, 2, 3, absent_outside,
             "the same, led from outside the set"),
    SCRIPTED("absent-dropped", 3, false, FAULT_DROP, 1, 2, 3, absent_dropped,
             "a doorbell is lost; then the next call"),
    SCRIPTED("absent-halt", 3, true, FAULT_SILENT, 0, 1, 2, absent,
             "a deaf target while everybody halts"),
    SCRIPTED("absent-late", 3, false, FAULT_SILENT | FAULT_LEAP, 3, 1, 2, absent_late,
             "one that came is too late to leave, too"),
    SCRIPTED("busy", 3, false, FAULT_SILENT, 0, 2, 3, busy,
             "a caller whose turn does not come in time"),
    SCRIPTED("busy-race", 2, false, FAULT_LEAP, 1, 2, 3, busy_race,
             "the deadline passes as the turn is handed on"),
    SCRIPTED("busy-halt", 2, true, FAULT_LEAP, 1, 0, 1, busy_race, "the same, waiting by halting"),
    SCRIPTED("stuck", 3, false, FAULT_SILENT, 0, 2, 3, stuck,
             "a routine does not return until the next call is over"),
    SCRIPTED("stuck-2", 2, false, FAULT_LEAP, 2, 1, 3, stuck_2,
             "a pause anywhere in a phase; the next calls"),
    SCRIPTED("stuck-3", 3, false, FAULT_LEAP, 1, 1, 2, stuck_3, "the same on three"),
    SCRIPTED("stuck-halt", 2, true, FAULT_LEAP, 1, 1, 2, stuck_2, "the same, waiting by halting"),
    SCRIPTED("posted-2", 2, false, 0, 0, 1, 3, posted_2, "two calls that nobody waits for"),
    SCRIPTED("posted-3", 3, false, 0, 0, 1, 3, posted_3, "one alongside a call that is waited for"),
    SCRIPTED("posted-masked", 2, false, 0, 0, 2, 3, posted_masked,
             "callers that poll for their own calls"),
    SCRIPTED("posted-twice", 3, false, 0, 0, 1, 3, posted_twice,
             "a second one after it, by the same caller"),
    SCRIPTED("posted-waiting", 3, false, 0, 0, 1, 2, posted_waiting,
             "its caller waits for another call meanwhile"),
    SCRIPTED("posted-dropped", 3, false, FAULT_DROP, 1, 2, 3, posted_dropped,
             "one of two doorbells is lost"),
    SCRIPTED("posted-lost", 2, false, FAULT_DROP, 1, 2, 3, posted_lost,
             "the only doorbell is lost: rendezvous_test() withdraws"),
    SCRIPTED("posted-late", 2, false, FAULT_LEAP, 1, 2, 3, posted_late,
             "claimed or withdrawn, as the deadline passes"),
    SCRIPTED("posted-late-3", 3, false, FAULT_LEAP, 1, 1, 2, posted_late_3,
             "the same with two targets and two phases"),
    SCRIPTED("posted-stuck", 3, false, FAULT_SILENT, 0, 2, 3, posted_stuck,
             "its leader gives up on a routine"),
    SCRIPTED("posted-overdue", 2, false, FAULT_SILENT, 0, 2, 3, overdue,
             "its leader does not return: STUCK, and still over at last"),
    SCRIPTED("posted-halt", 3, true, 0, 0, 1, 2, posted_waiting,
             "waited for while everybody halts"),
    SCRIPTED("posted-weak", 2, false, FAULT_STALE, 1, 1, 2, posted_2,
             "and a load sees an old value"),
    SCRIPTED("leave", 3, false, 0, 0, 1, 2, leave,
             "a processor leaves and is let in again while two call"),
    SCRIPTED("leave-for-ever", 3, false, 0, 0, 1, 2, leave_for_ever, "it stays away"),
    SCRIPTED("leave-calling", 3, false, 0, 0, 2, 3, leave_calling, "it calls before it leaves"),
    SCRIPTED("leave-targets", 3, false, 0, 0, 1, 2, leave_targets,
             "calls that name it: offline, or it takes part"),
    SCRIPTED("leave-posted", 3, false, 0, 0, 1, 2, leave_posted,
             "after a call that nobody waits for"),
    SCRIPTED("leave-halt", 3, true, 0, 0, 0, 1, leave_for_ever, "the others halt meanwhile"),
    SCRIPTED("leave-weak", 3, false, FAULT_STALE, 1, 0, 1, leave, "and a load sees an old value"),
    SCRIPTED("come-and-go", 2, false, 0, 0, 2, 3, come_and_go, "away, back, calls, and away again"),
    SCRIPTED("come-and-go-weak", 2, false, FAULT_STALE, 1, 2, 3, come_and_go,
             "and a load sees an old value"),
    SCRIPTED("moment-2", 2, false, 0, 0, 1, 3, timed_2, "releases at a moment, and one at once"),
    SCRIPTED("moment-3", 3, false, 0, 0, 1, 2, timed_3, "two of them on three"),
    SCRIPTED("moment-posted", 3, false, 0, 0, 1, 2, timed_posted, "one that nobody waits for"),
    SCRIPTED("moment-late", 2, false, FAULT_LEAP, 1, 1, 3, timed_late,
             "a pause anywhere in it; the next calls"),
    SCRIPTED("moment-halt", 3, true, 0, 0, 0, 2, timed_3, "and everybody else halts"),
    SCRIPTED("moment-weak", 2, false, FAULT_STALE, 1, 1, 2, timed_2,
             "and a load sees an old value"),
    { "wake-lost", 2, 2, 1, body_calls, 0, false, true, FAULT_WAKE, 1, 2, 3,
      "a wake doorbell is lost: the alarm helps", NULL, NULL },
    { "crowd", 0, 3, 1, body_crowd, 0, false, false, 0, 0, 0, 0,
      "many processors, at every legal IRQL, with interrupts and without", NULL, NULL },
    { "crowd-halting", 0, 3, 1, body_crowd, 0, false, true, 0, 0, 0, 0,
      "the same, waiting by halting", NULL, NULL },
    { "crowd-siblings", 0, 2, 1, body_siblings, 0, false, false, 0, 0, 0, 0,
      "workers that wait for many siblings", NULL, NULL },
    { "crowd-faults", 0, 3, 1, body_survive, 0, false, false,
      FAULT_DROP | FAULT_SPURIOUS | FAULT_LEAP, 2, 0, 0, "lost, doubled and late doorbells", NULL,
      NULL },
    { "crowd-requests", 0, 3, 2, body_requests, 0, false, false, 0, 0, 0, 0,
      "scattered sets and phases, waiting or not", NULL, NULL },
    { "crowd-requests-halt", 0, 3, 2, body_requests, 0, false, true, 0, 0, 0, 0,
      "the same, waiting by halting", NULL, NULL },
    { "crowd-requests-late", 0, 3, 2, body_requests, 0, false, false,
      FAULT_DROP | FAULT_SPURIOUS | FAULT_LEAP, 2, 0, 0,
      "the same with lost, doubled and late doorbells", NULL, NULL },
};

#define PLAIN_COUNT (sizeof plain / sizeof plain[0])

const struct scenario *scenario_at(unsigned number)
{
    return number < PLAIN_COUNT ? &plain[number] : ladder_scenario_at(number - PLAIN_COUNT);
}

void scenario_check_end(void)
{
    if (scenario->body == body_script || scenario->body == body_requests) {
        scripts_check_end();
    } else {
        calls_check_end();
    }
}

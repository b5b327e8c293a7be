/* SPDX-License-Identifier: MIT */
/*
 * The scenarios of the watchdog's ladder (explore.h says how time passes in them).
 *
 * A quarter of the patience shows as elapsed after two leaps, and a third may be needed where the
 * wait has not read the clock since the last progress. So one rung takes three leaps, and the whole
 * patience eight or nine.
 */
#include "tests/sim/acts.h"
#include "tests/sim/explore.h"

#define PAUSES       10u /* as in wait.c */
#define PAUSE_TICKS  (100u * PATIENCE_MS * 1000000ull)
#define ONE_RUNG     3u
#define PATIENCE     9u
#define TIMEOUT_MS   40u /* of calls that have one: four times the patience */
#define TIMEOUT_RUNG 10u

#define LADDER(...)                                                 \
    {                                                               \
        .pauses = PAUSES, .quiet_ticks = QUARTER_TICKS, __VA_ARGS__ \
    }

/* Doorbells are lost; one rung makes up for each. */
static const struct ladder resends = LADDER(.loss_leaps = ONE_RUNG);
static const struct ladder resends_timed = LADDER(.loss_leaps = TIMEOUT_RUNG);
/* A quarter passes at any step, whether noticed or not. */
static const struct ladder hurries = { .quiet_ticks = QUARTER_TICKS,
                                       .fault_ticks = QUARTER_TICKS + 1 };
/* Everybody is paused, at any step. */
static const struct ladder pauses = LADDER(.fault_ticks = PAUSE_TICKS);
/* A processor is silent until the call is given up. */
static const struct ladder silence = LADDER(.leaps = PATIENCE);
static const struct ladder silence_twice = LADDER(.leaps = 2 * PATIENCE);
/* The same, and the waiter does not run while time passes. */
static const struct ladder paused_silence = { .pauses = PAUSES,
                                              .quiet_ticks = QUARTER_TICKS + 1,
                                              .leaps = PAUSES + 5 };
/* Processors that arrive one by one, each as late as its script says. */
static const struct ladder trickles = LADDER(.leaps = 100);
/* A routine that never returns, and one that takes its time. */
#define ALARMS(...) LADDER(.alarms = true, __VA_ARGS__)
static const struct ladder alarms = ALARMS(.leaps = PATIENCE, .stops = true);
static const struct ladder alarms_of_all =
    ALARMS(.leaps = PATIENCE, .stops = true, .all_wait = true);
static const struct ladder alarms_in_time = ALARMS(.leaps = 6, .routine = 3);

/* clang-format off */
static const struct script endless = { {
    { },
    { CALL(2, P0 | P1, ACTION) },
}, .waits = true };
static const struct script endless_masked = { {
    { },
    { MASK, CALL(2, P0 | P1, ACTION) },
}, .waits = true };
static const struct script slow = { {
    { },
    { CALL(2, P0 | P1, ACTION), CALL(3, P0 | P1, ACTION) },
}, 0, 0 };
static const struct script posted = { {
    { BEGIN(3, P1 | P2, ACTION, 0, 0), FINISH(3, MAY(OK)), CALL(4, ALL, ACTION) },
}, 0, 0 };
static const struct script timed = { {
    { TIMED(3, ALL, ACTION, TIMEOUT_MS, MAY(OK)), CALL(4, ALL, ACTION) },
}, 0, 0 };
static const struct script absent = { {
    { TIMED(3, ALL, SETUP | ACTION, 0, MAY(ABSENT)), SIGNAL, CALL(4, ALL, ACTION) },
    { },
    { DEAF },
}, 0, 0 };
static const struct script stuck = { {
    { TIMED(3, ALL, SETUP | ACTION, 0, MAY(STUCK)), CALL(4, ALL_BUT_LATE, ACTION), SIGNAL,
      CALL(5, ALL, ACTION) },
}, .waits = true };
static const struct script phases = { {
    { CALL(2, P0 | P1, SETUP | ACTION | TEARDOWN), CALL(3, P0 | P1, ACTION) },
}, 0, 0 };
static const struct script trickle = { {
    { CALL(3, ALL, ACTION) },
    { MASK, SLEEP(6), UNMASK },
    { MASK, SLEEP(12), UNMASK },
}, 0, 0 };
/* clang-format on */

#define CLIMB(name, processors, callers, calls, program, masked, halts, kinds, faults, quick,    \
              full, ladder, says)                                                                \
    {                                                                                            \
        name, processors, callers, calls, program, 0, masked, halts, kinds, faults, quick, full, \
            says, NULL, &ladder                                                                  \
    }
#define SCRIPTED_CLIMB(name, processors, halts, kinds, faults, quick, full, script, ladder, says) \
    {                                                                                             \
        name, processors, 0, 2, body_script, 0, false, halts, kinds, faults, quick, full, says,   \
            &script, &ladder                                                                      \
    }

/* name, processors, callers, calls, program, masked, halts, faults, how many, bounds */
static const struct scenario climbs[] = {
    CLIMB("rung-again", 3, 1, 2, body_calls, false, false, FAULT_DROP, 2, 1, 2, resends,
          "two doorbells are lost: the next ones make it good"),
    CLIMB("rung-again-both", 2, 2, 2, body_calls, false, false, FAULT_DROP, 1, 1, 3, resends,
          "the same while the other one calls, too"),
    CLIMB("rung-again-halt", 3, 1, 1, body_calls, false, true, FAULT_DROP, 1, 1, 2, resends,
          "the same while everybody halts"),
    SCRIPTED_CLIMB("rung-again-posted", 3, false, FAULT_DROP, 1, 1, 2, posted, resends,
                   "the one that came, of two, rings again for the other"),
    SCRIPTED_CLIMB("rung-again-timed", 3, false, FAULT_DROP, 1, 1, 2, timed, resends_timed,
                   "quarters of a deadline of the call's own"),
    CLIMB("rung-late", 2, 2, 1, body_calls, false, false, FAULT_LEAP, 1, 1, 2, hurries,
          "a second doorbell at the moment of arrival, or later"),
    CLIMB("rung-late-3", 3, 1, 2, body_calls, false, false, FAULT_LEAP, 1, 0, 1, hurries,
          "the same on three"),
    CLIMB("rung-late-masked", 2, 2, 1, body_calls, true, false, FAULT_LEAP, 1, 1, 3, hurries,
          "the same to those that poll"),
    CLIMB("rung-late-halt", 2, 2, 1, body_calls, false, true, FAULT_LEAP, 1, 0, 1, hurries,
          "the same while everybody halts"),
    SCRIPTED_CLIMB("rung-late-phases", 2, false, FAULT_LEAP, 2, 0, 1, phases, hurries,
                   "two quarters, anywhere in a call of three phases"),
    CLIMB("woken-again", 2, 1, 2, body_calls, false, true, FAULT_WAKE | FAULT_ALARM, 1, 2, 3,
          resends, "a wake doorbell is lost, and no alarm helps"),
    CLIMB("woken-again-3", 3, 1, 1, body_calls, false, true, FAULT_WAKE | FAULT_ALARM, 1, 1, 2,
          resends, "the same on three"),
    SCRIPTED_CLIMB("woken-phases", 2, true, FAULT_WAKE | FAULT_ALARM, 1, 1, 2, phases, resends,
                   "the same between phases"),
    CLIMB("given-up", 3, 1, 1, body_silent, false, false, FAULT_SILENT, 0, 2, 3, silence,
          "a processor is deaf until the whole ladder is climbed, then late"),
    CLIMB("given-up-twice", 3, 2, 1, body_deaf, false, false, FAULT_SILENT, 0, 1, 2, silence_twice,
          "and in the next call again"),
    SCRIPTED_CLIMB("given-up-absent", 3, false, FAULT_SILENT, 0, 1, 3, absent, silence,
                   "the same by status"),
    SCRIPTED_CLIMB("given-up-stuck", 3, false, FAULT_SILENT, 0, 1, 2, stuck, silence,
                   "a routine that does not return"),
    CLIMB("given-up-paused", 3, 1, 1, body_silent, false, false, FAULT_SILENT, 0, 2, 3,
          paused_silence, "a deaf processor, and a waiter that is paused again and again"),
    CLIMB("paused-waiter", 2, 1, 1, body_calls, false, false, FAULT_LEAP, 4, 1, 2, pauses,
          "four long pauses of everybody are no silence"),
    CLIMB("paused-queue", 2, 2, 1, body_calls, false, false, FAULT_LEAP, 4, 0, 1, pauses,
          "nor are they to one that waits for the turn"),
    SCRIPTED_CLIMB("trickle", 3, false, FAULT_SILENT, 0, 0, 1, trickle, trickles,
                   "one comes, and then another, each within the patience"),
    SCRIPTED_CLIMB("alarm", 2, false, FAULT_SILENT, 0, 2, 3, endless, alarms,
                   "a leader that is never back from its routine stops the system itself"),
    SCRIPTED_CLIMB("alarm-masked", 2, false, FAULT_SILENT, 0, 2, 3, endless_masked, alarms_of_all,
                   "one whose interrupts are disabled is stopped by another"),
    SCRIPTED_CLIMB("alarm-left", 2, false, FAULT_SILENT, 0, 2, 3, endless_masked, alarms,
                   "and by one that has left its own routine"),
    SCRIPTED_CLIMB("alarm-in-time", 2, false, 0, 0, 1, 2, slow, alarms_in_time,
                   "one that takes three quarters of the patience is let alone"),
    CLIMB("crowd-trickle", 0, 1, 1, body_trickle, false, false, FAULT_SILENT, 0, 0, 0, trickles,
          "ten may restart the deadline, no more"),
    CLIMB("crowd-rung-again", 0, 3, 1, body_crowd, false, false, FAULT_DROP | FAULT_SPURIOUS, 3, 0,
          0, resends, "lost and doubled doorbells, and no failure"),
};

#define CLIMBS (sizeof climbs / sizeof climbs[0])

const struct scenario *ladder_scenario_at(unsigned number)
{
    return number < CLIMBS ? &climbs[number] : NULL;
}

/* SPDX-License-Identifier: MIT */
/*
 * How the scripts of scenarios are written down (programs.h says what they are).
 */
#ifndef SIM_ACTS_H
#define SIM_ACTS_H

#include "kernel/irql.h"
#include "tests/sim/programs.h"

#define P0  1u
#define P1  2u
#define P2  4u
#define ALL (P0 | P1 | P2)

/* Acts. The first number names the call. */
#define TIMED(slot, targets, phases, ms, may)    \
    {                                            \
        ACT_CALL, slot, phases, targets, ms, may \
    }
#define CALL(slot, targets, phases) TIMED(slot, targets, phases, 0, MAY(OK))
#define BEGIN(slot, targets, phases, ms, may)     \
    {                                             \
        ACT_BEGIN, slot, phases, targets, ms, may \
    }
#define FINISH(slot, may)              \
    {                                  \
        ACT_FINISH, slot, 0, 0, 0, may \
    }
#define OVERDUE(slot)                 \
    {                                 \
        ACT_OVERDUE, slot, 0, 0, 0, 0 \
    }
#define GENERIC                    \
    {                              \
        ACT_GENERIC, 0, 0, 0, 0, 0 \
    }
#define MASK                    \
    {                           \
        ACT_MASK, 0, 0, 0, 0, 0 \
    }
#define UNMASK                    \
    {                             \
        ACT_UNMASK, 0, 0, 0, 0, 0 \
    }
#define RAISE(irql)                 \
    {                               \
        ACT_RAISE, 0, 0, irql, 0, 0 \
    }
#define LOWER                    \
    {                            \
        ACT_LOWER, 0, 0, 0, 0, 0 \
    }
#define SIGNAL                    \
    {                             \
        ACT_SIGNAL, 0, 0, 0, 0, 0 \
    }
#define AWAIT(signals)                 \
    {                                  \
        ACT_AWAIT, 0, 0, signals, 0, 0 \
    }
#define SLEEP(quarters)                 \
    {                                   \
        ACT_SLEEP, 0, 0, quarters, 0, 0 \
    }
#define LEAVE                    \
    {                            \
        ACT_LEAVE, 0, 0, 0, 0, 0 \
    }
#define LEAVE_FOR_EVER                    \
    {                                     \
        ACT_LEAVE_FOR_EVER, 0, 0, 0, 0, 0 \
    }
#define ENTER(processor)                 \
    {                                    \
        ACT_ENTER, 0, 0, processor, 0, 0 \
    }

/* Deaf to doorbells until the first signal. */
#define DEAF MASK, AWAIT(1), UNMASK

/* A row of a table of scenarios. */
#define SCRIPTED(name, processors, halts, kinds, faults, quick, full, script, says)             \
    {                                                                                           \
        name, processors, 0, 2, body_script, 0, false, halts, kinds, faults, quick, full, says, \
            &script, NULL                                                                       \
    }

#endif

/* SPDX-License-Identifier: MIT */
#include "kernel/silence/silence.h"

#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/round.h"
#include "kernel/silence/evidence.h"

struct silence silence;

void silence_condemn(const struct processor_set *missing, uint64_t generation, uint64_t sent_ticks)
{
    processor_set_copy(&silence.missing, missing);
    silence.generation = generation;
    silence.sent_ticks = sent_ticks;
    silence.rung = true;
}

/* Was `processor` given up on in the latest call? */
static bool is_condemned(unsigned processor)
{
    return silence.generation == round_generation(round_progress()) &&
           processor_set_contains(&silence.missing, processor);
}

static void suspect_one(unsigned processor)
{
    evidence_forget(processor); /* the snapshot from its freezing is newer */
    processor_set_add(&silence.missing, processor);
}

void silence_suspect(unsigned processor)
{
    silence.final = true;
    if (processor < processor_count && is_condemned(processor)) {
        return;
    }
    processor_set_clear(&silence.missing);
    silence.generation = round_generation(round_progress());
    silence.rung = false;
    for (unsigned i = 0; processor < processor_count && i < processor_count; i++) {
        if (i == processor ||
            (processor_in_routine(processors[processor]) && processor_in_routine(processors[i]))) {
            suspect_one(i);
        }
    }
}

/* SPDX-License-Identifier: MIT */
/*
 * Bringing up the application processors.
 */
#ifndef ARCH_X86_64_AP_START_H
#define ARCH_X86_64_AP_START_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/x86_64/percpu.h"

/*
 * A processor that is being started, found by its APIC id.
 *
 *   IDLE --arch_start_processors()--> STARTING --trampoline--> CLAIMED --ap_main()--> CHECKED_IN
 *                                        |                        |\
 *                                        |                        | +--> MISFIT: other mode, parks
 *                                        +------- deadline -------+--> ABANDONED: parks if late
 *
 *   CHECKED_IN, ABANDONED, MISFIT --arch_restart_processor(), after INIT--> STARTING
 *
 * Every arrow except the first and the last is a compare-and-swap: a processor that is started
 * twice, or arrives after it was abandoned, fails it and parks. The first and the last are plain
 * stores: before the first no processor looks at the slot, and before the last INIT has stopped the
 * only other writer.
 */
enum ap_state {
    AP_IDLE = 0,
    AP_STARTING = AP_STATE_STARTING,
    AP_CLAIMED = AP_STATE_CLAIMED,
    AP_CHECKED_IN = 3,
    AP_ABANDONED = 4,
    AP_MISFIT = 5, /* its APIC is in x2APIC mode, unlike the boot processor's; it parks */
};

struct ap_slot {
    uint32_t apic_id;
    _Atomic uint32_t state; /* enum ap_state */
    struct percpu *percpu;
};

_Static_assert(offsetof(struct ap_slot, apic_id) == AP_SLOT_APIC_ID, "assembly relies on it");
_Static_assert(offsetof(struct ap_slot, state) == AP_SLOT_STATE, "assembly relies on it");
_Static_assert(offsetof(struct ap_slot, percpu) == AP_SLOT_PERCPU, "assembly relies on it");
_Static_assert(sizeof(struct ap_slot) == AP_SLOT_SIZE, "assembly relies on it");

/* Has this kernel started every processor that the firmware lists as enabled? */
bool ap_start_all_started(void);

#endif

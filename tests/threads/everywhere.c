/* SPDX-License-Identifier: MIT */
/*
 * A replacement for kernel/rendezvous/call.c where only KeIpiGenericCall's part is wanted: one
 * routine, all processors, the caller waits, and silence stops the system (docs/porting.md).
 */
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/rendezvous.h"
#include "kernel/rendezvous/round.h"
#include "kernel/rendezvous/turn.h"
#include "kernel/upcall.h"

uintptr_t rendezvous_run_everywhere(arch_worker *worker, uintptr_t argument)
{
    const struct rendezvous_request request = { .routines = { [RENDEZVOUS_ACTION] = worker },
                                                .argument = argument };
    struct processor_set missing;
    struct rendezvous_result result = { .members = &processors_online, .missing = &missing };
    unsigned old_irql = irql_raise(IRQL_CLOCK);
    struct processor *self = arch_processor();

    (void)turn_take(self, 0);
    arch_irql_write(IRQL_IPI);
    rendezvous_lead(self, round_begin(self, &request, result.members, arch_ticks()), 0, &result);
    if (result.status != RENDEZVOUS_OK) {
        bugcheck_timeout(processor_set_next(&missing, 0));
    }
    uintptr_t returned = self->seat.returned;
    turn_give(self);
    irql_lower(old_irql);
    arch_serialize();
    return returned;
}

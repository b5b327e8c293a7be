/*
 * In the place of kernel/rendezvous_call.c where all that is wanted is KeIpiGenericCall's part: one
 * routine, all processors, the caller waits, and silence stops the system (docs/porting.md).
 */
#include "kernel/bugcheck.h"
#include "kernel/irql.h"
#include "kernel/processor.h"
#include "kernel/rendezvous.h"
#include "kernel/round.h"
#include "kernel/turn.h"

uintptr_t rendezvous_run_everywhere(arch_worker *worker, uintptr_t argument)
{
    const struct rendezvous_request request = { .routines = { [RENDEZVOUS_ACTION] = worker },
                                                .argument = argument };
    struct processor *self = arch_processor();
    struct processor_set missing;
    struct rendezvous_result result = { .members = &processors_online, .missing = &missing };
    unsigned old_irql = irql_raise(IRQL_CLOCK);

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

/* Nobody posts a call without waiting for it. */
void rendezvous_lead_posted(struct processor *self, uint64_t state)
{
    (void)self;
    bugcheck_stop(BUGCHECK_KERNEL_SECURITY_CHECK_FAILURE, state, 0, 0, 0);
}

/*
 * The clauses of the contract, asserted while a schedule runs.
 *
 * Each processor has at most one call of its own under way: `calls[p]`. The programs of
 * scenarios.c announce it, and each worker names it by its routine and argument, which no two calls
 * under way share. What is checked where:
 *
 *   a worker begins   K1 K2 K4 K5 K7 K13 C2 C4   (sim_on_worker)
 *   it ends           K5 K8
 *   the call returns  K5 K6 K8 K10               (check_call_end, scenarios.c)
 *   it is withdrawn   B3                         (sim_on_bugcheck)
 *   nobody can go on  C1                         (check_end)
 *   a doorbell        C5: not inside another one's handler (check_interrupt)
 *   any access        K8: no race                (race.c)
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/bugcheck.h"
#include "kernel/irql.h"
#include "tests/sim/explore.h"

struct call {
    arch_worker *worker;
    uintptr_t context;
    uint32_t members, started, finished, flushed; /* processors; members once one has started */
    uint8_t active;
    uint8_t irql; /* of the caller before */
    uint8_t interrupts;
    uint8_t queued;                        /* its place in the turn's queue is taken */
    uint8_t overtaken[EXPLORE_PROCESSORS]; /* by calls of each since then */
    void *catcher;                         /* where a B3 ends it */
};

static struct call calls[EXPLORE_PROCESSORS];

/* Of which generation each processor had arrived, and left, when time leapt past a deadline. */
static uint64_t arrived_in[EXPLORE_PROCESSORS];
static uint64_t done_in[EXPLORE_PROCESSORS];
static uint64_t leapt_in; /* the latest generation then */
static uint64_t leaps_in; /* how often time has leapt in it */

const char *failed_clause;
char failure_text[256];

void check_fail(const char *clause, const char *format, ...)
{
    if (failed_clause != NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure_text, sizeof failure_text, format, arguments);
    va_end(arguments);
    failed_clause = clause;
}

void check_reset(void)
{
    memset(calls, 0, sizeof calls);
    memset(arrived_in, 0, sizeof arrived_in);
    memset(done_in, 0, sizeof done_in);
    leapt_in = leaps_in = 0;
}

void check_register_state(void)
{
    state_add(calls, sim_count * sizeof calls[0], true);
    state_add(arrived_in, sim_count * sizeof arrived_in[0], true);
    state_add(done_in, sim_count * sizeof done_in[0], true);
    state_add(&leapt_in, sizeof leapt_in, true);
    state_add(&leaps_in, sizeof leaps_in, true);
}

/* A word of a processor as the processor itself sees it. */
#define OWN_VIEW(processor, field) \
    memory_value((processor), &processors[processor]->field, sizeof processors[processor]->field)

/* The online processors, as the caller sees them. They do not change during a call (C4). */
static uint32_t online(unsigned caller)
{
    return (uint32_t)memory_value(caller, &processors_online.words[0], sizeof(uint64_t));
}

/* ---- calls ---- */

void check_call_begin(unsigned processor, arch_worker *worker, uintptr_t context)
{
    calls[processor] = (struct call){
        .worker = worker,
        .context = context,
        .active = true,
        .irql = sim_cpus[processor].irql,
        .interrupts = sim_cpus[processor].interrupts,
        .catcher = calls[processor].catcher,
    };
}

static void check_restored(unsigned processor)
{
    const struct call *call = &calls[processor];
    const struct sim_cpu *cpu = &sim_cpus[processor];

    if (cpu->irql != call->irql || cpu->interrupts != call->interrupts) {
        check_fail("K10", "processor %u had IRQL %u and IF=%u before the call, %u and %u after it",
                   processor, call->irql, call->interrupts, cpu->irql, cpu->interrupts);
    }
}

static void forget_call(struct call *call)
{
    void *catcher = call->catcher;
    *call = (struct call){ .catcher = catcher };
}

void check_call_end(unsigned processor)
{
    struct call *call = &calls[processor];

    check_restored(processor);
    if (call->started != call->members) {
        check_fail("K4", "the call of processor %u to 0x%x returns, run by the processors 0x%x",
                   processor, call->members, call->started);
    }
    if (call->worker == NULL && call->flushed != call->members) {
        check_fail("C6", "the flush of processor %u returns, done by the processors 0x%x only",
                   processor, call->flushed);
    }
    if (call->finished != call->members) {
        check_fail("K5", "the call of processor %u returns, finished by the processors 0x%x only",
                   processor, call->finished);
    }
    if (explore_cpus[processor].unserialized) {
        check_fail("K8", "the call of processor %u returns without a serialising instruction",
                   processor);
    }
    forget_call(call);
}

/* The stack of a processor is finite: a doorbell's handler lets no other in on its way out. */
void check_interrupt(unsigned class)
{
    if (class == SIM_CLASS_IPI && sim_self->depth != 0) {
        check_fail("C5", "processor %u takes a doorbell inside the handler of another",
                   sim_self->index);
    }
}

/* ---- the turn's queue (C2) ---- */

/* A processor is queued once it wants the turn and has counted itself, at CLOCK_LEVEL. */
void check_update(unsigned processor, enum sim_operation operation)
{
    if (operation == SIM_ADD && sim_cpus[processor].irql == IRQL_CLOCK &&
        OWN_VIEW(processor, seat.turn) == TURN_WANTED) {
        calls[processor].queued = calls[processor].active;
    }
}

static void count_overtaken(unsigned caller)
{
    for (unsigned i = 0; i < sim_count; i++) {
        if (i == caller || !calls[i].active || !calls[i].queued || calls[i].started != 0) {
            continue;
        }
        if (++calls[i].overtaken[caller] > 1) {
            check_fail("C2", "processor %u overtakes the waiting processor %u for the second time",
                       caller, i);
        }
    }
}

/* ---- workers ---- */

/* A call that gave no worker is a kernel routine with its argument on the caller's stack. */
static bool is_worker_of(const struct call *call, unsigned caller, arch_worker *worker,
                         uintptr_t context)
{
    struct sim_range stack = sim_stack(caller);

    if (call->worker == NULL) {
        return context - (uintptr_t)stack.base < stack.size;
    }
    return call->worker == worker && call->context == context;
}

/* The call that a worker belongs to, EXPLORE_PROCESSORS for none. */
static unsigned call_of(arch_worker *worker, uintptr_t context)
{
    for (unsigned i = 0; i < sim_count; i++) {
        if (calls[i].active && is_worker_of(&calls[i], i, worker, context)) {
            return i;
        }
    }
    return EXPLORE_PROCESSORS;
}

bool check_is_member(unsigned caller, unsigned processor)
{
    return (calls[caller].members >> processor & 1) != 0;
}

bool check_stack_open(unsigned owner)
{
    uint32_t running = calls[owner].started & ~calls[owner].finished;
    return calls[owner].active && (running >> sim_self->index & 1) != 0;
}

/* Every running worker without a name is a flush: it is the one of its caller. */
void check_tlb_flushed(unsigned processor)
{
    for (unsigned i = 0; i < sim_count; i++) {
        uint32_t running = calls[i].started & ~calls[i].finished;
        if (calls[i].active && calls[i].worker == NULL && (running >> processor & 1) != 0) {
            calls[i].flushed |= 1u << processor;
        }
    }
}

/* The call in which a processor was last at a barrier: `reached` without the phase. */
static uint64_t generation_at(unsigned processor)
{
    return OWN_VIEW(processor, seat.reached) >> 3;
}

static void check_all_arrived(uint32_t members)
{
    uint64_t generation = generation_at(sim_self->index);

    for (unsigned i = 0; i < sim_count; i++) {
        if ((members >> i & 1) == 0) {
            continue;
        }
        if (sim_cpus[i].irql < IRQL_IPI || generation_at(i) != generation) {
            check_fail("K2",
                       "processor %u starts the worker, and processor %u (IRQL %u) has not "
                       "arrived",
                       sim_self->index, i, sim_cpus[i].irql);
        }
    }
}

static void worker_begins(struct call *call, unsigned caller)
{
    unsigned self = sim_self->index;

    if (sim_self->irql != IRQL_IPI) {
        check_fail("K1", "processor %u starts the worker at IRQL %u", self, sim_self->irql);
    }
    if (call->started == 0) {
        call->members = online(caller);
        check_all_arrived(call->members);
        count_overtaken(caller);
    }
    if (call->members != online(caller) || (call->members >> self & 1) == 0) {
        check_fail("C4", "processor %u starts the worker of a call to 0x%x; online are 0x%x", self,
                   call->members, online(caller));
    }
    if ((call->started >> self & 1) != 0) {
        check_fail("K4", "processor %u starts the worker of processor %u twice", self, caller);
    }
    if (self == caller && sim_self->interrupts != call->interrupts) {
        check_fail("K13", "the caller %u starts its worker with IF=%u, and called with IF=%u", self,
                   sim_self->interrupts, call->interrupts);
    }
    call->started |= 1u << self;
    explore_self()->unserialized = true;
}

void sim_on_worker(arch_worker *worker, uintptr_t context, bool begins)
{
    unsigned self = sim_self->index, caller = call_of(worker, context);

    if (trace_on) {
        trace_line("     P%u   %s the worker of the call of P%u", self, begins ? "begins" : "ends",
                   caller);
    }
    if (caller == EXPLORE_PROCESSORS) {
        check_fail("K7", "processor %u runs %p(0x%llx), which nobody calls (any more)", self,
                   *(void **)&worker, (unsigned long long)context);
        steps_stop(NEXT_STOPPED);
    } else if (begins) {
        worker_begins(&calls[caller], caller);
    } else {
        calls[caller].finished |= 1u << self;
    }
}

/* ---- bug checks ---- */

/*
 * Whoever had visibly arrived before the deadline passed is not the culprit, and has left; nobody
 * runs. Who comes in later may still be on its way out: what it stores counts for nobody.
 */
static void check_withdrawn(unsigned self, unsigned culprit)
{
    uint64_t generation = generation_at(self);

    if (culprit >= sim_count || arrived_in[culprit] == generation) {
        check_fail("B3", "processor %u is named, and it has arrived", culprit);
    }
    for (unsigned i = 0; i < sim_count; i++) {
        if (i != self && arrived_in[i] == generation &&
            sim_read(&processors[i]->seat.done, 8) != generation) {
            check_fail("B3", "the call is given up, and processor %u is still in it", i);
        }
    }
}

/* Arrived in time and did not leave in time: nothing can be undone, and the system stops. */
static bool is_stuck(unsigned processor)
{
    return processor < sim_count && arrived_in[processor] == generation_at(sim_self->index) &&
           done_in[processor] != arrived_in[processor] && leaps_in > 1;
}

/* Only the first leap in a call counts: who arrives after it may be called late. */
void check_leap(void)
{
    uint64_t latest = 0;

    for (unsigned i = 0; i < sim_count; i++) {
        uint64_t arrived = sim_read(&processors[i]->seat.reached, 8) >> 3;
        latest = arrived > latest ? arrived : latest;
        done_in[i] = sim_read(&processors[i]->seat.done, 8);
    }
    for (unsigned i = 0; i < sim_count && latest != leapt_in; i++) {
        arrived_in[i] = sim_read(&processors[i]->seat.reached, 8) >> 3;
    }
    leaps_in = latest == leapt_in ? leaps_in + 1 : 1;
    leapt_in = latest;
}

_Noreturn static void stop_system(void)
{
    explore_world.stopped = true;
    for (;;) {
        steps_stop(NEXT_STOPPED);
    }
}

_Noreturn void sim_on_bugcheck(uint32_t code, uintptr_t parameter, unsigned culprit)
{
    unsigned self = sim_self->index;
    struct call *call = &calls[self];

    if (trace_on) {
        trace_line("     P%u   bug check 0x%x, processor %u", self, code, culprit);
    }
    if (code != BUGCHECK_CLOCK_WATCHDOG_TIMEOUT || explore_world.leaps == 0) {
        check_fail("C1",
                   "processor %u stops the system: bug check 0x%x, parameter 0x%llx, "
                   "processor %u",
                   self, code, (unsigned long long)parameter, culprit);
        stop_system();
    }
    if (!call->active || call->started != 0 || call->catcher == NULL || is_stuck(culprit) ||
        OWN_VIEW(self, seat.turn) == TURN_WANTED) {
        stop_system(); /* B4, or somebody who waits for the silent one */
    }
    check_withdrawn(self, culprit);
    void **catcher = call->catcher;
    call->active = false;
    __builtin_longjmp(catcher, 1);
}

/*
 * What the processor goes back to is what it was before the call. Its variables may not be trusted
 * after the jump, so they are read anew.
 */
static void resume_withdrawn(void)
{
    struct call *own = &calls[sim_self->index];
    bool interrupts = own->interrupts;
    unsigned irql = own->irql;

    *own = (struct call){ .active = false };
    arch_serialize();
    arch_irql_write(irql);
    if (interrupts) {
        arch_interrupts_enable();
    }
}

bool check_survive(void (*call)(void))
{
    void *catcher[5];

    calls[sim_self->index].catcher = catcher;
    if (__builtin_setjmp(catcher) != 0) {
        resume_withdrawn();
        return false;
    }
    call();
    calls[sim_self->index].catcher = NULL;
    return true;
}

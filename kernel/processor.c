#include "kernel/processor.h"

#include "kernel/bugcheck.h"
#include "kernel/wait.h"

struct processor *processors[PROCESSOR_LIMIT];
unsigned processor_count;
struct processor_set processors_online;
unsigned processor_set_used_words = 1;

static _Atomic bool released;

void processor_publish(struct processor *processor)
{
    processor->index = processor_count;
    processors[processor_count] = processor;
    processor_set_add(&processors_online, processor_count);
    processor_set_used_words = processor_count / 64 + 1;
    processor_count++;
}

void processor_post(unsigned index, processor_work *work, void *argument)
{
    struct processor *processor = processors[index];
    struct processor_set target = { 0 };

    processor_await(index);
    processor->work_argument = argument;
    atomic_store_explicit(&processor->work, work, memory_order_release);
    /* The rendezvous doorbell ends the halt; with no call pending its handler does nothing (C5). */
    processor_set_add(&target, index);
    arch_ring_doorbell(&target);
}

void processor_await(unsigned index)
{
    struct processor *processor = processors[index];

    /* Work may last as long as it likes, so there is no deadline here: the launcher has one. */
    struct wait wait = wait_begin(1);
    while (atomic_load_explicit(&processor->work, memory_order_acquire) != NULL) {
        (void)wait_turn(&wait);
    }
}

static void run_posted_work(struct processor *self)
{
    processor_work *work = atomic_load_explicit(&self->work, memory_order_acquire);
    if (work != NULL) {
        work(self->work_argument);
        atomic_store_explicit(&self->work, NULL, memory_order_release);
    }
}

void processor_release_all(void)
{
    atomic_store_explicit(&released, true, memory_order_release);
}

/* The list of processors is being written until the release (acquire: all of it is there). */
static void await_release(void)
{
    struct wait wait = wait_begin(1);
    while (!atomic_load_explicit(&released, memory_order_acquire)) {
        (void)wait_turn(&wait);
    }
}

void processor_idle(struct processor *self)
{
    await_release();
    for (;;) {
        arch_interrupts_enable();
        run_posted_work(self);
        log_drain();
        bugcheck_poll_freeze();
        /* Disabled from the last look to the halt, so that no doorbell is missed in between. */
        arch_interrupts_disable();
        if (atomic_load_explicit(&self->work, memory_order_relaxed) == NULL && !log_is_waiting()) {
            arch_idle();
        }
    }
}

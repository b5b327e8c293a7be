/* SPDX-License-Identifier: MIT */
/*
 * Lines from many processors, at any IRQL, on one console.
 *
 * Problem. A worker at IPI_LEVEL may print while the code that it interrupted, on this processor or
 * on another, holds the console. The worker must not wait for the console and must not lose the
 * line. Lines must come out whole and in the order in which they were made.
 *
 * Protocol.
 *   1. Every line first goes to the ring of its own processor, which is the ring's only producer.
 *      Interrupts are disabled during the copy, so an interrupt handler never finds a half-written
 *      record. (An NMI may interrupt the copy, but only a bug check prints from there: see 5.)
 *   2. A record carries a number from one shared counter, so that the rings merge in order. (Two
 *      lines made at the same moment on two processors may come out in either order.)
 *   3. The console has a lock that is only ever tried. A processor that gets it drains all rings;
 *      one that does not leaves its line to the holder. Nobody waits for the holder, so the holder
 *      may be interrupted.
 *   4. After releasing the lock the holder looks at the rings again: a producer either finds the
 *      lock free, or that look sees its record. This is the store-buffering pattern (each side
 *      writes, then reads what the other wrote), so `waiting` and `console_lock` are seq_cst on
 *      both sides.
 *   5. In a bug check all other processors are frozen, perhaps with the lock held and in the middle
 *      of a line. The lock is then ignored, the torn line is ended and printed again, and further
 *      lines go straight to the console.
 *
 * Memory ordering. head: release by the producer, acquire by the drainer (the record's bytes).
 * tail: release by the drainer, acquire by the producer (the room). The lock: acquire and release,
 * as part of seq_cst.
 *
 * Room. A producer at DISPATCH_LEVEL or below that finds its ring full drains it, and waits for the
 * current holder of the lock for at most the patience. Above DISPATCH_LEVEL the line is lost. Lost
 * lines are counted, and the count is printed.
 */
#include "kernel/console/log.h"

#include "kernel/arch.h"
#include "kernel/console/forged.h"
#include "kernel/entry.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/wait.h"
#include "lib/printf.h"
#include "lib/string.h"

#define RING_SIZE 16384 /* a power of two */

/* Text without a line end so far. */
struct log_partial {
    size_t length;
    char text[LOG_LINE_SIZE];
};

/* One processor's lines: only it adds, only the holder of the console takes. */
struct log_ring {
    _Atomic uint32_t head;         /* bytes ever added */
    _Atomic uint32_t tail;         /* bytes ever taken */
    _Atomic uint32_t lost;         /* lines that found no room since the last report */
    struct log_partial partial[2]; /* unfinished text: below IPI_LEVEL, and from it up */
    char buffer[RING_SIZE];
};

struct record_header {
    uint64_t sequence;
    uint32_t length; /* bytes of text that follow, including the line end */
    uint32_t space;  /* bytes of the whole record, a multiple of 8 */
};

/* By index; constant after the bring-up. */
static struct log_ring boot_ring;
static struct log_ring *rings[PROCESSOR_LIMIT] = { &boot_ring };
static unsigned ring_count = 1;

static _Atomic uint64_t next_sequence;
static _Atomic uint32_t waiting; /* records in all rings, and lost lines not yet reported */
static _Atomic bool console_lock;
static _Atomic bool console_mid_line;
static bool emergency;

int log_add_ring(void)
{
    struct log_ring *ring = arch_allocate_pages(sizeof(*ring));

    if (ring == NULL || ring_count == PROCESSOR_LIMIT) {
        return -1;
    }
    memset(ring, 0, sizeof(*ring));
    rings[ring_count++] = ring;
    return 0;
}

/* Copies between plain memory and a ring, from byte `at` on, across the ring's end if need be. */
static void ring_write(struct log_ring *ring, uint32_t at, const void *bytes, size_t length)
{
    size_t offset = at & (RING_SIZE - 1);
    size_t first = length < RING_SIZE - offset ? length : RING_SIZE - offset;
    memcpy(ring->buffer + offset, bytes, first);
    memcpy(ring->buffer, (const char *)bytes + first, length - first);
}

static void ring_read(const struct log_ring *ring, uint32_t at, void *bytes, size_t length)
{
    size_t offset = at & (RING_SIZE - 1);
    size_t first = length < RING_SIZE - offset ? length : RING_SIZE - offset;
    memcpy(bytes, ring->buffer + offset, first);
    memcpy((char *)bytes + first, ring->buffer, length - first);
}

/* Adds a record if there is room. Called with interrupts disabled. */
static bool ring_push(struct log_ring *ring, const char *text, size_t length)
{
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint32_t used = head - atomic_load_explicit(&ring->tail, memory_order_acquire);
    struct record_header header = {
        .length = (uint32_t)length,
        .space = (uint32_t)((sizeof(header) + length + 7) & ~7ull),
    };

    if (header.space > RING_SIZE - used) {
        return false;
    }
    header.sequence = atomic_fetch_add_explicit(&next_sequence, 1, memory_order_relaxed);
    ring_write(ring, head, &header, sizeof(header));
    ring_write(ring, head + sizeof(header), text, length);
    atomic_store_explicit(&ring->head, head + header.space, memory_order_release);
    atomic_fetch_add(&waiting, 1);
    return true;
}

/* Reads the header of the oldest record in `ring`; false when the ring is empty. */
static bool ring_peek(const struct log_ring *ring, struct record_header *header)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (atomic_load_explicit(&ring->head, memory_order_acquire) == tail) {
        return false;
    }
    ring_read(ring, tail, header, sizeof(*header));
    return true;
}

/* Writes a whole line. `console_mid_line` tells a bug check that it interrupted one. */
static void console_write_line(const char *text, size_t length)
{
    atomic_store_explicit(&console_mid_line, true, memory_order_relaxed);
    arch_console_write(text, length);
    atomic_store_explicit(&console_mid_line, false, memory_order_relaxed);
}

/* The record leaves the ring after it is printed: if a bug check tears it, it is printed again. */
static void ring_print(struct log_ring *ring, const struct record_header *header)
{
    char text[LOG_LINE_SIZE];
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

    ring_read(ring, tail + sizeof(*header), text, header->length);
    console_write_line(text, header->length);
    atomic_store_explicit(&ring->tail, tail + header->space, memory_order_release);
    atomic_fetch_sub(&waiting, 1);
}

static bool print_losses(unsigned processor)
{
    char text[LOG_LINE_SIZE];
    uint32_t lost = atomic_exchange_explicit(&rings[processor]->lost, 0, memory_order_relaxed);

    if (lost == 0) {
        return false;
    }
    console_write_line(text, printf_format(text, sizeof(text),
                                           "log: processor %u lost %u lines: its ring was full\n",
                                           processor, lost));
    atomic_fetch_sub(&waiting, lost);
    return true;
}

/* The ring with the oldest record, whose header is copied; NULL when all rings are empty. */
static struct log_ring *find_oldest(struct record_header *oldest)
{
    struct record_header header;
    struct log_ring *from = NULL;

    for (unsigned i = 0; i < processor_count; i++) {
        struct log_ring *ring = rings[i];
        if (ring_peek(ring, &header) && (from == NULL || header.sequence < oldest->sequence)) {
            *oldest = header;
            from = ring;
        }
    }
    return from;
}

/*
 * Prints every record of every ring, oldest first, and the numbers of lost lines. Returns whether
 * there was anything. The caller holds the console. A slow console makes this take long, so where
 * interrupts are disabled, the processor takes part in calls between two lines.
 */
static bool drain_rings(void)
{
    struct record_header header;
    struct log_ring *ring;
    bool printed = false;

    while ((ring = find_oldest(&header)) != NULL) {
        ring_print(ring, &header);
        printed = true;
        bugcheck_poll_freeze();
        if (!emergency && !arch_interrupts_enabled()) {
            rendezvous_poll();
        }
    }
    for (unsigned i = 0; i < processor_count; i++) {
        printed |= print_losses(i);
    }
    return printed;
}

bool log_is_waiting(void)
{
    return atomic_load(&waiting) != 0 && !atomic_load(&console_lock);
}

void log_drain(void)
{
    bool printed = true;
    while (printed && atomic_load(&waiting) != 0) {
        if (atomic_exchange(&console_lock, true)) {
            return; /* the holder looks again after it releases the lock */
        }
        printed = drain_rings();
        atomic_store(&console_lock, false);
    }
}

void log_flush(void)
{
    struct wait wait = wait_begin(1);
    while (atomic_load(&waiting) != 0 || atomic_load(&console_lock)) {
        log_drain();
        if (wait_pass(&wait) == WAIT_EXPIRED) {
            return;
        }
    }
}

/* Makes room by draining where waiting is allowed. */
static bool push_patiently(struct log_ring *ring, const char *text, size_t length)
{
    struct wait wait = wait_begin(1);
    for (;;) {
        uintptr_t interrupts = arch_interrupts_save();
        bool pushed = ring_push(ring, text, length);
        arch_interrupts_restore(interrupts);
        if (pushed || arch_irql() > IRQL_DISPATCH) {
            return pushed;
        }
        log_drain();
        if (wait_pass(&wait) == WAIT_EXPIRED) {
            return false;
        }
    }
}

/*
 * For a bug check, and for a processor that has no index yet and therefore no ring. It is in no
 * call, so the holder of the console does not wait for it.
 */
static void print_directly(const char *text, size_t length)
{
    struct wait wait = wait_begin(1);
    while (!emergency && atomic_exchange(&console_lock, true) &&
           wait_pass(&wait) == WAIT_CONTINUE) {
    }
    console_write_line(text, length);
    atomic_store(&console_lock, false);
}

/* Prints a whole line; `text` ends with its line end. */
static void print_line(const char *text, size_t length)
{
    struct processor *self = arch_processor();
    if (emergency) {
        bugcheck_poll_freeze(); /* only the reporter prints into the report */
    }
    if (emergency || self->index == PROCESSOR_UNNUMBERED) {
        print_directly(text, length);
        return;
    }
    struct log_ring *ring = rings[self->index];
    if (!push_patiently(ring, text, length)) {
        atomic_fetch_add_explicit(&ring->lost, 1, memory_order_relaxed);
        atomic_fetch_add(&waiting, 1);
    }
    bugcheck_poll_freeze(); /* after the line is in the ring, so that the report prints it */
    if (arch_irql() <= IRQL_DISPATCH) {
        log_drain();
    }
}

void log_line(const char *format, ...)
{
    char text[LOG_LINE_SIZE];
    va_list arguments;

    va_start(arguments, format);
    size_t length = printf_format_v(text, sizeof(text) - 1, format, arguments);
    va_end(arguments);
    if (length > sizeof(text) - 2) {
        length = sizeof(text) - 2;
    }
    text[length++] = '\n';
    print_line(text, length);
}

/* Takes the line out of `partial`; interrupts are off, so that a handler finds it consistent. */
static size_t partial_take(struct log_partial *partial, char *text)
{
    uintptr_t interrupts = arch_interrupts_save();
    size_t length = partial->length;
    memcpy(text, partial->text, length);
    partial->length = 0;
    arch_interrupts_restore(interrupts);
    forged_disarm(text, length);
    if (length != 0) {
        text[length++] = '\n';
    }
    return length;
}

/* A processor without an index has unfinished text only in a bug check, where it is alone. */
static struct log_partial *current_partial(void)
{
    unsigned self = arch_processor()->index;
    struct log_ring *ring = self < ring_count ? rings[self] : &boot_ring;

    return &ring->partial[arch_irql() >= IRQL_IPI];
}

void log_finish_line(void)
{
    char text[LOG_LINE_SIZE];
    size_t length = partial_take(current_partial(), text);
    if (length != 0) {
        print_line(text, length);
    }
}

/* Adds text up to the next line end, or until the line is full. Returns the bytes taken. */
static size_t partial_add(struct log_partial *partial, const char *text, size_t length)
{
    size_t taken = 0;
    uintptr_t interrupts = arch_interrupts_save();
    while (taken < length && text[taken] != '\n' && partial->length < LOG_LINE_SIZE - 1) {
        partial->text[partial->length++] = text[taken++];
    }
    arch_interrupts_restore(interrupts);
    return taken;
}

void log_text(const char *text, size_t length)
{
    while (length != 0) {
        struct log_partial *partial = current_partial();
        size_t taken = partial_add(partial, text, length);
        text += taken;
        length -= taken;
        if (length != 0 && *text == '\n') {
            text++;
            length--;
            if (partial->length == 0) {
                print_line("\n", 1);
            }
            log_finish_line();
        } else if (length != 0) {
            log_finish_line(); /* the line is full */
        }
    }
}

void log_enter_emergency(void)
{
    emergency = true;
    if (atomic_exchange_explicit(&console_mid_line, false, memory_order_relaxed)) {
        arch_console_write("\n", 1);
    }
}

/* All other processors are frozen, so unfinished text would never be finished. */
void log_drain_emergency(void)
{
    char text[LOG_LINE_SIZE + 1];

    drain_rings();
    for (unsigned i = 0; i < 2 * processor_count; i++) {
        size_t length = partial_take(&rings[i / 2]->partial[i % 2], text);
        if (length != 0) {
            console_write_line(text, length);
        }
    }
}

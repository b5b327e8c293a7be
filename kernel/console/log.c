/* SPDX-License-Identifier: MIT */
/*
 * Lines from many processors, at any IRQL, on one console.
 *
 * Problem. A worker at IPI_LEVEL may print while the code that it interrupted, on this processor or
 * on another, holds the console. It must neither wait for the console nor lose the line, and lines
 * must come out whole and in the order in which they were made.
 *
 * Protocol.
 *   1. Every line goes to the ring of its own processor first. The processor is the ring's only
 *      producer: interrupts are disabled while it copies, so code that interrupts cannot find a
 *      half-written record. (A worker that an NMI interrupts: only a bug check prints from there,
 *      see 5.)
 *   2. A record carries a number drawn from one counter, so that the rings merge in order (two
 *      lines made at the same moment on two processors may still come out either way).
 *   3. The console has a lock that is only ever tried. Who gets it drains all rings; who does not
 *      get it leaves the line to the holder. Nobody waits for the holder, so it may be interrupted
 *      at leisure.
 *   4. The holder looks again after giving the lock back: a producer either finds the lock free or
 *      its record is seen by that look. This is the store-buffering shape (each side writes, then
 *      reads what the other wrote), hence `waiting` and `console_lock` are seq_cst on both sides.
 *   5. In a bug check everybody else is frozen, perhaps while holding the lock and in the middle of
 *      a line: the lock is ignored then, the line is ended and printed again, and lines go straight
 *      out.
 *
 * Memory ordering. head: release by the producer, acquire by the drainer (the record's bytes).
 * tail: release by the drainer, acquire by the producer (the room). The lock: acquire and release
 * through seq_cst.
 *
 * Room. At DISPATCH_LEVEL or below a producer that finds its ring full drains it, waiting up to the
 * patience for the present holder. Above, the line is lost, counted, and the count is printed.
 */
#include "kernel/console/log.h"

#include "kernel/arch.h"
#include "kernel/entry.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/rendezvous/wait.h"
#include "lib/printf.h"
#include "lib/string.h"

#define RING_SIZE 16384 /* a power of two */

/* Text that has no line end yet. */
struct log_partial {
    size_t length;
    char text[LOG_LINE_SIZE];
};

/* One processor's lines on their way out: it alone adds, whoever holds the console takes. */
struct log_ring {
    _Atomic uint32_t head;         /* bytes ever added */
    _Atomic uint32_t tail;         /* bytes ever taken */
    _Atomic uint32_t lost;         /* lines that found no room since the last report */
    struct log_partial partial[2]; /* unfinished text from below IPI_LEVEL, and from there up */
    char buffer[RING_SIZE];
};

struct record_header {
    uint64_t sequence;
    uint32_t length; /* bytes of text that follow, line end included */
    uint32_t space;  /* bytes of the whole record, a multiple of 8 */
};

/* By index; constant once the bring-up is over. */
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

/* Copies between a ring, from byte `at` on, and plain memory; the ring's end is not an edge. */
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

/* Adds a record if there is room. Interrupts are disabled. */
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

/* The number of the oldest record in `ring`; false when it is empty. */
static bool ring_peek(const struct log_ring *ring, struct record_header *header)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (atomic_load_explicit(&ring->head, memory_order_acquire) == tail) {
        return false;
    }
    ring_read(ring, tail, header, sizeof(*header));
    return true;
}

/*
 * The console's only writer: whole lines. `console_mid_line` tells a bug check where it broke in.
 */
static void console_write_line(const char *text, size_t length)
{
    atomic_store_explicit(&console_mid_line, true, memory_order_relaxed);
    arch_console_write(text, length);
    atomic_store_explicit(&console_mid_line, false, memory_order_relaxed);
}

/*
 * The record leaves the ring after it was printed: one that a bug check cuts short is printed
 * again.
 */
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

/* The ring with the oldest record, whose header is copied; NULL when all are empty. */
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
 * Prints every record of every ring, oldest first, and what was lost; says whether there was
 * anything. The caller holds the console. A slow console makes this long, so with interrupts
 * disabled it takes part in calls between two lines.
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
            return; /* the holder looks again before it is done */
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

/* Makes room by draining, as long as waiting is allowed. */
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
 * For a bug check, and for a processor that has no index yet: nobody would look into its ring. Such
 * a processor is in no call, so whoever holds the console does not wait for it.
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
        bugcheck_poll_freeze(); /* nobody else prints into the report */
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
    bugcheck_poll_freeze(); /* the line is in the ring, and will be in the report */
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

/* Takes the finished line out of `partial`, so that code which interrupts finds it consistent. */
static size_t partial_take(struct log_partial *partial, char *text)
{
    uintptr_t interrupts = arch_interrupts_save();
    size_t length = partial->length;
    memcpy(text, partial->text, length);
    partial->length = 0;
    arch_interrupts_restore(interrupts);
    if (length != 0) {
        text[length++] = '\n';
    }
    return length;
}

/* One without an index has unfinished text in a bug check only, when nobody else adds any. */
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

/* Adds up to the next line end, or as much as the line holds; returns how many bytes were taken. */
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

/* Everybody is frozen: unfinished text would never be finished. */
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

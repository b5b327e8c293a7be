/* SPDX-License-Identifier: MIT */
/*
 * The latency matrix: one row per sender and one column per target, or per block of neighbours if
 * there are more processors than fit on a screen.
 */
#include "kernel/console/log.h"
#include "lib/printf.h"
#include "tests/kernel/fabric.h"

#define SIDE_LIMIT 16 /* rows and columns */
#define CELL_WIDTH 8
#define LINE_BYTES (SIDE_LIMIT * (CELL_WIDTH + 1) + 32)

static int32_t *latencies_ns; /* by sender, then target; negative if two clocks disagree */
static int32_t *scratch_ns;   /* the members of one block */

static unsigned block_size(void)
{
    return (processor_count + SIDE_LIMIT - 1) / SIDE_LIMIT;
}

static unsigned block_count(void)
{
    return (processor_count + block_size() - 1) / block_size();
}

void fabric_latency_start(void)
{
    latencies_ns = arch_allocate_pages(sizeof(int32_t) * processor_count * processor_count);
    scratch_ns = arch_allocate_pages(sizeof(int32_t) * block_size() * block_size());
    if (latencies_ns == NULL || scratch_ns == NULL) {
        latencies_ns = NULL;
        log_line("fabric: no memory for the latency matrix");
    }
}

static int32_t median(int32_t *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        int32_t value = values[i];
        size_t at = i;
        for (; at > 0 && values[at - 1] > value; at--) {
            values[at] = values[at - 1];
        }
        values[at] = value;
    }
    return values[count / 2];
}

static int32_t to_ns(uint64_t ticks)
{
    int64_t ns = (int64_t)ticks * 1000000 / (int64_t)arch_ticks_per_ms();
    return ns > INT32_MAX ? INT32_MAX : ns < INT32_MIN ? INT32_MIN : (int32_t)ns;
}

void fabric_latency_record(unsigned sender, unsigned target, uint64_t *ticks, size_t count)
{
    int32_t ns[8];

    if (latencies_ns == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        ns[i] = to_ns(ticks[i]);
    }
    latencies_ns[(size_t)sender * processor_count + target] = median(ns, count);
}

/* The median over a block of senders and a block of targets. */
static int32_t block_latency(unsigned first_sender, unsigned first_target)
{
    size_t count = 0;

    for (unsigned i = first_sender; i < first_sender + block_size() && i < processor_count; i++) {
        for (unsigned j = first_target; j < first_target + block_size() && j < processor_count;
             j++) {
            scratch_ns[count++] = latencies_ns[(size_t)i * processor_count + j];
        }
    }
    return median(scratch_ns, count);
}

/* A processor's index, or the indices of a block. */
static size_t print_label(char *at, size_t room, unsigned block)
{
    unsigned first = block * block_size(), last = first + block_size() - 1;
    char text[CELL_WIDTH * 2];

    if (last >= processor_count) {
        last = processor_count - 1;
    }
    if (first == last) {
        printf_format(text, sizeof(text), "%u", first);
    } else {
        printf_format(text, sizeof(text), "%u-%u", first, last);
    }
    return (size_t)printf_format(at, room, " %*s", CELL_WIDTH, text);
}

static void print_row(unsigned row)
{
    char line[LINE_BYTES];
    size_t length = print_label(line, sizeof(line), row);

    for (unsigned column = 0; column < block_count(); column++) {
        length += (size_t)printf_format(line + length, sizeof(line) - length, " %*d", CELL_WIDTH,
                                        block_latency(row * block_size(), column * block_size()));
    }
    log_line("%s", line);
}

void fabric_latency_print(void)
{
    char line[LINE_BYTES];
    size_t length;

    if (latencies_ns == NULL) {
        return;
    }
    log_line("fabric: median ns from the sending to the handler's entry; a row sends, a column "
             "receives");
    length = (size_t)printf_format(line, sizeof(line), " %*s", CELL_WIDTH, "");
    for (unsigned column = 0; column < block_count(); column++) {
        length += print_label(line + length, sizeof(line) - length, column);
    }
    log_line("%s", line);
    for (unsigned row = 0; row < block_count(); row++) {
        print_row(row);
    }
}

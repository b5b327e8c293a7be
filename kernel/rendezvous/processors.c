/* SPDX-License-Identifier: MIT */
#include "kernel/rendezvous/processors.h"

struct processor *processors[PROCESSOR_LIMIT];
unsigned processor_count;
struct processor_set processors_online;
unsigned processors_online_count;

unsigned processors_add(struct processor *processor)
{
    unsigned index = processor_count;

    processor->index = index;
    processors[index] = processor;
    processor_set_add(&processors_online, index);
    processors_online_count++;
    processor_set_used_words = index / 64 + 1;
    processor_count++;
    atomic_store_explicit(&processor->online, true, memory_order_release);
    return index;
}

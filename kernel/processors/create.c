/* SPDX-License-Identifier: MIT */
/* The structures of the processors, for the machine that asks for them (entry.h). */
#include "kernel/console/log.h"
#include "kernel/processors/life.h"
#include "lib/string.h"

struct processor boot_processor = { .index = PROCESSOR_UNNUMBERED };

struct processor *processor_create(void)
{
    struct processor *processor = arch_allocate_pages(sizeof(*processor));

    if (processor == NULL || log_add_ring() != 0) {
        return NULL;
    }
    memset(processor, 0, sizeof(*processor));
    processor->index = PROCESSOR_UNNUMBERED;
    return processor;
}

unsigned processor_publish(struct processor *processor)
{
    return processors_add(processor);
}

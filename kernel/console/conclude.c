/* SPDX-License-Identifier: MIT */
#include "kernel/console/conclude.h"

#include "kernel/rendezvous/processors.h"
#include "kernel/version.h"
#include "lib/printf.h"

#define DETAILS_SIZE 96

void conclude(const char *title, enum conclusion conclusion)
{
    char details[DETAILS_SIZE];

    printf_format(details, sizeof(details), "Muster %s, %u processor%s", version_text,
                  processor_count, processor_count == 1 ? "" : "s");
    arch_console_conclude(title, details, conclusion == CONCLUDE_GOOD);
}

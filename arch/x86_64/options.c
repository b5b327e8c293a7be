/* SPDX-License-Identifier: MIT */
/*
 * The machine's options on the command line.
 */
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/lapic.h"
#include "kernel/arch.h"

static int store_apic(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)cmdline;
    (void)text;
    if (number == 1) {
        lapic_ask_for_x2apic();
    }
    return 0;
}

static int store_nosse(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)cmdline;
    (void)text;
    (void)number;
    cpu_leave_out(CPU_SSE);
    return 0;
}

static int store_nosmep(struct cmdline *cmdline, const char *text, uint64_t number)
{
    (void)cmdline;
    (void)text;
    (void)number;
    cpu_leave_out(CPU_SUPERVISOR_PROTECTION);
    return 0;
}

const struct cmdline_option arch_options[] = {
    {
        .name = "apic",
        .choices = "auto|x2apic",
        .help = "the mode of the local APICs: as the firmware left it, unless an id needs x2APIC "
                "(default), or x2APIC",
        .store = store_apic,
    },
    {
        .name = "nosse",
        .help = "do not use the SSE unit: some emulators stop at its instructions",
        .store = store_nosse,
    },
    {
        .name = "nosmep",
        .help = "do not set SMEP, SMAP and UMIP",
        .store = store_nosmep,
    },
    { .name = NULL },
};

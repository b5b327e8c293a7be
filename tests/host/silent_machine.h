/* SPDX-License-Identifier: MIT */
/* What a host test can ask of the processors in silent_machine.c. */
#ifndef TESTS_HOST_SILENT_MACHINE_H
#define TESTS_HOST_SILENT_MACHINE_H

#include "kernel/processors/life.h"

#define SILENT_PROCESSORS   4
#define SILENT_FREEZES      2 /* the only one that answers in a bug check */
#define SILENT_CONSOLE_SIZE 4096

extern char silent_console[SILENT_CONSOLE_SIZE]; /* what was logged */
extern uint64_t silent_ticks;                    /* the clock */
extern uint64_t silent_generation;               /* the latest call's */
extern unsigned silent_self;                     /* the running processor */
extern struct arch_snapshot silent_present;      /* its present state */
extern bool silent_reports;                      /* in a bug check */
extern unsigned silent_alarms;                   /* how often one was set */

/* Resets everything. */
void silent_reset(void);

#endif

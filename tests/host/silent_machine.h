/* SPDX-License-Identifier: MIT */
/* How a host test controls the processors of silent_machine.c. */
#ifndef TESTS_HOST_SILENT_MACHINE_H
#define TESTS_HOST_SILENT_MACHINE_H

#include "kernel/processors/life.h"

#define SILENT_PROCESSORS   4
#define SILENT_FREEZES      2 /* the only processor that answers in a bug check */
#define SILENT_CONSOLE_SIZE 4096

extern char silent_console[SILENT_CONSOLE_SIZE]; /* the log */
extern uint64_t silent_ticks;                    /* the clock */
extern uint64_t silent_generation;               /* of the latest call */
extern unsigned silent_self;                     /* the processor that runs */
extern struct arch_snapshot silent_present;      /* what that processor is doing */
extern bool silent_reports;                      /* in a bug check */
extern unsigned silent_alarms;                   /* how often an alarm was set */

/* Resets everything. */
void silent_reset(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The kernel's command line: words separated by white space, each `key=value` or a flag.
 *
 * The line does not begin with a program name: QEMU's -append and GRUB's multiboot2 line arrive as
 * they were written, so the first word is an option like any other. There is no quoting. If an
 * option is given twice, the last one counts; only `phantom=` and `inject=` add up.
 */
#ifndef KERNEL_CONSOLE_CMDLINE_H
#define KERNEL_CONSOLE_CMDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/arch.h"
#include "kernel/option.h"
#include "kernel/rendezvous/wait.h"

/* How much of a line is read, in bytes. */
#define CMDLINE_MAX_LENGTH 4095

#define CMDLINE_MAX_PHANTOMS 4

struct cmdline {
    char test[32];           /* the test to run at boot; empty: none was named */
    unsigned max_processors; /* 1..1024; 0: no limit */
    bool no_smp;             /* start no other processor */
    uint32_t timeout_ms;     /* deadline of a call, 100..600000; 0: none was given */
    enum arch_end end;       /* how a run ends; the default depends on the machine */
    enum arch_broadcast broadcast;
    enum wait_policy wait;
    unsigned trace_calls; /* how many calls are printed before the verdict, 0..64 */
    uint32_t phantom_hardware_ids[CMDLINE_MAX_PHANTOMS];
    unsigned phantom_count; /* processors to add to the firmware's list that do not exist */
    bool refused;           /* an essential option has a bad value: the run must end */
};

/* The options of the kernel; a table ends with a row whose name is NULL. */
extern const struct cmdline_option cmdline_options[];

/*
 * Writes the values that an option takes ("1..1024", "halt|reset|exit", "a name of 1..31
 * characters"; "no value" for a flag) to `buffer` of `size` bytes, truncated if need be.
 *
 * IRQL: any. Returns: the length, as printf_format() does.
 */
size_t cmdline_describe(const struct cmdline_option *option, char *buffer, size_t size);

/*
 * Parses `line` (NULL: an empty one) into `*out`, by the options in `tables`, a list that ends with
 * NULL. The former contents of `*out` do not matter: what the line does not set gets its default.
 *
 * A word that is not understood is ignored or, if it is an essential option, refused. `complain`
 * (may be NULL) gets one line about it, without a line end: which word, and what is wrong with it;
 * for an unknown option, also the nearest name in `tables`. The rest of a line that is longer than
 * CMDLINE_MAX_LENGTH bytes is ignored with a complaint, including the word that straddles the
 * limit.
 *
 * IRQL: any (called twice, at boot). About 800 bytes of stack.
 */
void cmdline_parse(const char *line, const struct cmdline_option *const *tables,
                   struct cmdline *out, void (*complain)(const char *message));

#endif

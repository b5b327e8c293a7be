/* SPDX-License-Identifier: MIT */
/*
 * One option of the command line (console/cmdline.h). Each part that has options has a table of
 * them: the kernel, the machine, fault injection, the tests.
 */
#ifndef KERNEL_OPTION_H
#define KERNEL_OPTION_H

#include <stdbool.h>
#include <stdint.h>

struct cmdline; /* the kernel's own settings */

/*
 * The parser, its complaints and the help text are all made from this row.
 *
 * The option takes a choice if `choices` is given; otherwise a number from `minimum` to `maximum`
 * if `maximum` is not 0; otherwise text if `text` is given; otherwise nothing: it is a flag.
 */
struct cmdline_option {
    const char *name;
    const char *choices; /* "halt|reset|exit" */
    const char *text;    /* describes the text; for a number, a remark about it */
    uint64_t minimum;
    uint64_t maximum;
    const char *help; /* one line, for the list of options */
    bool essential;   /* a bad value ends the run: it would not be the run that was asked for */

    /* What was expected instead of this text. NULL: what the member `text` says. */
    const char *(*expected)(const char *text);

    /*
     * Stores the value: the text itself, and the number or the index of the choice. Returns 0, or
     * -1 if the text is bad or there is no room for it. Called again each time the line is parsed.
     */
    int (*store)(struct cmdline *cmdline, const char *text, uint64_t number);
};

#endif

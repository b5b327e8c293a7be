/* SPDX-License-Identifier: MIT */
/*
 * The flight recorder's dump.
 */
#ifndef KERNEL_SILENCE_TRACE_DUMP_H
#define KERNEL_SILENCE_TRACE_DUMP_H

/*
 * For a bug check: prints the events of the last two calls, and all events of this processor and of
 * `culprit` (an index; one that no processor has is ignored). trace_print() is for a system that
 * goes on (include/muster.h). IRQL: any, with the log in its emergency mode.
 */
void trace_dump_bugcheck(unsigned culprit);

#endif

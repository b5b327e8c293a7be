/* SPDX-License-Identifier: MIT */
/*
 * The flight recorder's dump.
 */
#ifndef KERNEL_SILENCE_TRACE_DUMP_H
#define KERNEL_SILENCE_TRACE_DUMP_H

/*
 * Prints, for a bug check: the last two calls, and all that is left of `culprit` (an index; one
 * that no processor has is nobody) and of the processor that runs this. trace_print() is for a
 * system that goes on (include/muster.h). IRQL: any, the log in emergency.
 */
void trace_dump_bugcheck(unsigned culprit);

#endif

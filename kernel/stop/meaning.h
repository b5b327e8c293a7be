/* SPDX-License-Identifier: MIT */
/*
 * What a bug check means, in one sentence for people.
 */
#ifndef KERNEL_STOP_MEANING_H
#define KERNEL_STOP_MEANING_H

#include <stddef.h>

#include "kernel/stop/bugcheck.h"

/*
 * Writes to `text` what the code and the parameters of `bugcheck` say, with symbols for addresses;
 * nothing for a code that only drivers use. `instruction` is where the system stopped. IRQL: any.
 */
void meaning_describe(const struct bugcheck *bugcheck, uintptr_t instruction, char *text,
                      size_t size);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Stands in for arch/x86_64/percpu.h, as cpu.h beside it: the current processor is the test's.
 */
#ifndef ARCH_X86_64_PERCPU_H
#define ARCH_X86_64_PERCPU_H

#include "arch/x86_64/regs.h"

struct percpu {
    unsigned index;
};

struct percpu *percpu_current(void);

#endif

/* SPDX-License-Identifier: MIT */
/* Translations that no processor may go on using. */
#ifndef KERNEL_PROCESSORS_TLB_H
#define KERNEL_PROCESSORS_TLB_H

#include <stddef.h>
#include <stdint.h>

/*
 * On return, no processor uses a translation of the `pages` pages from `address` on that was
 * changed or removed before the call. One page or more; beyond a few, each processor forgets all of
 * its translations.
 *
 * IRQL: < IPI_LEVEL, not from inside a worker: bug check 0x0A otherwise (as KeIpiGenericCall, B1).
 */
void tlb_flush(uintptr_t address, size_t pages);

#endif

/* SPDX-License-Identifier: MIT */
/* Memory reached through a page table, as seen by a processor that caches translations. */
#ifndef TESTS_THREADS_PAGES_H
#define TESTS_THREADS_PAGES_H

#include <stdint.h>

#define PAGES      8 /* in the table */
#define PAGE_BYTES 4096

/*
 * Maps `page`, 0..PAGES-1, to `frame`. Processors may go on using the old frame
 * (kernel/processors/tlb.h).
 */
void pages_map(unsigned page, const unsigned *frame);

/* Loads from `page`, like one instruction: no interrupt comes between translation and access. */
unsigned pages_load(unsigned page);

#endif

/* SPDX-License-Identifier: MIT */
/* What the stand-ins for the host kernel have recorded: see host.c. */
#ifndef TESTS_THREADS_HOST_H
#define TESTS_THREADS_HOST_H

/* Calls made so far, and those of them that did not run everywhere at IPI_LEVEL. */
extern unsigned host_calls;
extern unsigned host_incomplete_calls;

#endif

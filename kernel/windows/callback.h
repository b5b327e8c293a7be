/* SPDX-License-Identifier: MIT */
/*
 * The registered bug check callbacks: provided by callback.c, used by callback_run.c.
 */
#ifndef KERNEL_WINDOWS_CALLBACK_H
#define KERNEL_WINDOWS_CALLBACK_H

#include <wdm.h>

#include <stdbool.h>

#define CALLBACK_LIMIT 1024 /* records in each list */

/* Records in order of registration, linked by Flink. The list can be walked at any moment. */
struct callback_list {
    LIST_ENTRY head;
    size_t record_size;
};
extern struct callback_list callbacks_plain, callbacks_with_reason;

/* The Checksum of an intact record: the same sum as on Windows. */
ULONG_PTR callback_plain_checksum(const KBUGCHECK_CALLBACK_RECORD *record);
ULONG_PTR callback_reason_checksum(const KBUGCHECK_REASON_CALLBACK_RECORD *record);

/* Whether a bug check calls routines with this reason. */
bool callback_is_reason(KBUGCHECK_CALLBACK_REASON reason);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The bug check callbacks that are registered: from callback.c, for callback_run.c.
 */
#ifndef KERNEL_WINDOWS_CALLBACK_H
#define KERNEL_WINDOWS_CALLBACK_H

#include <wdm.h>

#include <stdbool.h>

#define CALLBACK_LIMIT 1024 /* registered at once, in each list */

/* Records in order of registration, linked by Flink; the list can be walked at any moment. */
struct callback_list {
    LIST_ENTRY head;
    size_t record_size;
};
extern struct callback_list callbacks_plain, callbacks_with_reason;

/* The Checksum of an intact record: what Windows adds up, too. */
ULONG_PTR callback_plain_checksum(const KBUGCHECK_CALLBACK_RECORD *record);
ULONG_PTR callback_reason_checksum(const KBUGCHECK_REASON_CALLBACK_RECORD *record);

/* Is this one of the reasons for which a routine is called here? */
bool callback_is_reason(KBUGCHECK_CALLBACK_REASON reason);

#endif

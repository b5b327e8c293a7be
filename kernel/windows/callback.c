/* SPDX-License-Identifier: MIT */
/*
 * Bug check callbacks: the exported routines that register them. callback_run.c calls them.
 *
 * The problem. A bug check can happen at any moment, even while a processor is inside a
 * registration that it will never finish. The lists must be walked all the same, without waiting
 * for a lock.
 *
 * The lists. Each is circular with a head, as LIST_ENTRY lists are. A registration first links its
 * record forward and then makes the last record point to it (release); a removal is one store to
 * the previous record. So at every moment a walk along Flink finds every registered record, and
 * nothing else. Blink is never followed; it is kept for readers of the list in a debugger.
 *
 * The lock orders registrations and removals. It is held at HIGH_LEVEL with interrupts disabled, so
 * no holder is ever interrupted, and the wait for it has a deadline like every other wait. In a bug
 * check all other processors are frozen, so the reporter does not take it: a callback may
 * deregister itself or another.
 */
#include <wdm.h>

#include "kernel/irql.h"
#include "kernel/stop/bugcheck.h"
#include "kernel/windows/callback.h"
#include "kernel/windows/spinlock.h"

struct callback_list callbacks_plain = {
    .head = { &callbacks_plain.head, &callbacks_plain.head },
    .record_size = sizeof(KBUGCHECK_CALLBACK_RECORD),
};
struct callback_list callbacks_with_reason = {
    .head = { &callbacks_with_reason.head, &callbacks_with_reason.head },
    .record_size = sizeof(KBUGCHECK_REASON_CALLBACK_RECORD),
};

static struct spinlock lock;

struct hold {
    unsigned irql;
    uintptr_t interrupts;
    bool locked;
};

static struct hold take_lists(void)
{
    struct hold hold = { .locked = !bugcheck_is_mine() };

    hold.interrupts = arch_interrupts_save();
    hold.irql = irql_set(IRQL_HIGH);
    if (hold.locked) {
        spinlock_acquire(&lock);
    }
    return hold;
}

static void give_lists(const struct hold *hold)
{
    if (hold->locked) {
        spinlock_release(&lock);
    }
    arch_irql_write(hold->irql);
    arch_interrupts_restore(hold->interrupts);
}

/* One store writes the whole link, after everything that it leads to (release). */
static void set_next(LIST_ENTRY *entry, LIST_ENTRY *next)
{
    __atomic_store_n(&entry->Flink, next, __ATOMIC_RELEASE);
}

/* The entry before `entry`, possibly the head; NULL if `entry` is not in the list. */
static LIST_ENTRY *find_before(struct callback_list *list, const LIST_ENTRY *entry)
{
    LIST_ENTRY *before = &list->head;

    for (unsigned i = 0; i <= CALLBACK_LIMIT; i++) {
        if (before->Flink == entry) {
            return before;
        }
        before = before->Flink;
        if (before == &list->head) {
            return NULL;
        }
    }
    return NULL;
}

static bool has_room(struct callback_list *list)
{
    unsigned count = 0;
    for (LIST_ENTRY *at = list->head.Flink; at != &list->head && count < CALLBACK_LIMIT;
         at = at->Flink) {
        count++;
    }
    return count < CALLBACK_LIMIT;
}

static bool may_append(struct callback_list *list, const LIST_ENTRY *entry, UCHAR state)
{
    return state == BufferEmpty && find_before(list, entry) == NULL && has_room(list);
}

/* The record is complete. */
static void append(struct callback_list *list, LIST_ENTRY *entry)
{
    LIST_ENTRY *last = find_before(list, &list->head);

    entry->Flink = &list->head;
    entry->Blink = last;
    set_next(last, entry);
    list->head.Blink = entry;
}

static bool withdraw(struct callback_list *list, LIST_ENTRY *entry, UCHAR *state)
{
    struct hold hold = take_lists();
    LIST_ENTRY *before = find_before(list, entry);

    if (before != NULL) {
        set_next(before, entry->Flink);
        entry->Flink->Blink = before;
        *state = BufferEmpty;
    }
    give_lists(&hold);
    return before != NULL;
}

ULONG_PTR callback_plain_checksum(const KBUGCHECK_CALLBACK_RECORD *record)
{
    return (ULONG_PTR)record->CallbackRoutine + (ULONG_PTR)record->Buffer + record->Length +
           (ULONG_PTR)record->Component;
}

ULONG_PTR callback_reason_checksum(const KBUGCHECK_REASON_CALLBACK_RECORD *record)
{
    return (ULONG_PTR)record->CallbackRoutine + (ULONG_PTR)record->Component + record->Reason;
}

BOOLEAN NTAPI KeRegisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord,
                                         PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine, PVOID Buffer,
                                         ULONG Length, PUCHAR Component)
{
    if (!arch_code_address_valid((uintptr_t)CallbackRoutine)) {
        return FALSE;
    }
    struct hold hold = take_lists();
    bool fits = may_append(&callbacks_plain, &CallbackRecord->Entry, CallbackRecord->State);
    if (fits) {
        CallbackRecord->CallbackRoutine = CallbackRoutine;
        CallbackRecord->Buffer = Buffer;
        CallbackRecord->Length = Length;
        CallbackRecord->Component = Component;
        CallbackRecord->Checksum = callback_plain_checksum(CallbackRecord);
        CallbackRecord->State = BufferInserted;
        append(&callbacks_plain, &CallbackRecord->Entry);
    }
    give_lists(&hold);
    return fits;
}

BOOLEAN NTAPI KeDeregisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord)
{
    return withdraw(&callbacks_plain, &CallbackRecord->Entry, &CallbackRecord->State);
}

bool callback_is_reason(KBUGCHECK_CALLBACK_REASON reason)
{
    return reason == KbCallbackSecondaryDumpData || reason == KbCallbackDumpIo ||
           reason == KbCallbackAddPages;
}

BOOLEAN NTAPI KeRegisterBugCheckReasonCallback(PKBUGCHECK_REASON_CALLBACK_RECORD CallbackRecord,
                                               PKBUGCHECK_REASON_CALLBACK_ROUTINE CallbackRoutine,
                                               KBUGCHECK_CALLBACK_REASON Reason, PUCHAR Component)
{
    if (!arch_code_address_valid((uintptr_t)CallbackRoutine) || !callback_is_reason(Reason)) {
        return FALSE;
    }
    struct hold hold = take_lists();
    bool fits = may_append(&callbacks_with_reason, &CallbackRecord->Entry, CallbackRecord->State);
    if (fits) {
        CallbackRecord->CallbackRoutine = CallbackRoutine;
        CallbackRecord->Component = Component;
        CallbackRecord->Reason = Reason;
        CallbackRecord->Checksum = callback_reason_checksum(CallbackRecord);
        CallbackRecord->State = BufferInserted;
        append(&callbacks_with_reason, &CallbackRecord->Entry);
    }
    give_lists(&hold);
    return fits;
}

BOOLEAN NTAPI KeDeregisterBugCheckReasonCallback(PKBUGCHECK_REASON_CALLBACK_RECORD CallbackRecord)
{
    return withdraw(&callbacks_with_reason, &CallbackRecord->Entry, &CallbackRecord->State);
}

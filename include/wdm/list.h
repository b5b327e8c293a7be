/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked circular lists and singly linked stacks. Part of wdm.h; include that.
 *
 * The head of a list is a separate LIST_ENTRY; an empty list's head points to itself. No routine
 * takes a lock, so all are allowed at any IRQL; the caller provides the locking.
 *
 * Source: Windows driver documentation, "Singly and Doubly Linked Lists".
 */
#ifndef MUSTER_WDM_LIST_H
#define MUSTER_WDM_LIST_H

#include "../ntdef.h"

static FORCEINLINE VOID InitializeListHead(_Out_ PLIST_ENTRY ListHead)
{
    ListHead->Flink = ListHead;
    ListHead->Blink = ListHead;
}

static FORCEINLINE BOOLEAN IsListEmpty(_In_ const LIST_ENTRY *ListHead)
{
    return ListHead->Flink == ListHead;
}

/* Put Entry between two neighbours: the common part of both insertions. */
static FORCEINLINE VOID muster_list_link(PLIST_ENTRY Before, PLIST_ENTRY Entry, PLIST_ENTRY After)
{
    Entry->Flink = After;
    Entry->Blink = Before;
    Before->Flink = Entry;
    After->Blink = Entry;
}

static FORCEINLINE VOID InsertHeadList(_Inout_ PLIST_ENTRY ListHead, _Out_ PLIST_ENTRY Entry)
{
    muster_list_link(ListHead, Entry, ListHead->Flink);
}

static FORCEINLINE VOID InsertTailList(_Inout_ PLIST_ENTRY ListHead, _Out_ PLIST_ENTRY Entry)
{
    muster_list_link(ListHead->Blink, Entry, ListHead);
}

/* Remove Entry from its list. Returns TRUE if the list is then empty. */
static FORCEINLINE BOOLEAN RemoveEntryList(_In_ PLIST_ENTRY Entry)
{
    PLIST_ENTRY before = Entry->Blink;
    PLIST_ENTRY after = Entry->Flink;

    before->Flink = after;
    after->Blink = before;
    return before == after;
}

/* Returns the first entry, or the head if the list is empty. */
static FORCEINLINE PLIST_ENTRY RemoveHeadList(_Inout_ PLIST_ENTRY ListHead)
{
    PLIST_ENTRY entry = ListHead->Flink;

    RemoveEntryList(entry);
    return entry;
}

/* Returns the last entry, or the head if the list is empty. */
static FORCEINLINE PLIST_ENTRY RemoveTailList(_Inout_ PLIST_ENTRY ListHead)
{
    PLIST_ENTRY entry = ListHead->Blink;

    RemoveEntryList(entry);
    return entry;
}

static FORCEINLINE VOID PushEntryList(_Inout_ PSINGLE_LIST_ENTRY ListHead,
                                      _Out_ PSINGLE_LIST_ENTRY Entry)
{
    Entry->Next = ListHead->Next;
    ListHead->Next = Entry;
}

/* Returns the entry that was pushed last, or NULL if the list is empty. */
static FORCEINLINE PSINGLE_LIST_ENTRY PopEntryList(_Inout_ PSINGLE_LIST_ENTRY ListHead)
{
    PSINGLE_LIST_ENTRY entry = ListHead->Next;

    if (entry != NULL) {
        ListHead->Next = entry->Next;
    }
    return entry;
}

#endif /* MUSTER_WDM_LIST_H */

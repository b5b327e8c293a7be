/* SPDX-License-Identifier: MIT */
/*
 * Processor numbers, counts and groups. An index counts all processors; a group holds 64 of them,
 * so index i is number i % 64 of group i / 64. Routines without Ex cover group 0 only, as on
 * Windows. The active processors are those online at the moment of the query. An offline processor
 * keeps its number and counts towards the maximum.
 */
#include <wdm.h>

#include "kernel/rendezvous/processors.h"

#define GROUP_SIZE 64

/*
 * For old drivers: group 0 only. Set before the driver runs (driver.c), and constant from then on.
 */
volatile CCHAR KeNumberProcessors;

static ULONG group_count(void)
{
    return (processor_count + GROUP_SIZE - 1) / GROUP_SIZE;
}

static ULONG group_processors(USHORT group)
{
    ULONG first = (ULONG)group * GROUP_SIZE;
    if (first >= processor_count) {
        return 0;
    }
    return processor_count - first < GROUP_SIZE ? processor_count - first : GROUP_SIZE;
}

/* The active processors of a group, by number. */
static KAFFINITY group_affinity(USHORT group)
{
    KAFFINITY affinity = 0;

    for (ULONG number = 0; number < group_processors(group); number++) {
        bool online = processor_is_online((ULONG)group * GROUP_SIZE + number);
        affinity |= (KAFFINITY)online << number;
    }
    return affinity;
}

static ULONG count_members(KAFFINITY affinity)
{
    ULONG count = 0;
    for (; affinity != 0; affinity &= affinity - 1) {
        count++;
    }
    return count;
}

static void number_from_index(ULONG index, PPROCESSOR_NUMBER number)
{
    *number = (PROCESSOR_NUMBER){ .Group = (USHORT)(index / GROUP_SIZE),
                                  .Number = (UCHAR)(index % GROUP_SIZE) };
}

ULONG NTAPI KeGetCurrentProcessorNumber(VOID)
{
    return arch_processor()->index % GROUP_SIZE;
}

ULONG NTAPI KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber)
{
    ULONG index = arch_processor()->index;
    if (ProcNumber != NULL) {
        number_from_index(index, ProcNumber);
    }
    return index;
}

ULONG NTAPI KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors)
{
    KAFFINITY active = group_affinity(0);

    if (ActiveProcessors != NULL) {
        *ActiveProcessors = active;
    }
    return count_members(active);
}

ULONG NTAPI KeQueryActiveProcessorCountEx(USHORT GroupNumber)
{
    ULONG count = 0;

    if (GroupNumber != ALL_PROCESSOR_GROUPS) {
        return count_members(group_affinity(GroupNumber));
    }
    for (ULONG group = 0; group < group_count(); group++) {
        count += count_members(group_affinity((USHORT)group));
    }
    return count;
}

ULONG NTAPI KeQueryMaximumProcessorCount(VOID)
{
    return group_processors(0);
}

ULONG NTAPI KeQueryMaximumProcessorCountEx(USHORT GroupNumber)
{
    return GroupNumber == ALL_PROCESSOR_GROUPS ? processor_count : group_processors(GroupNumber);
}

KAFFINITY NTAPI KeQueryActiveProcessors(VOID)
{
    return group_affinity(0);
}

/* A group stays active when its last processor goes offline: one may come back. */
USHORT NTAPI KeQueryActiveGroupCount(VOID)
{
    return (USHORT)group_count();
}

USHORT NTAPI KeQueryMaximumGroupCount(VOID)
{
    return (USHORT)group_count();
}

KAFFINITY NTAPI KeQueryGroupAffinity(USHORT GroupNumber)
{
    return group_affinity(GroupNumber);
}

NTSTATUS NTAPI KeGetProcessorNumberFromIndex(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber)
{
    if (ProcIndex >= processor_count) {
        return STATUS_INVALID_PARAMETER;
    }
    number_from_index(ProcIndex, ProcNumber);
    return STATUS_SUCCESS;
}

ULONG NTAPI KeGetProcessorIndexFromNumber(PPROCESSOR_NUMBER ProcNumber)
{
    if (ProcNumber->Number >= group_processors(ProcNumber->Group) || ProcNumber->Reserved != 0) {
        return INVALID_PROCESSOR_INDEX;
    }
    return (ULONG)ProcNumber->Group * GROUP_SIZE + ProcNumber->Number;
}

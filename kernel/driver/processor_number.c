/*
 * Processor numbers, counts and groups. An index counts all processors; a group holds 64 of them,
 * so index i is number i % 64 of group i / 64. The plain routines speak of group 0 only, as on
 * Windows.
 */
#include <wdm.h>

#include "kernel/processor.h"

#define GROUP_SIZE 64

/* Kept for old drivers: group 0 only. Set before a driver runs (run.c). */
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

static KAFFINITY group_affinity(USHORT group)
{
    ULONG count = group_processors(group);
    return count == GROUP_SIZE ? ~(KAFFINITY)0 : ((KAFFINITY)1 << count) - 1;
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
    if (ActiveProcessors != NULL) {
        *ActiveProcessors = group_affinity(0);
    }
    return group_processors(0);
}

ULONG NTAPI KeQueryActiveProcessorCountEx(USHORT GroupNumber)
{
    return GroupNumber == ALL_PROCESSOR_GROUPS ? processor_count : group_processors(GroupNumber);
}

/* No processor can be added, so the maximum is what is active. */
ULONG NTAPI KeQueryMaximumProcessorCount(VOID)
{
    return group_processors(0);
}

ULONG NTAPI KeQueryMaximumProcessorCountEx(USHORT GroupNumber)
{
    return KeQueryActiveProcessorCountEx(GroupNumber);
}

KAFFINITY NTAPI KeQueryActiveProcessors(VOID)
{
    return group_affinity(0);
}

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

/* SPDX-License-Identifier: MIT */
/*
 * Processors: the current one, and how many there are. Part of wdm.h; include that.
 *
 * A processor has a system-wide index, 0 to the maximum count minus one, and a number within its
 * group of at most 64. Routines without Ex cover group 0 only. On Windows a caller below
 * DISPATCH_LEVEL can move to another processor at any time; here a driver stays on its first.
 *
 * Source of each routine: its reference page in the Windows driver documentation.
 */
#ifndef MUSTER_WDM_PROCESSOR_H
#define MUSTER_WDM_PROCESSOR_H

#include "../ntdef.h"

#define INVALID_PROCESSOR_INDEX 0xffffffff

/* The number of processors in group 0, as a char: prefer KeQueryActiveProcessorCountEx. */
extern NTKERNELAPI volatile CCHAR KeNumberProcessors;

/**
 * KeGetCurrentProcessorNumber - The current processor's number in group 0.
 *
 * IRQL: any.
 * Returns: the number; on a processor of another group, some number that is valid in group 0.
 * Source: KeGetCurrentProcessorNumber function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI ULONG NTAPI KeGetCurrentProcessorNumber(VOID);

/**
 * KeGetCurrentProcessorNumberEx - The current processor's index, group and number.
 * @ProcNumber: receives group and number; may be NULL.
 *
 * IRQL: any.
 * Returns: the system-wide index.
 * Source: KeGetCurrentProcessorNumberEx function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI ULONG NTAPI KeGetCurrentProcessorNumberEx(_Out_opt_ PPROCESSOR_NUMBER ProcNumber);

/**
 * KeQueryActiveProcessorCount - The number of active processors in group 0.
 * @ActiveProcessors: receives their affinity mask; may be NULL.
 *
 * IRQL: any.
 * Returns: the count, 1 to 64.
 * Source: KeQueryActiveProcessorCount function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI ULONG NTAPI KeQueryActiveProcessorCount(_Out_opt_ PKAFFINITY ActiveProcessors);

/**
 * KeQueryActiveProcessorCountEx - The number of active processors in a group or in all groups.
 * @GroupNumber: the group, or ALL_PROCESSOR_GROUPS.
 *
 * IRQL: any.
 * Returns: the count; 0 if there is no such group.
 * Source: KeQueryActiveProcessorCountEx function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI ULONG NTAPI KeQueryActiveProcessorCountEx(_In_ USHORT GroupNumber);

/**
 * KeQueryMaximumProcessorCount - The number of processors that group 0 can ever have.
 *
 * IRQL: any.
 * Returns: the count, 1 to 64.
 * Source: KeQueryMaximumProcessorCount function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI ULONG NTAPI KeQueryMaximumProcessorCount(VOID);

/**
 * KeQueryMaximumProcessorCountEx - The same for a group or for all groups.
 * @GroupNumber: the group, or ALL_PROCESSOR_GROUPS.
 *
 * IRQL: any.
 * Returns: the count; 0 if there is no such group.
 * Source: KeQueryMaximumProcessorCountEx function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI ULONG NTAPI KeQueryMaximumProcessorCountEx(_In_ USHORT GroupNumber);

/**
 * KeQueryActiveProcessors - The affinity mask of the active processors in group 0.
 *
 * IRQL: any.
 * Returns: the mask, bit n for the processor with number n.
 * Source: KeQueryActiveProcessors function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI KAFFINITY NTAPI KeQueryActiveProcessors(VOID);

/**
 * KeQueryActiveGroupCount - The number of groups with active processors.
 *
 * IRQL: any.
 * Returns: the count, at least 1.
 * Source: KeQueryActiveGroupCount function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI USHORT NTAPI KeQueryActiveGroupCount(VOID);

/**
 * KeQueryMaximumGroupCount - The number of groups that there can ever be.
 *
 * IRQL: any.
 * Returns: the count, at least 1.
 * Source: KeQueryMaximumGroupCount function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI USHORT NTAPI KeQueryMaximumGroupCount(VOID);

/**
 * KeQueryGroupAffinity - The affinity mask of the active processors in a group.
 * @GroupNumber: the group.
 *
 * IRQL: any.
 * Returns: the mask; 0 if there is no such group.
 * Source: KeQueryGroupAffinity function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI KAFFINITY NTAPI KeQueryGroupAffinity(_In_ USHORT GroupNumber);

/**
 * KeGetProcessorNumberFromIndex - Group and number of the processor with an index.
 * @ProcIndex: the system-wide index.
 * @ProcNumber: receives group and number; Reserved is 0.
 *
 * IRQL: any.
 * Returns: STATUS_SUCCESS; STATUS_INVALID_PARAMETER if there is no such processor.
 * Source: KeGetProcessorNumberFromIndex function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI NTSTATUS NTAPI KeGetProcessorNumberFromIndex(_In_ ULONG ProcIndex,
                                                         _Out_ PPROCESSOR_NUMBER ProcNumber);

/**
 * KeGetProcessorIndexFromNumber - Index of the processor with a group and number.
 * @ProcNumber: group and number; Reserved must be 0.
 *
 * IRQL: any.
 * Returns: the system-wide index; INVALID_PROCESSOR_INDEX if there is no such processor.
 * Source: KeGetProcessorIndexFromNumber function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTKERNELAPI ULONG NTAPI KeGetProcessorIndexFromNumber(_In_ PPROCESSOR_NUMBER ProcNumber);

#endif /* MUSTER_WDM_PROCESSOR_H */

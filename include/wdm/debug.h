/* SPDX-License-Identifier: MIT */
/*
 * Messages and assertions. Part of wdm.h; include that.
 *
 * Printing from an IPI worker breaks the documented rules, but drivers do it. Here it never hangs,
 * and a lost line is always reported.
 *
 * Muster is a checked system: DBG is 1 unless the driver's build sets it. With DBG, KdPrint prints,
 * and a failed assertion prints its text and breaks. NT_VERIFY evaluates its condition either way.
 *
 * Source: Windows driver documentation, pages of the routines and macros named here.
 */
#ifndef MUSTER_WDM_DEBUG_H
#define MUSTER_WDM_DEBUG_H

#include "../wdm.h"

/**
 * DbgPrint - Print a message on the console.
 * @Format: as for printf, in the Windows dialect: it includes %ws, %wZ and %I64x, but no
 *          floating-point numbers. The build compares it with the arguments.
 *
 * IRQL: <= DIRQL, that is, below SYNCH_LEVEL.
 * Returns: STATUS_SUCCESS.
 * Source: DbgPrint function.
 */
_IRQL_requires_max_(SYNCH_LEVEL - 1)
NTSYSAPI ULONG NTAPI DbgPrint(_In_z_ _Printf_format_string_ PCSTR Format, ...);

/**
 * DbgPrintEx - Print a message of a component. Here nothing is filtered.
 * @ComponentId: a DPFLTR_*_ID; ignored.
 * @Level: a DPFLTR_*_LEVEL, 0 to 31, or a mask of levels; ignored.
 * @Format: as for DbgPrint.
 *
 * IRQL: <= DIRQL, that is, below SYNCH_LEVEL.
 * Returns: STATUS_SUCCESS.
 * Source: DbgPrintEx function.
 */
_IRQL_requires_max_(SYNCH_LEVEL - 1)
NTSYSAPI ULONG NTAPI DbgPrintEx(_In_ ULONG ComponentId, _In_ ULONG Level,
                                _In_z_ _Printf_format_string_ PCSTR Format, ...);

/**
 * DbgBreakPoint - Break into the debugger; without one, stop with a bug check.
 *
 * IRQL: any.
 * Source: DbgBreakPoint function.
 */
_IRQL_requires_max_(HIGH_LEVEL)
NTSYSAPI VOID NTAPI DbgBreakPoint(VOID);

#ifndef DBG
#define DBG 1
#endif

#if DBG

/* The caller writes double parentheses: KdPrint(("%d\n", x)). */
#define KdPrint(arguments)   DbgPrint arguments
#define KdPrintEx(arguments) DbgPrintEx arguments
#define KdBreakPoint()       DbgBreakPoint()

/* Does the work of an assertion; returns whether it holds. IRQL: as DbgPrint, if it fails. */
static FORCEINLINE BOOLEAN muster_assert(BOOLEAN holds, PCSTR text, PCSTR file, LONG line)
{
    if (!holds) {
        DbgPrint("Assertion failed: %s, %s(%d)\n", text, file, line);
        DbgBreakPoint();
    }
    return holds;
}

#define NT_ASSERT(condition)          muster_assert(!!(condition), #condition, __FILE__, __LINE__)
#define NT_ASSERTMSG(text, condition) muster_assert(!!(condition), (text), __FILE__, __LINE__)
#define NT_VERIFY(condition)          NT_ASSERT(condition)
#define NT_VERIFYMSG(text, condition) NT_ASSERTMSG(text, condition)
#define RTL_VERIFY(condition)         NT_ASSERT(condition)
#define ASSERT(condition)             NT_ASSERT(condition)
#define ASSERTMSG(text, condition)    NT_ASSERTMSG(text, condition)
#define PAGED_CODE()                  NT_ASSERT(KeGetCurrentIrql() <= APC_LEVEL)

#else /* !DBG */

#define KdPrint(arguments)            ((void)0)
#define KdPrintEx(arguments)          ((void)0)
#define KdBreakPoint()                ((void)0)
#define NT_ASSERT(condition)          ((void)0)
#define NT_ASSERTMSG(text, condition) ((void)0)
#define NT_VERIFY(condition)          ((condition) ? TRUE : FALSE)
#define NT_VERIFYMSG(text, condition) NT_VERIFY(condition)
#define RTL_VERIFY(condition)         NT_VERIFY(condition)
#define ASSERT(condition)             ((void)0)
#define ASSERTMSG(text, condition)    ((void)0)
#define PAGED_CODE()                  ((void)0)

#endif /* DBG */

#endif /* MUSTER_WDM_DEBUG_H */

/* SPDX-License-Identifier: MIT */
/*
 * For the test drivers: count failed checks, report them, and turn the count into a status. Not for
 * workers: CHECK prints. A worker leaves its findings in memory for DriverEntry.
 */
#ifndef TESTS_DRIVERS_CHECK_H
#define TESTS_DRIVERS_CHECK_H

#include <ntddk.h>

static ULONG checks_done;
static ULONG checks_failed;

#define CHECK(condition)                                                            \
    do {                                                                            \
        checks_done++;                                                              \
        if (!(condition)) {                                                         \
            checks_failed++;                                                        \
            DbgPrint("check failed: %s, %s(%d)\n", #condition, __FILE__, __LINE__); \
        }                                                                           \
    } while (0)

/* Ends a DriverEntry: prints a summary and returns the matching status. */
static inline NTSTATUS check_result(PCSTR name)
{
    DbgPrint("%s: %u checks, %u failed\n", name, checks_done, checks_failed);
    return checks_failed == 0 && checks_done != 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

/* The number of processors that a call reaches. */
static inline ULONG processor_total(VOID)
{
    return KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS);
}

/* A routine that does nothing. */
static inline ULONG_PTR NTAPI nothing(ULONG_PTR Argument)
{
    return Argument;
}

/* Whether this is the processor with the highest index, which misbehaves in some drivers. */
static inline BOOLEAN is_last_processor(VOID)
{
    return KeGetCurrentProcessorNumberEx(NULL) == processor_total() - 1;
}

#endif /* TESTS_DRIVERS_CHECK_H */

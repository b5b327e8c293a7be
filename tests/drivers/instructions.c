/* SPDX-License-Identifier: MIT */
/*
 * How many instructions a call takes, and how far apart its routine begins, on a machine whose time
 * stamp counter counts instructions (`make instructions`): QEMU with -icount shift=0, which
 * executes the instructions of all processors in one sequence. So a figure is the sum of what all
 * processors have executed between two readings, and the same in each run.
 *
 * The routine of the counted calls is empty. Separate calls show where a routine begins: each
 * processor reads the counter first of all in it. The reports of rendezvous_call() would be in
 * nanoseconds, at a measured rate.
 */
#include "check.h"

#define WARM_UP   300
#define CALLS     2000
#define MAX_COUNT 1024

static ULONG64 took[CALLS];
static ULONG64 apart[CALLS];
static volatile ULONG64 began[MAX_COUNT]; /* by processor */

DRIVER_INITIALIZE DriverEntry;
static KIPI_BROADCAST_WORKER note_begin;

_Use_decl_annotations_ static ULONG_PTR note_begin(ULONG_PTR Argument)
{
    ULONG64 now = __rdtsc();

    began[KeGetCurrentProcessorNumberEx(NULL)] = now;
    return Argument;
}

static ULONG64 count_call(VOID)
{
    ULONG64 before = __rdtsc();

    KeIpiGenericCall(nothing, 0);
    return __rdtsc() - before;
}

static ULONG64 count_apart(VOID)
{
    ULONG64 first = ~0ull;
    ULONG64 last = 0;

    KeIpiGenericCall(note_begin, 0);
    for (ULONG i = 0; i < processor_total(); i++) {
        first = began[i] < first ? began[i] : first;
        last = began[i] > last ? began[i] : last;
    }
    return last - first;
}

static VOID count(ULONG64 (*once)(VOID), ULONG64 *counts)
{
    for (ULONG i = 0; i < WARM_UP; i++) {
        once();
    }
    for (ULONG i = 0; i < CALLS; i++) {
        counts[i] = once();
    }
}

/* A shell sort. */
static VOID sort(ULONG64 *counts)
{
    for (ULONG gap = CALLS / 2; gap > 0; gap /= 2) {
        for (ULONG i = gap; i < CALLS; i++) {
            ULONG64 value = counts[i];
            ULONG at = i;
            for (; at >= gap && counts[at - gap] > value; at -= gap) {
                counts[at] = counts[at - gap];
            }
            counts[at] = value;
        }
    }
}

static VOID print(PCSTR name, ULONG64 *counts)
{
    sort(counts);
    DbgPrint("metric name=%s_p50 value=%I64u unit=instructions\n", name, counts[CALLS / 2]);
    DbgPrint("metric name=%s_min value=%I64u unit=instructions\n", name, counts[0]);
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    count(count_call, took);
    count(count_apart, apart);
    print("call", took);
    print("skew", apart);
    return STATUS_SUCCESS;
}

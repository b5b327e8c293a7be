/* SPDX-License-Identifier: MIT */
/*
 * Floating point in workers and in their caller. Values that the caller keeps in vector registers
 * survive the call, each worker computes the right sum, and a worker starts with the default MXCSR
 * whatever the caller has set. Compiled with vector registers, like every driver.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;
#define ROUNDS        200
#define MXCSR_DEFAULT 0x1f80
#define MXCSR_DOWN    0x3f80 /* the same, rounding down */

typedef double VECTOR2 __attribute__((vector_size(16)));
typedef float VECTOR4 __attribute__((vector_size(16)));

KIPI_BROADCAST_WORKER compute;

static volatile LONG right_sums;
static volatile LONG default_mxcsr;

static inline ULONG read_mxcsr(VOID)
{
    ULONG value;
    __asm__ __volatile__("stmxcsr %0" : "=m"(value));
    return value;
}

static inline VOID write_mxcsr(ULONG value)
{
    __asm__ __volatile__("ldmxcsr %0" : : "m"(value));
}

/* A sum that is exact in every rounding mode: start + factor * (1 + 2 + ... + 64). */
static BOOLEAN sums_are_right(ULONG start)
{
    VECTOR2 wide = { start, start + 0.5 };
    VECTOR4 narrow = { 1, 2, 3, 4 };
    volatile LONG steps = 64;

    for (LONG i = 1; i <= steps; i++) {
        wide += (VECTOR2){ i, 2.0 * i };
        narrow += (VECTOR4){ i, i, i, i } * 0.5f;
    }
    return wide[0] == start + 2080.0 && wide[1] == start + 4160.5 && narrow[0] == 1041.0f &&
           narrow[3] == 1044.0f;
}

_Use_decl_annotations_ ULONG_PTR compute(ULONG_PTR Argument)
{
    if (read_mxcsr() == MXCSR_DEFAULT) {
        InterlockedIncrement(&default_mxcsr);
    }
    if (sums_are_right((ULONG)Argument + KeGetCurrentProcessorNumberEx(NULL))) {
        InterlockedIncrement(&right_sums);
    }
    return Argument;
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    LONG count = (LONG)processor_total();
    VECTOR2 kept = { 1.25, -3.5 };
    VECTOR4 kept_too = { 0.5f, 1.5f, 2.5f, 3.5f };
    ULONG wrong_mxcsr = 0;

    for (ULONG i = 0; i < ROUNDS; i++) {
        write_mxcsr(MXCSR_DOWN);
        KeIpiGenericCall(compute, i);
        wrong_mxcsr += read_mxcsr() != MXCSR_DOWN;
        write_mxcsr(MXCSR_DEFAULT);
        kept += (VECTOR2){ 1, 2 };
        kept_too += (VECTOR4){ 1, 1, 1, 1 };
    }
    CHECK(right_sums == count * ROUNDS);
    CHECK(default_mxcsr == count * ROUNDS);
    CHECK(wrong_mxcsr == 0);
    CHECK(kept[0] == 1.25 + ROUNDS && kept[1] == -3.5 + 2 * ROUNDS);
    CHECK(kept_too[0] == 0.5f + ROUNDS && kept_too[3] == 3.5f + ROUNDS);
    return check_result("sse");
}

/* SPDX-License-Identifier: MIT */
/*
 * A function whose frame is larger than the stack and its guard page together. It must meet the
 * guard page and end in a double fault, and not step over it into other memory.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

/*
 * Visible outside the function: a compiler may shrink a frame whose address does not escape.
 */
volatile UCHAR *WhereFrame;

__attribute__((noinline)) static ULONG UseLargeFrame(ULONG Last)
{
    volatile UCHAR frame[60000];

    WhereFrame = frame;
    WhereFrame[Last] = 1;
    return frame[Last];
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return UseLargeFrame(100) == 1 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

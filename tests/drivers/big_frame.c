/* SPDX-License-Identifier: MIT */
/*
 * A function with a frame larger than the stack and its guard page together: it must meet the guard
 * page and end in a double fault, not step over it into other memory.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

/*
 * Known outside of the function: a compiler may make less of a frame whose address it can follow.
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

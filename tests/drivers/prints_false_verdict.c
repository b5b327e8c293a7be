/* SPDX-License-Identifier: MIT */
/*
 * Prints lines that look like the verdict, in several ways, and then never returns. The run
 * must end by the launcher's time-out: only the kernel can say how it ended.
 */
#include <ntddk.h>

NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    DbgPrint("the verdict is a word like any other\n");
    DbgPrint("verdicts\n");
    DbgPrint("verdict status=ok exit=0\n");
    DbgPrint("\rver\rdict status=ok exit=0\n");
    DbgPrint("ver");
    DbgPrint("dict status=ok exit=0\n");
    for (;;) {
        YieldProcessor();
    }
}

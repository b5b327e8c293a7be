/* SPDX-License-Identifier: MIT */
/*
 * DbgPrint and DbgPrintEx. Here both may be called at any IRQL, although Windows documents a
 * narrower range (docs/contract.md, clause R3). There is no filter: every message is printed.
 */
#include <wdm.h>

#include "kernel/console/log.h"
#include "lib/printf.h"

/* Windows cuts a message at 512 bytes as well. */
static ULONG print(PCSTR format, __builtin_ms_va_list arguments)
{
    char text[LOG_LINE_SIZE];
    size_t length = printf_format_windows(text, sizeof(text), format, arguments);
    log_text(text, length < sizeof(text) ? length : sizeof(text) - 1);
    return (ULONG)STATUS_SUCCESS;
}

ULONG NTAPI DbgPrint(PCSTR Format, ...)
{
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, Format);
    ULONG status = print(Format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}

ULONG NTAPI DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...)
{
    __builtin_ms_va_list arguments;
    (void)ComponentId;
    (void)Level;
    __builtin_ms_va_start(arguments, Format);
    ULONG status = print(Format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}

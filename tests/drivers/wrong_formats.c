/* SPDX-License-Identifier: MIT */
/*
 * DbgPrint with arguments that do not match its formats. The comment above a call is the warning
 * that the build prints for it; a call without a comment is right. None of these calls is ever
 * made.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

VOID wrong_numbers(ULONG64 large, ULONG small, double real)
{
    /* %d takes a 32-bit integer, but argument 2 is a 64-bit integer */
    DbgPrint("%d\n", large);
    /* %I64x takes a 64-bit integer, but argument 2 is a 32-bit integer */
    DbgPrint("%I64x\n", small);
    /* %p takes a pointer, but argument 2 is a 32-bit integer */
    DbgPrint("%p\n", small);
    /* %x takes a 32-bit integer, but argument 2 is a pointer */
    DbgPrint("%x\n", &small);
    /* %d takes a 32-bit integer, but argument 2 is a floating-point number */
    DbgPrint("%d\n", real);
    /* DbgPrint prints no floating-point numbers: %.2f */
    DbgPrint("%.2f\n", real);
    /* * takes a 32-bit integer, but argument 2 is a 64-bit integer */
    DbgPrint("%*d\n", large, 1);
    /* %lu takes a 32-bit integer, but argument 2 is a 64-bit integer */
    DbgPrint("%"
             "lu\n",
             large);
}

VOID wrong_sizes(PVOID pointer, LONG small, SIZE_T size, float real)
{
    /* %d takes a 32-bit integer, but argument 2 is a pointer */
    DbgPrint("%d\n", pointer);
    /* %zu takes a 64-bit integer, but argument 2 is a 32-bit integer */
    DbgPrint("%zu\n", small);
    /* %u takes a 32-bit integer, but argument 2 is a 64-bit integer */
    DbgPrint("%u\n", size);
    /* %llx takes a 64-bit integer, but argument 3 is a 32-bit integer */
    DbgPrint("%ld %llx\n", small, small);
    /* DbgPrint prints no floating-point numbers: %f */
    DbgPrint("%f\n", real);
    /* * takes a 32-bit integer, but argument 2 is a pointer */
    DbgPrint("%.*s\n", pointer, "");
    /* %hs takes a narrow string, but argument 2 is a 64-bit integer */
    DbgPrint("%hs\n", size);
    /* %c takes a 32-bit integer, but argument 2 is a narrow string */
    DbgPrint("%c\n", "c");
    /* the format takes 2 arguments, 3 are given */
    DbgPrint("%.*s%%\n", 1, "", small);
}

VOID wrong_text(PCSTR narrow, PCWSTR wide, UNICODE_STRING string)
{
    /* %s takes a narrow string, but argument 2 is a wide string */
    DbgPrint("%s\n", wide);
    /* %ws takes a wide string, but argument 2 is a narrow string */
    DbgPrint("%ws\n", narrow);
    /* %S takes a wide string, but argument 2 is a narrow string */
    DbgPrint("%S\n", narrow);
    /* %wZ takes a pointer to a UNICODE_STRING, but argument 2 is a structure */
    DbgPrint("%wZ\n", string);
    /* %wZ takes a pointer to a UNICODE_STRING, but argument 2 is a wide string */
    DbgPrint("%wZ\n", wide);
    /* %Z takes a pointer to an ANSI_STRING, but argument 2 is a pointer to a UNICODE_STRING */
    DbgPrint("%Z\n", &string);
    /* %s takes a narrow string, but argument 2 is a 32-bit integer */
    DbgPrint("%s\n", 1);
}

VOID wrong_counts(VOID)
{
    /* the format takes 2 arguments, 1 is given */
    DbgPrint("%d %d\n", 1);
    /* the format takes 1 argument, 0 are given */
    DbgPrint("%s\n");
    /* the format takes 1 argument, 2 are given */
    DbgPrint("%d\n", 1, 2);
    /* DbgPrint does not know %y */
    DbgPrint("%d %y\n", 1, 2);
    /* the format takes 1 argument, 0 are given */
    KdPrint(("%d\n"));
    /* %d takes a 32-bit integer, but argument 4 is a narrow string */
    KdPrintEx((0, 0, "%d\n", ""));
}

VOID right(PDRIVER_OBJECT object, PUNICODE_STRING string, BOOLEAN yes)
{
    struct {
        ULONG64 address : 48;
        ULONG count : 4;
    } fields = { 0 };
    enum { RED, GREEN } color = GREEN;
    ULONG tag = 'abcd';
    long number = 1;
    LONG signed_one = 1;
    ULONG unsigned_one = 1;
    ULONG64 large = 1;
    SIZE_T size = 1;
    NTSTATUS status = STATUS_SUCCESS;
    ANSI_STRING ansi = RTL_CONSTANT_STRING("ansi");
    WCHAR name[] = L"name";

    DbgPrint("%p %p %I64x\n", object, (ULONG_PTR)object, object);
    DbgPrint("%d %u %x %c %hd\n", yes, color, fields.count, 'c', (SHORT)1);
    DbgPrint("%I64x %Iu %llu\n", (ULONG64)fields.address, sizeof(fields), 1ULL);
    DbgPrint("%ld %lu %lx\n", number, (unsigned long)number, STATUS_UNSUCCESSFUL);
    DbgPrint("%.4s %s %s %ws %wZ\n", (PCHAR)&tag, __FILE__, (PUCHAR) "", name, string);
    DbgPrint("%ld %li %lu %u %x\n", signed_one, number, unsigned_one, unsigned_one, status);
    DbgPrint("%I64u %I64d %llx %lld %I32u %#I64x\n", large, large, large, (LONGLONG)large, 1,
             large);
    DbgPrint("%zu %Iu %Ix %zx\n", size, size, (ULONG_PTR)object, sizeof(size));
    DbgPrint("%p %p %p %p\n", object, (ULONG_PTR)1, (PVOID)size, right);
    DbgPrint("%wZ %Z %ws %S %ls %hs %s %c %C\n", string, &ansi, name, name, name, "", "", 'c',
             L'c');
    DbgPrint("%*d %-*d %.*s %.*ws %5.3d%%\n", 3, 1, 4, 1, 2, "text", 3, name, 7);
    DbgPrint("100%% %c%%%d\n", 'x', yes);
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "%08lX %hu\n", status, (USHORT)1);
    DbgPrint(yes ? "%d\n" : "%u\n", 1);
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}

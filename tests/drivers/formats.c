/* SPDX-License-Identifier: MIT */
/*
 * The conversions that drivers use with DbgPrint. Each line shows the output and the expected text:
 * got=[...] want=[...]. A test compares the two.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
/* Prints one line; `want` is the expected text. */
#define SHOW(want, format, ...) DbgPrint("got=[" format "] want=[%s]\n", __VA_ARGS__, want)

static VOID show_integers(VOID)
{
    SHOW("-42", "%d", -42);
    SHOW("-42", "%i", -42);
    SHOW("4294967295", "%u", 0xffffffffU);
    SHOW("deadbeef", "%x", 0xdeadbeefU);
    SHOW("DEADBEEF", "%X", 0xdeadbeefU);
    SHOW("0xbeef", "%#x", 0xbeef);
    SHOW("17", "%o", 15);
    SHOW("0000beef", "%08x", 0xbeef);
    SHOW("  7", "%3d", 7);
    SHOW("7  ", "%-3d", 7);
    SHOW("+7", "%+d", 7);
    SHOW("-1", "%ld", (LONG)-1);
    SHOW("4294967295", "%lu", (ULONG)-1);
    SHOW("ffffffff", "%lx", (ULONG)-1);
    SHOW("-1", "%hd", 0xffff);
    SHOW("123456789abcdef0", "%I64x", 0x123456789abcdef0ULL);
    SHOW("18446744073709551615", "%I64u", ~0ULL);
    SHOW("-9000000000", "%I64d", -9000000000LL);
    SHOW("4294967295", "%I32u", 0xffffffffU);
    SHOW("5000000000", "%Iu", (SIZE_T)5000000000ULL);
    SHOW("ffff800000000000", "%Ix", (ULONG_PTR)0xffff800000000000ULL);
    SHOW("-9000000000", "%lld", -9000000000LL);
    SHOW("123456789abcdef0", "%llx", 0x123456789abcdef0ULL);
    SHOW("000000001234ABCD", "%p", (PVOID)0x1234abcdULL);
    SHOW("FFFF80000000BEEF", "%p", (PVOID)0xffff80000000beefULL);
}

static VOID show_text(VOID)
{
    ANSI_STRING narrow = RTL_CONSTANT_STRING("counted");
    UNICODE_STRING wide = RTL_CONSTANT_STRING(L"wide counted");
    UNICODE_STRING part = { 8, 8, L"partly shown" };

    SHOW("text", "%s", "text");
    SHOW("text    ", "%-8s", "text");
    SHOW("    text", "%8s", "text");
    SHOW("trun", "%.4s", "truncated");
    SHOW("tr", "%.*s", 2, "truncated");
    SHOW("wide", "%S", L"wide");
    SHOW("wide", "%ws", L"wide");
    SHOW("wide", "%ls", L"wide");
    SHOW("narrow", "%hs", "narrow");
    SHOW("c", "%c", 0x63);
    SHOW("W", "%C", L"W"[0]);
    SHOW("W", "%wc", L"W"[0]);
    SHOW("counted", "%Z", &narrow);
    SHOW("wide counted", "%wZ", &wide);
    SHOW("part", "%wZ", &part);
    SHOW("(null)", "%s", (PCSTR)NULL);
    SHOW("100%", "%d%%", 100);
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    show_integers();
    show_text();
    return STATUS_SUCCESS;
}

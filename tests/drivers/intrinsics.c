/* SPDX-License-Identifier: MIT */
/*
 * Every intrinsic of intrin.h that can run without stopping the system, with a check of its effect.
 * Those that write a register write back the value that they read.
 */
#include "check.h"

#define MSR_KERNEL_GS_BASE 0xc0000102
#define FLAG_INTERRUPTS    0x200
#define CR4_OSXSAVE        (1ULL << 18)

DRIVER_INITIALIZE DriverEntry;

static BOOLEAN has_popcnt(VOID)
{
    int info[4];
    __cpuid(info, 1);
    return (info[2] >> 23) & 1;
}

static BOOLEAN has_cmpxchg16b(VOID)
{
    int info[4];
    __cpuid(info, 1);
    return (info[2] >> 13) & 1;
}

static BOOLEAN has_rdtscp(VOID)
{
    int info[4];
    __cpuid(info, (int)0x80000001);
    return (info[3] >> 27) & 1;
}

static VOID check_interlocked_8_and_16(VOID)
{
    volatile CHAR byte = 1;
    volatile SHORT word = 1;

    CHECK(InterlockedExchangeAdd8(&byte, 4) == 1 && InterlockedOr8(&byte, 2) == 5);
    CHECK(InterlockedAnd8(&byte, 6) == 7 && InterlockedXor8(&byte, 1) == 6);
    CHECK(InterlockedExchange8(&byte, 9) == 7 && InterlockedCompareExchange8(&byte, 3, 9) == 9);
    CHECK(byte == 3);
    CHECK(InterlockedIncrement16(&word) == 2 && InterlockedDecrement16(&word) == 1);
    CHECK(InterlockedExchangeAdd16(&word, 4) == 1 && InterlockedOr16(&word, 2) == 5);
    CHECK(InterlockedAnd16(&word, 6) == 7 && InterlockedXor16(&word, 1) == 6);
    CHECK(InterlockedExchange16(&word, 9) == 7 && InterlockedCompareExchange16(&word, 3, 9) == 9);
    CHECK(word == 3);
}

static VOID check_interlocked_32(VOID)
{
    volatile LONG value = 1;

    CHECK(InterlockedIncrement(&value) == 2 && InterlockedDecrement(&value) == 1);
    CHECK(InterlockedAdd(&value, 3) == 4 && InterlockedExchangeAdd(&value, 1) == 4);
    CHECK(InterlockedOr(&value, 2) == 5 && InterlockedAnd(&value, 6) == 7);
    CHECK(InterlockedXor(&value, 1) == 6 && InterlockedExchange(&value, 9) == 7);
    CHECK(InterlockedCompareExchange(&value, 3, 8) == 9 && value == 9);
    CHECK(InterlockedCompareExchange(&value, 3, 9) == 9 && value == 3);
    CHECK(!InterlockedBitTestAndSet(&value, 31) && value == (LONG)0x80000003);
    CHECK(InterlockedBitTestAndReset(&value, 31) && value == 3);
}

static VOID check_interlocked_64(VOID)
{
    volatile LONG64 value = 1;
    PVOID volatile pointer = NULL;

    CHECK(InterlockedIncrement64(&value) == 2 && InterlockedDecrement64(&value) == 1);
    CHECK(InterlockedAdd64(&value, 3) == 4 && InterlockedExchangeAdd64(&value, 1LL << 40) == 4);
    CHECK(InterlockedOr64(&value, 2) == (1LL << 40) + 4);
    CHECK(InterlockedAnd64(&value, 7) == (1LL << 40) + 6);
    CHECK(InterlockedXor64(&value, 1) == 6 && InterlockedExchange64(&value, 9) == 7);
    CHECK(InterlockedCompareExchange64(&value, 3, 9) == 9 && value == 3);
    CHECK(!InterlockedBitTestAndSet64(&value, 40) && value == (1LL << 40) + 3);
    CHECK(InterlockedBitTestAndReset64(&value, 40) && value == 3);
    CHECK(InterlockedExchangePointer(&pointer, (PVOID)&value) == NULL);
    CHECK(InterlockedCompareExchangePointer(&pointer, NULL, (PVOID)&value) == &value);
    CHECK(pointer == NULL);
}

static VOID check_interlocked_128(VOID)
{
    DECLSPEC_ALIGN(16) volatile LONG64 pair[2] = { 1, 2 };
    LONG64 comparand[2] = { 0, 0 };

    CHECK(!InterlockedCompareExchange128(pair, 4, 3, comparand));
    CHECK(comparand[0] == 1 && comparand[1] == 2);
    CHECK(InterlockedCompareExchange128(pair, 4, 3, comparand) && pair[0] == 3 && pair[1] == 4);
}

static VOID check_bits(VOID)
{
    ULONG index = 99;
    LONG words[2] = { 0, 0 };
    LONG64 quad = 0;

    CHECK(!_BitScanForward(&index, 0) && !_BitScanReverse(&index, 0) && index == 99);
    CHECK(_BitScanForward(&index, 0x50) && index == 4);
    CHECK(_BitScanReverse(&index, 0x50) && index == 6);
    CHECK(_BitScanForward64(&index, 1ULL << 40) && index == 40);
    CHECK(_BitScanReverse64(&index, 3ULL << 40) && index == 41);
    CHECK(!_bittestandset(words, 33) && words[1] == 2 && _bittest(words, 33));
    CHECK(_bittestandcomplement(words, 33) && !_bittestandreset(words, 33));
    CHECK(!_bittestandset64(&quad, 40) && _bittest64(&quad, 40));
    CHECK(_bittestandcomplement64(&quad, 40) && !_bittestandreset64(&quad, 40));
    CHECK(_byteswap_ushort(0x1234) == 0x3412 && _byteswap_ulong(0x12345678) == 0x78563412);
    CHECK(_byteswap_uint64(0x0102030405060708ULL) == 0x0807060504030201ULL);
    CHECK(_rotl8(0x81, 1) == 3 && _rotr8(3, 1) == 0x81);
    CHECK(_rotl16(0x8001, 1) == 3 && _rotr16(3, 1) == 0x8001);
    CHECK(_rotl(0x80000001, 1) == 3 && _rotr(3, 1) == 0x80000001 && _rotl(5, 0) == 5);
    CHECK(_rotl64(1ULL << 63, 1) == 1 && _rotr64(1, 1) == 1ULL << 63);
    if (has_popcnt()) {
        CHECK(__popcnt(0xf0f) == 8 && __popcnt16(0xff) == 8 && __popcnt64(~0ULL) == 64);
    }
}

static VOID check_control_registers(VOID)
{
    ULONG64 cr2 = __readcr2();
    KIRQL old = KeGetCurrentIrql();

    CHECK((__readcr0() & 0x80000001) == 0x80000001);
    __writecr0(__readcr0());
    __writecr2(0x1000);
    CHECK(__readcr2() == 0x1000);
    __writecr2(cr2);
    CHECK(__readcr3() != 0);
    __writecr3(__readcr3());
    CHECK(__readcr4() & 0x20);
    __writecr4(__readcr4());
    __writecr8(DISPATCH_LEVEL);
    CHECK(__readcr8() == DISPATCH_LEVEL && KeGetCurrentIrql() == DISPATCH_LEVEL);
    __writecr8(old);
    CHECK(KeGetCurrentIrql() == old);
    __writedr(0, 0x2000);
    CHECK(__readdr(0) == 0x2000);
    __writedr(0, 0);
    __writedr(7, __readdr(7));
}

static VOID check_model_specific_registers(VOID)
{
    ULONG64 base = __readmsr(MSR_KERNEL_GS_BASE);

    __writemsr(MSR_KERNEL_GS_BASE, base);
    CHECK(__readmsr(MSR_KERNEL_GS_BASE) == base);
    if (__readcr4() & CR4_OSXSAVE) {
        CHECK(_xgetbv(0) & 1);
        _xsetbv(0, _xgetbv(0));
    }
}

static VOID check_descriptor_tables(VOID)
{
    struct __attribute__((packed)) {
        USHORT limit;
        ULONG64 base;
    } idt = { 0, 0 }, gdt = { 0, 0 }, again = { 0, 0 };

    __sidt(&idt);
    CHECK(idt.limit >= 32 * 16 - 1 && MmIsAddressValid((PVOID)idt.base));
    __lidt(&idt);
    __sidt(&again);
    CHECK(again.limit == idt.limit && again.base == idt.base);
    _sgdt(&gdt);
    CHECK(gdt.limit >= 23 && MmIsAddressValid((PVOID)gdt.base));
    _lgdt(&gdt);
    _sgdt(&again);
    CHECK(again.limit == gdt.limit && again.base == gdt.base);
}

static VOID check_flags(VOID)
{
    ULONG64 flags = __readeflags();

    CHECK(flags & FLAG_INTERRUPTS);
    _disable();
    ULONG64 disabled = __readeflags();
    _enable();
    ULONG64 enabled = __readeflags();
    CHECK(!(disabled & FLAG_INTERRUPTS) && (enabled & FLAG_INTERRUPTS));
    _disable();
    __writeeflags(flags);
    CHECK(__readeflags() & FLAG_INTERRUPTS);
}

/* The memory at the GS base is the kernel's: read it, and write it back unchanged. */
static VOID check_gs(VOID)
{
    _disable();
    ULONG64 quad = __readgsqword(0);
    __writegsqword(0, quad);
    __writegsdword(0, __readgsdword(0));
    __writegsword(0, __readgsword(0));
    __writegsbyte(0, __readgsbyte(0));
    BOOLEAN unchanged = __readgsqword(0) == quad && __readgsbyte(0) == (UCHAR)quad;
    _enable();
    CHECK(unchanged);
}

static VOID check_time_and_identity(VOID)
{
    int info[4] = { 0, 0, 0, 0 }, same[4] = { 1, 1, 1, 1 };
    UINT aux = 0;
    ULONG64 first = __rdtsc();

    __cpuid(info, 0);
    __cpuidex(same, 0, 0);
    CHECK(info[0] >= 1 && info[1] != 0 && RtlEqualMemory(info, same, sizeof(info)));
    CHECK(__rdtsc() >= first);
    if (has_rdtscp()) {
        CHECK(__rdtscp(&aux) >= first);
    }
}

static VOID check_strings(VOID)
{
    UCHAR bytes[4], byte_copy[4];
    USHORT words[4], word_copy[4];
    ULONG dwords[4], dword_copy[4];
    ULONG64 quads[4], quad_copy[4];

    __stosb(bytes, 0x11, 4);
    __movsb(byte_copy, bytes, 4);
    __stosw(words, 0x1122, 4);
    __movsw(word_copy, words, 4);
    __stosd(dwords, 0x11223344, 4);
    __movsd(dword_copy, dwords, 4);
    __stosq(quads, 0x1122334455667788ULL, 4);
    __movsq(quad_copy, quads, 4);
    CHECK(byte_copy[0] == 0x11 && byte_copy[3] == 0x11);
    CHECK(word_copy[0] == 0x1122 && word_copy[3] == 0x1122);
    CHECK(dword_copy[0] == 0x11223344 && dword_copy[3] == 0x11223344);
    CHECK(quad_copy[0] == 0x1122334455667788ULL && quad_copy[3] == quad_copy[0]);
}

/* Port 0x80 takes POST codes and stores nothing; 0xcf8 is the PCI configuration address. */
static VOID check_ports(VOID)
{
    UCHAR bytes[2] = { 0, 0 };
    USHORT words[2] = { 0, 0 };
    ULONG dwords[1] = { __indword(0xcf8) };

    __outbyte(0x80, __inbyte(0x80));
    __outword(0x80, __inword(0x80));
    __outbytestring(0x80, bytes, 2);
    __inbytestring(0x80, bytes, 2);
    __outwordstring(0x80, words, 2);
    __inwordstring(0x80, words, 2);
    __outdword(0xcf8, dwords[0]);
    __outdwordstring(0xcf8, dwords, 1);
    __indwordstring(0xcf8, dwords, 1);
    CHECK(dwords[0] == __indword(0xcf8));
}

static DECLSPEC_NOINLINE BOOLEAN return_address_is_ours(VOID)
{
    return *(PVOID *)_AddressOfReturnAddress() == _ReturnAddress() &&
           MmIsAddressValid(_ReturnAddress());
}

static VOID check_barriers_and_caches(VOID)
{
    ULONG local = 1;

    _ReadWriteBarrier();
    _ReadBarrier();
    _WriteBarrier();
    _mm_lfence();
    _mm_sfence();
    _mm_mfence();
    __faststorefence();
    _mm_pause();
    __nop();
    _mm_clflush(&local);
    __invlpg(&local);
    __wbinvd();
    CHECK(local == 1);
    CHECK(return_address_is_ours());
}

_Use_decl_annotations_ NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                                            PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    check_interlocked_8_and_16();
    check_interlocked_32();
    check_interlocked_64();
    if (has_cmpxchg16b()) {
        check_interlocked_128();
    }
    check_bits();
    check_control_registers();
    check_model_specific_registers();
    check_descriptor_tables();
    check_flags();
    check_gs();
    check_time_and_identity();
    check_strings();
    check_ports();
    check_barriers_and_caches();
    return check_result("intrinsics");
}

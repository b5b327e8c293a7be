/* SPDX-License-Identifier: MIT */
/*
 * Access to device registers, in memory and in the port space. Part of wdm.h; include that.
 *
 * Each access is made once, in program order, with exactly the size in its name. A write to a
 * register in memory leaves the processor before any access that follows it. All are allowed at
 * any IRQL, also in an IPI worker.
 *
 * Source: Windows driver documentation, READ_PORT_*, WRITE_PORT_*, READ_REGISTER_* and
 * WRITE_REGISTER_* functions.
 */
#ifndef MUSTER_WDM_HARDWARE_H
#define MUSTER_WDM_HARDWARE_H

#include "../intrin.h"
#include "../ntdef.h"

/* Keep the processor from speculating ahead in a waiting loop. */
#define YieldProcessor   _mm_pause
#define KeYieldProcessor YieldProcessor

/* All earlier loads and stores are done before any later one. */
static FORCEINLINE VOID KeMemoryBarrier(VOID)
{
    __faststorefence();
}

/* The same for the compiler only. */
#define KeMemoryBarrierWithoutFence() _ReadWriteBarrier()
#define MemoryBarrier()               __faststorefence()

/* Ports: one value, or Count values from or to a buffer */
static FORCEINLINE UCHAR READ_PORT_UCHAR(_In_ PUCHAR Port)
{
    return __inbyte((USHORT)(ULONG_PTR)Port);
}

static FORCEINLINE VOID WRITE_PORT_UCHAR(_In_ PUCHAR Port, _In_ UCHAR Value)
{
    __outbyte((USHORT)(ULONG_PTR)Port, Value);
}

static FORCEINLINE VOID READ_PORT_BUFFER_UCHAR(_In_ PUCHAR Port, _Out_writes_(Count) PUCHAR Buffer,
                                               _In_ ULONG Count)
{
    __inbytestring((USHORT)(ULONG_PTR)Port, Buffer, Count);
}

static FORCEINLINE VOID WRITE_PORT_BUFFER_UCHAR(_In_ PUCHAR Port, _In_reads_(Count) PUCHAR Buffer,
                                                _In_ ULONG Count)
{
    __outbytestring((USHORT)(ULONG_PTR)Port, Buffer, Count);
}

static FORCEINLINE USHORT READ_PORT_USHORT(_In_ PUSHORT Port)
{
    return __inword((USHORT)(ULONG_PTR)Port);
}

static FORCEINLINE VOID WRITE_PORT_USHORT(_In_ PUSHORT Port, _In_ USHORT Value)
{
    __outword((USHORT)(ULONG_PTR)Port, Value);
}

static FORCEINLINE VOID READ_PORT_BUFFER_USHORT(_In_ PUSHORT Port,
                                                _Out_writes_(Count) PUSHORT Buffer,
                                                _In_ ULONG Count)
{
    __inwordstring((USHORT)(ULONG_PTR)Port, Buffer, Count);
}

static FORCEINLINE VOID WRITE_PORT_BUFFER_USHORT(_In_ PUSHORT Port,
                                                 _In_reads_(Count) PUSHORT Buffer, _In_ ULONG Count)
{
    __outwordstring((USHORT)(ULONG_PTR)Port, Buffer, Count);
}

static FORCEINLINE ULONG READ_PORT_ULONG(_In_ PULONG Port)
{
    return __indword((USHORT)(ULONG_PTR)Port);
}

static FORCEINLINE VOID WRITE_PORT_ULONG(_In_ PULONG Port, _In_ ULONG Value)
{
    __outdword((USHORT)(ULONG_PTR)Port, Value);
}

static FORCEINLINE VOID READ_PORT_BUFFER_ULONG(_In_ PULONG Port, _Out_writes_(Count) PULONG Buffer,
                                               _In_ ULONG Count)
{
    __indwordstring((USHORT)(ULONG_PTR)Port, Buffer, Count);
}

static FORCEINLINE VOID WRITE_PORT_BUFFER_ULONG(_In_ PULONG Port, _In_reads_(Count) PULONG Buffer,
                                                _In_ ULONG Count)
{
    __outdwordstring((USHORT)(ULONG_PTR)Port, Buffer, Count);
}

/* Registers in memory: one value, or Count values from or to the same register */
static FORCEINLINE UCHAR READ_REGISTER_UCHAR(_In_ volatile UCHAR *Register)
{
    _ReadWriteBarrier();
    UCHAR value = *Register;
    _ReadWriteBarrier();
    return value;
}

static FORCEINLINE VOID WRITE_REGISTER_UCHAR(_In_ volatile UCHAR *Register, _In_ UCHAR Value)
{
    _ReadWriteBarrier();
    *Register = Value;
    KeMemoryBarrier();
}

static FORCEINLINE VOID READ_REGISTER_BUFFER_UCHAR(_In_ volatile UCHAR *Register,
                                                   _Out_writes_(Count) PUCHAR Buffer,
                                                   _In_ ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        Buffer[i] = READ_REGISTER_UCHAR(Register);
    }
}

static FORCEINLINE VOID WRITE_REGISTER_BUFFER_UCHAR(_In_ volatile UCHAR *Register,
                                                    _In_reads_(Count) PUCHAR Buffer,
                                                    _In_ ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        WRITE_REGISTER_UCHAR(Register, Buffer[i]);
    }
}

static FORCEINLINE USHORT READ_REGISTER_USHORT(_In_ volatile USHORT *Register)
{
    _ReadWriteBarrier();
    USHORT value = *Register;
    _ReadWriteBarrier();
    return value;
}

static FORCEINLINE VOID WRITE_REGISTER_USHORT(_In_ volatile USHORT *Register, _In_ USHORT Value)
{
    _ReadWriteBarrier();
    *Register = Value;
    KeMemoryBarrier();
}

static FORCEINLINE VOID READ_REGISTER_BUFFER_USHORT(_In_ volatile USHORT *Register,
                                                    _Out_writes_(Count) PUSHORT Buffer,
                                                    _In_ ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        Buffer[i] = READ_REGISTER_USHORT(Register);
    }
}

static FORCEINLINE VOID WRITE_REGISTER_BUFFER_USHORT(_In_ volatile USHORT *Register,
                                                     _In_reads_(Count) PUSHORT Buffer,
                                                     _In_ ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        WRITE_REGISTER_USHORT(Register, Buffer[i]);
    }
}

static FORCEINLINE ULONG READ_REGISTER_ULONG(_In_ volatile ULONG *Register)
{
    _ReadWriteBarrier();
    ULONG value = *Register;
    _ReadWriteBarrier();
    return value;
}

static FORCEINLINE VOID WRITE_REGISTER_ULONG(_In_ volatile ULONG *Register, _In_ ULONG Value)
{
    _ReadWriteBarrier();
    *Register = Value;
    KeMemoryBarrier();
}

static FORCEINLINE VOID READ_REGISTER_BUFFER_ULONG(_In_ volatile ULONG *Register,
                                                   _Out_writes_(Count) PULONG Buffer,
                                                   _In_ ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        Buffer[i] = READ_REGISTER_ULONG(Register);
    }
}

static FORCEINLINE VOID WRITE_REGISTER_BUFFER_ULONG(_In_ volatile ULONG *Register,
                                                    _In_reads_(Count) PULONG Buffer,
                                                    _In_ ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        WRITE_REGISTER_ULONG(Register, Buffer[i]);
    }
}

static FORCEINLINE ULONG64 READ_REGISTER_ULONG64(_In_ volatile ULONG64 *Register)
{
    _ReadWriteBarrier();
    ULONG64 value = *Register;
    _ReadWriteBarrier();
    return value;
}

static FORCEINLINE VOID WRITE_REGISTER_ULONG64(_In_ volatile ULONG64 *Register, _In_ ULONG64 Value)
{
    _ReadWriteBarrier();
    *Register = Value;
    KeMemoryBarrier();
}

static FORCEINLINE VOID READ_REGISTER_BUFFER_ULONG64(_In_ volatile ULONG64 *Register,
                                                     _Out_writes_(Count) PULONG64 Buffer,
                                                     _In_ ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        Buffer[i] = READ_REGISTER_ULONG64(Register);
    }
}

static FORCEINLINE VOID WRITE_REGISTER_BUFFER_ULONG64(_In_ volatile ULONG64 *Register,
                                                      _In_reads_(Count) PULONG64 Buffer,
                                                      _In_ ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        WRITE_REGISTER_ULONG64(Register, Buffer[i]);
    }
}

#endif /* MUSTER_WDM_HARDWARE_H */

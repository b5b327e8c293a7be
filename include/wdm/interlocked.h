/* SPDX-License-Identifier: MIT */
/*
 * The documented names of the interlocked operations. Part of wdm.h; include that.
 * Each is a full memory barrier and allowed at any IRQL.
 *
 * Source: Windows driver documentation, pages of the InterlockedXxx functions.
 */
#ifndef MUSTER_WDM_INTERLOCKED_H
#define MUSTER_WDM_INTERLOCKED_H

#include "../intrin.h"
#include "../ntdef.h"

/* Return the new value. */
#define InterlockedIncrement   _InterlockedIncrement
#define InterlockedIncrement16 _InterlockedIncrement16
#define InterlockedIncrement64 _InterlockedIncrement64
#define InterlockedDecrement   _InterlockedDecrement
#define InterlockedDecrement16 _InterlockedDecrement16
#define InterlockedDecrement64 _InterlockedDecrement64
#define InterlockedAdd         _InterlockedAdd
#define InterlockedAdd64       _InterlockedAdd64

/* Return the old value. */
#define InterlockedExchange               _InterlockedExchange
#define InterlockedExchange8              _InterlockedExchange8
#define InterlockedExchange16             _InterlockedExchange16
#define InterlockedExchange64             _InterlockedExchange64
#define InterlockedExchangePointer        _InterlockedExchangePointer
#define InterlockedExchangeAdd            _InterlockedExchangeAdd
#define InterlockedExchangeAdd8           _InterlockedExchangeAdd8
#define InterlockedExchangeAdd16          _InterlockedExchangeAdd16
#define InterlockedExchangeAdd64          _InterlockedExchangeAdd64
#define InterlockedCompareExchange        _InterlockedCompareExchange
#define InterlockedCompareExchange8       _InterlockedCompareExchange8
#define InterlockedCompareExchange16      _InterlockedCompareExchange16
#define InterlockedCompareExchange64      _InterlockedCompareExchange64
#define InterlockedCompareExchange128     _InterlockedCompareExchange128
#define InterlockedCompareExchangePointer _InterlockedCompareExchangePointer
#define InterlockedAnd                    _InterlockedAnd
#define InterlockedAnd8                   _InterlockedAnd8
#define InterlockedAnd16                  _InterlockedAnd16
#define InterlockedAnd64                  _InterlockedAnd64
#define InterlockedOr                     _InterlockedOr
#define InterlockedOr8                    _InterlockedOr8
#define InterlockedOr16                   _InterlockedOr16
#define InterlockedOr64                   _InterlockedOr64
#define InterlockedXor                    _InterlockedXor
#define InterlockedXor8                   _InterlockedXor8
#define InterlockedXor16                  _InterlockedXor16
#define InterlockedXor64                  _InterlockedXor64

/* Return the old bit. */
#define InterlockedBitTestAndSet     _interlockedbittestandset
#define InterlockedBitTestAndSet64   _interlockedbittestandset64
#define InterlockedBitTestAndReset   _interlockedbittestandreset
#define InterlockedBitTestAndReset64 _interlockedbittestandreset64

/* Names that ask for a weaker ordering. On x64 each is still a full barrier. */
#define InterlockedIncrementAcquire              _InterlockedIncrement
#define InterlockedIncrementRelease              _InterlockedIncrement
#define InterlockedIncrementNoFence              _InterlockedIncrement
#define InterlockedIncrementAcquire16            _InterlockedIncrement16
#define InterlockedIncrementRelease16            _InterlockedIncrement16
#define InterlockedIncrementNoFence16            _InterlockedIncrement16
#define InterlockedIncrementAcquire64            _InterlockedIncrement64
#define InterlockedIncrementRelease64            _InterlockedIncrement64
#define InterlockedIncrementNoFence64            _InterlockedIncrement64
#define InterlockedDecrementAcquire              _InterlockedDecrement
#define InterlockedDecrementRelease              _InterlockedDecrement
#define InterlockedDecrementNoFence              _InterlockedDecrement
#define InterlockedDecrementAcquire16            _InterlockedDecrement16
#define InterlockedDecrementRelease16            _InterlockedDecrement16
#define InterlockedDecrementNoFence16            _InterlockedDecrement16
#define InterlockedDecrementAcquire64            _InterlockedDecrement64
#define InterlockedDecrementRelease64            _InterlockedDecrement64
#define InterlockedDecrementNoFence64            _InterlockedDecrement64
#define InterlockedAddAcquire                    _InterlockedAdd
#define InterlockedAddRelease                    _InterlockedAdd
#define InterlockedAddNoFence                    _InterlockedAdd
#define InterlockedAddAcquire64                  _InterlockedAdd64
#define InterlockedAddRelease64                  _InterlockedAdd64
#define InterlockedAddNoFence64                  _InterlockedAdd64
#define InterlockedExchangeAcquire               _InterlockedExchange
#define InterlockedExchangeRelease               _InterlockedExchange
#define InterlockedExchangeNoFence               _InterlockedExchange
#define InterlockedExchangeAcquire64             _InterlockedExchange64
#define InterlockedExchangeRelease64             _InterlockedExchange64
#define InterlockedExchangeNoFence64             _InterlockedExchange64
#define InterlockedExchangePointerAcquire        _InterlockedExchangePointer
#define InterlockedExchangePointerRelease        _InterlockedExchangePointer
#define InterlockedExchangePointerNoFence        _InterlockedExchangePointer
#define InterlockedExchangeAddAcquire            _InterlockedExchangeAdd
#define InterlockedExchangeAddRelease            _InterlockedExchangeAdd
#define InterlockedExchangeAddNoFence            _InterlockedExchangeAdd
#define InterlockedExchangeAddAcquire64          _InterlockedExchangeAdd64
#define InterlockedExchangeAddRelease64          _InterlockedExchangeAdd64
#define InterlockedExchangeAddNoFence64          _InterlockedExchangeAdd64
#define InterlockedCompareExchangeAcquire        _InterlockedCompareExchange
#define InterlockedCompareExchangeRelease        _InterlockedCompareExchange
#define InterlockedCompareExchangeNoFence        _InterlockedCompareExchange
#define InterlockedCompareExchangeAcquire16      _InterlockedCompareExchange16
#define InterlockedCompareExchangeRelease16      _InterlockedCompareExchange16
#define InterlockedCompareExchangeNoFence16      _InterlockedCompareExchange16
#define InterlockedCompareExchangeAcquire64      _InterlockedCompareExchange64
#define InterlockedCompareExchangeRelease64      _InterlockedCompareExchange64
#define InterlockedCompareExchangeNoFence64      _InterlockedCompareExchange64
#define InterlockedCompareExchangePointerAcquire _InterlockedCompareExchangePointer
#define InterlockedCompareExchangePointerRelease _InterlockedCompareExchangePointer
#define InterlockedCompareExchangePointerNoFence _InterlockedCompareExchangePointer
#define InterlockedAndAcquire                    _InterlockedAnd
#define InterlockedAndRelease                    _InterlockedAnd
#define InterlockedAndNoFence                    _InterlockedAnd
#define InterlockedAndAcquire64                  _InterlockedAnd64
#define InterlockedAndRelease64                  _InterlockedAnd64
#define InterlockedAndNoFence64                  _InterlockedAnd64
#define InterlockedOrAcquire                     _InterlockedOr
#define InterlockedOrRelease                     _InterlockedOr
#define InterlockedOrNoFence                     _InterlockedOr
#define InterlockedOrAcquire64                   _InterlockedOr64
#define InterlockedOrRelease64                   _InterlockedOr64
#define InterlockedOrNoFence64                   _InterlockedOr64
#define InterlockedXorAcquire                    _InterlockedXor
#define InterlockedXorRelease                    _InterlockedXor
#define InterlockedXorNoFence                    _InterlockedXor
#define InterlockedXorAcquire64                  _InterlockedXor64
#define InterlockedXorRelease64                  _InterlockedXor64
#define InterlockedXorNoFence64                  _InterlockedXor64

/* For SIZE_T */
#define InterlockedIncrementSizeT(Addend) \
    ((SIZE_T)_InterlockedIncrement64((LONG64 volatile *)(Addend)))
#define InterlockedDecrementSizeT(Addend) \
    ((SIZE_T)_InterlockedDecrement64((LONG64 volatile *)(Addend)))
#define InterlockedExchangeAddSizeT(Addend, Value) \
    ((SIZE_T)_InterlockedExchangeAdd64((LONG64 volatile *)(Addend), (LONG64)(Value)))

/* ---- Bits of ordinary memory, not interlocked ---- */
#define BitTest                _bittest
#define BitTest64              _bittest64
#define BitTestAndSet          _bittestandset
#define BitTestAndSet64        _bittestandset64
#define BitTestAndReset        _bittestandreset
#define BitTestAndReset64      _bittestandreset64
#define BitTestAndComplement   _bittestandcomplement
#define BitTestAndComplement64 _bittestandcomplement64
#define BitScanForward         _BitScanForward
#define BitScanForward64       _BitScanForward64
#define BitScanReverse         _BitScanReverse
#define BitScanReverse64       _BitScanReverse64

/* ---- One load or store of a shared variable ---- */

/*
 * Read...Acquire: no later access is done before the load. Read...NoFence and Read...Raw: no
 * ordering. Write...Release: no earlier access is done after the store. Write...NoFence and
 * Write...Raw: no ordering. With a LONG, if the name has neither a type nor a width in bits.
 */
#define MUSTER_READ(name, ordering, type)                                \
    static FORCEINLINE type Read##name(_In_ type const volatile *Source) \
    {                                                                    \
        return __atomic_load_n(Source, ordering);                        \
    }
#define MUSTER_WRITE(name, ordering, type)                                            \
    static FORCEINLINE VOID Write##name(_Out_ type volatile *Destination, type Value) \
    {                                                                                 \
        __atomic_store_n(Destination, Value, ordering);                               \
    }
#define MUSTER_SHARED(name, bits, type)                       \
    MUSTER_READ(name##Acquire##bits, __ATOMIC_ACQUIRE, type)  \
    MUSTER_READ(name##NoFence##bits, __ATOMIC_RELAXED, type)  \
    MUSTER_READ(name##Raw##bits, __ATOMIC_RELAXED, type)      \
    MUSTER_WRITE(name##Release##bits, __ATOMIC_RELEASE, type) \
    MUSTER_WRITE(name##NoFence##bits, __ATOMIC_RELAXED, type) \
    MUSTER_WRITE(name##Raw##bits, __ATOMIC_RELAXED, type)

MUSTER_SHARED(, 8, CHAR)
MUSTER_SHARED(, 16, SHORT)
MUSTER_SHARED(, , LONG)
MUSTER_SHARED(, 64, LONG64)
MUSTER_SHARED(UChar, , UCHAR)
MUSTER_SHARED(UShort, , USHORT)
MUSTER_SHARED(ULong, , ULONG)
MUSTER_SHARED(ULong64, , ULONG64)
MUSTER_SHARED(Boolean, , BOOLEAN)
MUSTER_SHARED(ULongPtr, , ULONG_PTR)
MUSTER_SHARED(SizeT, , SIZE_T)
MUSTER_SHARED(Pointer, , PVOID)

#endif /* MUSTER_WDM_INTERLOCKED_H */

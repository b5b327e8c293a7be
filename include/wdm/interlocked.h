/* SPDX-License-Identifier: MIT */
/*
 * The documented names of the interlocked operations. Part of wdm.h; include that.
 * Each is a full memory barrier and allowed at any IRQL.
 *
 * Source: Windows driver documentation, pages of the InterlockedXxx functions.
 */
#ifndef MUSTER_WDM_INTERLOCKED_H
#define MUSTER_WDM_INTERLOCKED_H

#include "../intrin/interlocked.h"

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

#endif /* MUSTER_WDM_INTERLOCKED_H */

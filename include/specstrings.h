/* SPDX-License-Identifier: MIT */
/*
 * The older spelling of the source annotation language. Empty for the compiler.
 */
#ifndef MUSTER_SPECSTRINGS_H
#define MUSTER_SPECSTRINGS_H

#include "sal.h"

#define __in
#define __in_opt
#define __in_ecount(count)
#define __in_ecount_opt(count)
#define __in_bcount(size)
#define __in_bcount_opt(size)
#define __in_z
#define __out
#define __out_opt
#define __out_ecount(count)
#define __out_ecount_opt(count)
#define __out_ecount_part(count, written)
#define __out_bcount(size)
#define __out_bcount_opt(size)
#define __out_bcount_part(size, written)
#define __inout
#define __inout_opt
#define __inout_ecount(count)
#define __inout_bcount(size)
#define __inout_bcount_opt(size)
#define __deref_in
#define __deref_out
#define __deref_out_opt
#define __deref_inout
#define __reserved
#define __checkReturn
#define __success(condition)
#define __range(low, high)
#define __field_ecount(count)
#define __field_bcount(size)
#define __nullterminated
#define __callback
#define __format_string

#endif /* MUSTER_SPECSTRINGS_H */

/* SPDX-License-Identifier: MIT */
/*
 * Constants of structured exception handling.
 *
 * The handling itself needs compiler support that gcc does not have and clang has only for Windows'
 * own object files, and an exception in an IPI worker is a bug check here in any case. A driver
 * that uses __try does not compile, and is told why. The lower-case try, except and finally stay
 * undefined: they are ordinary names in C.
 *
 * Source: Microsoft C/C++ reference, "try-except statement".
 */
#ifndef MUSTER_EXCPT_H
#define MUSTER_EXCPT_H

#include "msvc_dialect.h"

#define EXCEPTION_EXECUTE_HANDLER    1
#define EXCEPTION_CONTINUE_SEARCH    0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

#define __try _Pragma("GCC error \"Muster has no structured exception handling (__try)\"")

typedef enum _EXCEPTION_DISPOSITION {
    ExceptionContinueExecution,
    ExceptionContinueSearch,
    ExceptionNestedException,
    ExceptionCollidedUnwind
} EXCEPTION_DISPOSITION;

#endif /* MUSTER_EXCPT_H */

/* SPDX-License-Identifier: MIT */
/*
 * Structured exception handling: its constants, and an error message where it is used.
 *
 * The handling needs compiler support that gcc lacks and that clang has only for Windows' own
 * object files. Besides, an exception in an IPI worker is a bug check here. So a driver that uses
 * __try does not compile, and the message gives the reason. The other keywords parse, so that
 * nothing else is reported. As on Windows, `try`, `except`, `finally` and `leave` are other
 * spellings of the keywords.
 *
 * Source: Microsoft C/C++ reference, "try-except statement", "try-finally statement".
 */
#ifndef MUSTER_EXCPT_H
#define MUSTER_EXCPT_H

#include "msvc_dialect.h"

#define EXCEPTION_EXECUTE_HANDLER    1
#define EXCEPTION_CONTINUE_SEARCH    0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

#define __try                                                                     \
    (void)sizeof(struct {                                                         \
        _Static_assert(0, "Muster has no structured exception handling (__try)"); \
        char unused;                                                              \
    });
#define MUSTER_EXCEPT(filter) if (0 && (filter))
#define __except              MUSTER_EXCEPT
#define __finally
#define __leave ((void)0)

#define GetExceptionCode()        0u
#define GetExceptionInformation() ((void *)0)
#define AbnormalTermination()     0

#ifndef __cplusplus
#define try     __try
#define except  __except
#define finally __finally
#define leave   __leave
#endif

typedef enum _EXCEPTION_DISPOSITION {
    ExceptionContinueExecution,
    ExceptionContinueSearch,
    ExceptionNestedException,
    ExceptionCollidedUnwind
} EXCEPTION_DISPOSITION;

#endif /* MUSTER_EXCPT_H */

/* SPDX-License-Identifier: MIT */
/*
 * B5: which bug check an exception is that nobody handles. Codes and parameters are those of the
 * reference: a page fault is told by IRQL, access and who did it; what the code of a driver means
 * by its own traps, by its NTSTATUS. All others are 0x7F with the vector.
 *
 * Source: WDK "Bug Check Code Reference".
 */
#include <ntstatus.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/stop/bugcheck.h"

/* P3 of 0x0A and 0xD1, and P2 of 0x50, by enum exception_access. */
static const uintptr_t access_above[] = { 0, 1, 8 }, access_below[] = { 0, 2, 0x10 };

/* INT n has two bytes, INT3 one; the frame has what follows. */
#define BREAKPOINT_SIZE 1
#define ASSERTION_SIZE  2

struct reason {
    uint32_t code;
    uintptr_t parameters[4];
};

static struct reason judge_page_fault(const struct exception *exception)
{
    unsigned irql = arch_irql();

    if (irql < IRQL_DISPATCH) {
        return (struct reason){ BUGCHECK_PAGE_FAULT_IN_NONPAGED_AREA,
                                { exception->address, access_below[exception->access],
                                  exception->instruction, 0 } };
    }
    return (struct reason){ exception->in_driver ? BUGCHECK_DRIVER_IRQL_NOT_LESS_OR_EQUAL
                                                 : BUGCHECK_IRQL_NOT_LESS_OR_EQUAL,
                            { exception->address, irql, access_above[exception->access],
                              exception->instruction } };
}

/* 0x1E: P1 the status that a handler would have got, P2 where, P3 and P4 its parameters. */
static struct reason not_handled(NTSTATUS status, uintptr_t instruction, uintptr_t p4)
{
    return (struct reason){ BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED,
                            { (uintptr_t)status, instruction, 0, p4 } };
}

static struct reason judge(const struct exception *exception)
{
    switch (exception->kind) {
    case EXCEPTION_PAGE_FAULT:
        return judge_page_fault(exception);
    case EXCEPTION_PROTECTION:
        return not_handled(STATUS_ACCESS_VIOLATION, exception->instruction, UINTPTR_MAX);
    case EXCEPTION_OPCODE:
        return not_handled(STATUS_ILLEGAL_INSTRUCTION, exception->instruction, 0);
    case EXCEPTION_BREAKPOINT:
        return not_handled(STATUS_BREAKPOINT, exception->instruction - BREAKPOINT_SIZE, 0);
    case EXCEPTION_ASSERTION:
        return not_handled(STATUS_ASSERTION_FAILURE, exception->instruction - ASSERTION_SIZE, 0);
    case EXCEPTION_FAST_FAIL:
        return (struct reason){ BUGCHECK_KERNEL_SECURITY_CHECK_FAILURE,
                                { exception->failure, (uintptr_t)exception->machine_frame, 0, 0 } };
    case EXCEPTION_MACHINE_CHECK:
        return (struct reason){ .code = BUGCHECK_MACHINE_CHECK_EXCEPTION };
    default:
        return (struct reason){ BUGCHECK_UNEXPECTED_KERNEL_MODE_TRAP, { exception->vector } };
    }
}

_Noreturn void exception_stop(const struct exception *exception)
{
    struct reason reason = judge(exception);

    bugcheck_report(&(struct bugcheck){
        .code = reason.code,
        .parameters = { reason.parameters[0], reason.parameters[1], reason.parameters[2],
                        reason.parameters[3] },
        .processor = arch_processor()->index,
        .machine_frame = exception->machine_frame,
    });
}

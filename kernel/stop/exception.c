/* SPDX-License-Identifier: MIT */
/*
 * B5: the bug check of an exception that nobody handles, with the codes and parameters of the
 * reference. For a page fault they depend on the IRQL, the access and whose code it was. An
 * exception that has an NTSTATUS becomes 0x1E with that status. A few others have a code of their
 * own; the rest are 0x7F with the vector.
 *
 * Source: WDK "Bug Check Code Reference".
 */
#include <ntstatus.h>

#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/stop/bugcheck.h"

/* P3 of 0x0A and 0xD1, and P2 of 0x50, by enum exception_access. */
static const uintptr_t access_above[] = { 0, 1, 8 }, access_below[] = { 0, 2, 0x10 };

/* INT n is two bytes long, INT3 one; the frame points to the next instruction. */
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

/*
 * 0x1E: P1 is the status that a handler would have received, P2 the instruction, P3 and P4 the
 * parameters of the exception.
 */
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

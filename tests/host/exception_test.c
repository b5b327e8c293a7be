/* SPDX-License-Identifier: MIT */
/*
 * kernel/stop/exception.c: the bug check for each exception, with its parameters (B5). The expected
 * values are the codes of include/bugcodes.h and the numbers of the reference, not the kernel's own
 * names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "include/bugcodes.h"
#include "kernel/entry.h"
#include "kernel/irql.h"
#include "kernel/rendezvous/processors.h"
#include "kernel/stop/bugcheck.h"

#define PROCESSOR   3
#define ADDRESS     0xffff800000123458
#define INSTRUCTION 0xffffffff80004321

static const char frame[1]; /* the content of a machine frame is not used */

/* ---- what the file needs from other files ---- */

static struct processor self = { .index = PROCESSOR };
static unsigned irql;
static struct bugcheck reported;
static jmp_buf stopped;

struct processor *sim_processor(void)
{
    return &self;
}

unsigned sim_irql(void)
{
    return irql;
}

_Noreturn void bugcheck_report(const struct bugcheck *bugcheck)
{
    reported = *bugcheck;
    longjmp(stopped, 1);
}

/* ---- an exception, and the expected bug check ---- */

static void take(struct exception exception)
{
    exception.machine_frame = frame;
    exception.instruction = INSTRUCTION;
    reported = (struct bugcheck){ 0 };
    if (setjmp(stopped) == 0) {
        exception_stop(&exception);
    }
}

static void expect(uint32_t code, uintptr_t p1, uintptr_t p2, uintptr_t p3, uintptr_t p4)
{
    assert_int_equal(reported.code, code);
    assert_int_equal(reported.parameters[0], p1);
    assert_int_equal(reported.parameters[1], p2);
    assert_int_equal(reported.parameters[2], p3);
    assert_int_equal(reported.parameters[3], p4);
    assert_int_equal(reported.processor, PROCESSOR);
    assert_ptr_equal(reported.machine_frame, frame);
    assert_false(reported.waited_for);
}

/* ---- page faults ---- */

static void take_page_fault(enum exception_access access, bool in_driver)
{
    take((struct exception){ .kind = EXCEPTION_PAGE_FAULT,
                             .vector = 14,
                             .address = ADDRESS,
                             .access = access,
                             .in_driver = in_driver });
}

static void a_page_fault_below_dispatch_level_is_0x50(void **state)
{
    (void)state;
    for (irql = IRQL_PASSIVE; irql < IRQL_DISPATCH; irql++) {
        for (unsigned in_driver = 0; in_driver <= 1; in_driver++) {
            take_page_fault(EXCEPTION_READ, in_driver);
            expect(PAGE_FAULT_IN_NONPAGED_AREA, ADDRESS, 0, INSTRUCTION, 0);
            take_page_fault(EXCEPTION_WRITE, in_driver);
            expect(PAGE_FAULT_IN_NONPAGED_AREA, ADDRESS, 2, INSTRUCTION, 0);
            take_page_fault(EXCEPTION_EXECUTE, in_driver);
            expect(PAGE_FAULT_IN_NONPAGED_AREA, ADDRESS, 0x10, INSTRUCTION, 0);
        }
    }
}

static void expect_by_access(bool in_driver, uint32_t code)
{
    for (irql = IRQL_DISPATCH; irql <= IRQL_HIGH; irql++) {
        take_page_fault(EXCEPTION_READ, in_driver);
        expect(code, ADDRESS, irql, 0, INSTRUCTION);
        take_page_fault(EXCEPTION_WRITE, in_driver);
        expect(code, ADDRESS, irql, 1, INSTRUCTION);
        take_page_fault(EXCEPTION_EXECUTE, in_driver);
        expect(code, ADDRESS, irql, 8, INSTRUCTION);
    }
}

static void a_page_fault_of_the_kernel_from_dispatch_level_on_is_0x0a(void **state)
{
    (void)state;
    expect_by_access(false, IRQL_NOT_LESS_OR_EQUAL);
}

static void a_page_fault_of_a_driver_from_dispatch_level_on_is_0xd1(void **state)
{
    (void)state;
    expect_by_access(true, DRIVER_IRQL_NOT_LESS_OR_EQUAL);
}

/* ---- all others: the same at every IRQL, in a driver or not ---- */

struct row {
    enum exception_kind kind;
    uint32_t code;
    uintptr_t parameters[4];
};

#define VECTOR  42
#define FAILURE 7

static void expect_at_every_irql(const struct row *row)
{
    const uintptr_t *p = row->parameters;

    for (irql = IRQL_PASSIVE; irql <= IRQL_HIGH; irql++) {
        for (unsigned in_driver = 0; in_driver <= 1; in_driver++) {
            take((struct exception){
                .kind = row->kind, .vector = VECTOR, .failure = FAILURE, .in_driver = in_driver });
            expect(row->code, p[0], p[1], p[2], p[3]);
        }
    }
}

/* P1 is the status, sign-extended to 64 bits. */
static void what_a_handler_could_have_taken_is_0x1e(void **state)
{
    static const struct row rows[] = {
        /* STATUS_ACCESS_VIOLATION: a read, of an address that is not known */
        { EXCEPTION_PROTECTION,
          KMODE_EXCEPTION_NOT_HANDLED,
          { 0xffffffffc0000005, INSTRUCTION, 0, 0xffffffffffffffff } },
        /* STATUS_ILLEGAL_INSTRUCTION */
        { EXCEPTION_OPCODE, KMODE_EXCEPTION_NOT_HANDLED, { 0xffffffffc000001d, INSTRUCTION } },
        /* STATUS_BREAKPOINT: at the INT3, which has one byte */
        { EXCEPTION_BREAKPOINT,
          KMODE_EXCEPTION_NOT_HANDLED,
          { 0xffffffff80000003, INSTRUCTION - 1 } },
        /* STATUS_ASSERTION_FAILURE: at the INT 0x2C, which has two */
        { EXCEPTION_ASSERTION,
          KMODE_EXCEPTION_NOT_HANDLED,
          { 0xffffffffc0000420, INSTRUCTION - 2 } },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_at_every_irql(&rows[i]);
    }
}

static void a_failed_check_of_the_compiler_is_0x139(void **state)
{
    (void)state;
    expect_at_every_irql(&(struct row){
        EXCEPTION_FAST_FAIL, KERNEL_SECURITY_CHECK_FAILURE, { FAILURE, (uintptr_t)frame } });
}

static void a_machine_check_is_0x9c(void **state)
{
    (void)state;
    expect_at_every_irql(
        &(struct row){ .kind = EXCEPTION_MACHINE_CHECK, .code = MACHINE_CHECK_EXCEPTION });
}

static void every_other_is_0x7f_with_its_vector(void **state)
{
    (void)state;
    expect_at_every_irql(&(struct row){ EXCEPTION_OTHER, UNEXPECTED_KERNEL_MODE_TRAP, { VECTOR } });
    take((struct exception){ .kind = EXCEPTION_OTHER }); /* #DE */
    expect(UNEXPECTED_KERNEL_MODE_TRAP, 0, 0, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_fault_below_dispatch_level_is_0x50),
        cmocka_unit_test(a_page_fault_of_the_kernel_from_dispatch_level_on_is_0x0a),
        cmocka_unit_test(a_page_fault_of_a_driver_from_dispatch_level_on_is_0xd1),
        cmocka_unit_test(what_a_handler_could_have_taken_is_0x1e),
        cmocka_unit_test(a_failed_check_of_the_compiler_is_0x139),
        cmocka_unit_test(a_machine_check_is_0x9c),
        cmocka_unit_test(every_other_is_0x7f_with_its_vector),
    };

    return cmocka_run_group_tests_name("exception", tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/*
 * The state in which a worker starts, and the state of interrupted code that it preserves: K13, P4.
 */
#include <wdm.h>

#include "arch/x86_64/cpu.h"
#include "kernel/irql.h"
#include "tests/kernel/suite.h"

#define ODD_MXCSR   0xffc0 /* round to zero, flush to zero, denormals are zero; exceptions masked */
#define STACK_BYTES 8192

static ULONG_PTR NTAPI check_flags(ULONG_PTR caller)
{
    uint32_t mxcsr = 0;
    CHECK((__readeflags() & (RFLAGS_DF | RFLAGS_AC)) == 0);
    if (cpu_sse_usable) {
        __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
        CHECK(mxcsr == MXCSR_DEFAULT);
    }
    if (arch_processor()->index != caller) {
        CHECK(arch_interrupts_enabled());
    }
    return 0;
}

/* ---- a processor that is interrupted in an unusual state ---- */

static _Atomic bool release_odd_state;
static _Atomic unsigned odd_processors;

/* Spins with the direction flag set until released; compiled code never runs with the flag. */
static void spin_backwards(void *argument)
{
    (void)argument;
    atomic_fetch_add(&odd_processors, 1);
    __asm__ volatile("std\n"
                     "1:\tpause\n\t"
                     "cmpb $0, %0\n\t"
                     "je 1b\n\t"
                     "cld"
                     :
                     : "m"(release_odd_state)
                     : "memory", "cc");
    atomic_fetch_sub(&odd_processors, 1);
}

static void wait_for_odd_processors(unsigned count)
{
    while (atomic_load(&odd_processors) != count) {
        arch_relax();
    }
}

static void test_entry_flags(void)
{
    atomic_store(&release_odd_state, false);
    for (unsigned i = 1; i < processor_count; i++) {
        work_post(i, spin_backwards, NULL);
    }
    wait_for_odd_processors(processor_count - 1);
    KeIpiGenericCall(check_flags, arch_processor()->index);
    atomic_store(&release_odd_state, true);
    wait_for_odd_processors(0);
}

static void test_caller_flags(void)
{
    __writeeflags(__readeflags() | RFLAGS_AC);
    KeIpiGenericCall(check_flags, arch_processor()->index);
    CHECK((__readeflags() & RFLAGS_AC) != 0);
    __writeeflags(__readeflags() & ~(uint64_t)RFLAGS_AC);
}

static ULONG_PTR NTAPI report_interrupts(ULONG_PTR argument)
{
    (void)argument;
    return arch_interrupts_enabled();
}

static void test_caller_interrupt_flag(void)
{
    CHECK(KeIpiGenericCall(report_interrupts, 0) == 1);
    arch_interrupts_disable();
    CHECK(KeIpiGenericCall(report_interrupts, 0) == 0);
    arch_interrupts_enable();
}

/* ---- the stack ---- */

static ULONG_PTR NTAPI use_stack(ULONG_PTR argument)
{
    volatile unsigned char bytes[STACK_BYTES];
    uintptr_t rsp;

    (void)argument;
    CHECK((uintptr_t)__builtin_frame_address(0) % 16 == 0);
    for (unsigned i = 0; i < STACK_BYTES; i += 512) {
        bytes[i] = (unsigned char)i;
        CHECK(bytes[i] == (unsigned char)i);
    }
    __asm__ volatile("movq %%rsp, %0" : "=r"(rsp));
    uintptr_t below = rsp & ~4095ull;
    while (arch_address_readable(below) && rsp - below < 2 * STACK_SIZE) {
        below -= 4096;
    }
    CHECK(!arch_address_readable(below)); /* the guard page */
    return 0;
}

static void test_stack(void)
{
    KeIpiGenericCall(use_stack, 0);
}

/* A caller that has used most of its own stack: the worker still has its 8 KiB. */
static __attribute__((noinline)) void call_from_deep(void)
{
    volatile unsigned char deep[STACK_SIZE - 5120];
    deep[0] = 1;
    KeIpiGenericCall(use_stack, 0);
    CHECK(deep[0] == 1);
}

static void test_deep_caller(void)
{
    call_from_deep();
}

/* ---- P4: vector registers on both sides ---- */

struct vectors {
    uint64_t words[6][2];
    uint32_t mxcsr;
};

#define LOAD_VECTORS                                                                      \
    "movups 0(%0), %%xmm0\n\tmovups 16(%0), %%xmm1\n\tmovups 32(%0), %%xmm2\n\t"          \
    "movups 48(%0), %%xmm3\n\tmovups 64(%0), %%xmm4\n\tmovups 80(%0), %%xmm5\n\tldmxcsr " \
    "96(%0)\n\t"
#define STORE_VECTORS                                                                     \
    "movups %%xmm0, 0(%0)\n\tmovups %%xmm1, 16(%0)\n\tmovups %%xmm2, 32(%0)\n\t"          \
    "movups %%xmm3, 48(%0)\n\tmovups %%xmm4, 64(%0)\n\tmovups %%xmm5, 80(%0)\n\tstmxcsr " \
    "96(%0)\n\t"

static void fill_vectors(struct vectors *vectors, uint64_t seed)
{
    for (unsigned i = 0; i < 12; i++) {
        vectors->words[i / 2][i % 2] = seed * 0x9e3779b97f4a7c15 + i;
    }
    vectors->mxcsr = ODD_MXCSR;
}

static bool vectors_equal(const struct vectors *first, const struct vectors *second)
{
    return RtlCompareMemory(first, second, sizeof(*first)) == sizeof(*first);
}

/*
 * Writes the 32 bytes above its return address, which belong to the called routine in the Windows
 * ABI.
 */
static __attribute__((naked)) ULONG_PTR NTAPI fill_home_space(ULONG_PTR argument
                                                              __attribute__((unused)))
{
    __asm__("movq $-1, 8(%rsp)\n\t"
            "movq $-1, 16(%rsp)\n\t"
            "movq $-1, 24(%rsp)\n\t"
            "movq $-1, 32(%rsp)\n\t"
            "xorl %eax, %eax\n\t"
            "ret");
}

static ULONG_PTR NTAPI clobber_vectors(ULONG_PTR argument)
{
    struct vectors mine;
    fill_vectors(&mine, argument + arch_processor()->index);
    __asm__ volatile(LOAD_VECTORS : : "r"(&mine) : "memory");
    return 0;
}

/* Keeps values in the registers while a worker that overwrites them interrupts it. */
static void hold_vectors(void *argument)
{
    struct vectors before, after;
    uint32_t default_mxcsr = MXCSR_DEFAULT;

    (void)argument;
    fill_vectors(&before, 77 + arch_processor()->index);
    after = before;
    atomic_fetch_add(&odd_processors, 1);
    __asm__ volatile(LOAD_VECTORS "1:\tpause\n\t"
                                  "cmpb $0, %1\n\t"
                                  "je 1b\n\t" STORE_VECTORS "ldmxcsr %2"
                     :
                     : "r"(&after), "m"(release_odd_state), "m"(default_mxcsr)
                     : "memory", "cc");
    CHECK(vectors_equal(&before, &after));
    atomic_fetch_sub(&odd_processors, 1);
}

static void test_vectors_preserved(void)
{
    if (!cpu_sse_usable) {
        suite_skip("this processor has no SSE");
        return;
    }
    atomic_store(&release_odd_state, false);
    for (unsigned i = 1; i < processor_count; i++) {
        work_post(i, hold_vectors, NULL);
    }
    wait_for_odd_processors(processor_count - 1);
    for (unsigned i = 0; i < 5; i++) {
        KeIpiGenericCall(clobber_vectors, i);
        KeIpiGenericCall(fill_home_space, i);
    }
    atomic_store(&release_odd_state, true);
    wait_for_odd_processors(0);
}

/* ---- P4: general registers ---- */

#define EACH_REGISTER(DO) \
    DO(rax, 1)            \
    DO(rbx, 2)            \
    DO(rcx, 3)            \
    DO(rdx, 4)            \
    DO(rsi, 5)            \
    DO(rdi, 6)            \
    DO(rbp, 7)            \
    DO(r8, 8) DO(r9, 9) DO(r10, 10) DO(r11, 11) DO(r12, 12) DO(r13, 13) DO(r14, 14) DO(r15, 15)
#define LOAD_REGISTER(name, value)    "movq $-0x1234500 - " #value ", %%" #name "\n\t"
#define COMPARE_REGISTER(name, value) "cmpq $-0x1234500 - " #value ", %%" #name "\n\tjne 2f\n\t"

static _Atomic unsigned damaged;

/* Keeps values in all registers while it is interrupted, until released. */
static void hold_registers(void *argument)
{
    (void)argument;
    atomic_fetch_add(&odd_processors, 1);
    __asm__ volatile(
        "pushq %%rbp\n\t" EACH_REGISTER(LOAD_REGISTER) /* 1: wait, 2: damaged, 3: end */
        "1:\tpause\n\t"
        "cmpb $0, %0\n\t"
        "je 1b\n\t" EACH_REGISTER(COMPARE_REGISTER) "jmp 3f\n"
                                                    "2:\tlock incl %1\n"
                                                    "3:\tpopq %%rbp"
        : "+m"(release_odd_state), "+m"(damaged)
        :
        : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
          "r15", "memory", "cc");
    atomic_fetch_sub(&odd_processors, 1);
}

/* Overwrites all registers that C may change. */
static void clobber_registers(void)
{
    __asm__ volatile("xorl %%eax, %%eax\n\t"
                     "xorl %%ecx, %%ecx\n\t"
                     "xorl %%edx, %%edx\n\t"
                     "xorl %%esi, %%esi\n\t"
                     "xorl %%edi, %%edi\n\t"
                     "xorl %%r8d, %%r8d\n\t"
                     "xorl %%r9d, %%r9d\n\t"
                     "xorl %%r10d, %%r10d\n\t"
                     "xorl %%r11d, %%r11d"
                     :
                     :
                     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "cc");
}

static ULONG_PTR NTAPI clobber_in_worker(ULONG_PTR argument)
{
    clobber_registers();
    return argument;
}

static void test_registers_preserved(void)
{
    atomic_store(&release_odd_state, false);
    atomic_store(&damaged, 0);
    for (unsigned i = 1; i < processor_count; i++) {
        work_post(i, hold_registers, NULL);
    }
    wait_for_odd_processors(processor_count - 1);
    for (unsigned i = 0; i < 5; i++) {
        KeIpiGenericCall(clobber_in_worker, i);
    }
    atomic_store(&release_odd_state, true);
    wait_for_odd_processors(0);
    CHECK(atomic_load(&damaged) == 0);
}

static void clobber_in_handler(void)
{
    clobber_registers();
    atomic_store(&release_odd_state, true);
}

static void test_registers_and_device(void)
{
    atomic_store(&release_odd_state, false);
    atomic_store(&damaged, 0);
    arch_connect_interrupt(CLOCK_LEVEL, clobber_in_handler);
    arch_request_timer(CLOCK_LEVEL, arch_ticks_per_ms());
    hold_registers(NULL);
    arch_connect_interrupt(CLOCK_LEVEL, NULL);
    CHECK(atomic_load(&damaged) == 0);
}

static void test_caller_mxcsr(void)
{
    uint32_t mxcsr = ODD_MXCSR;
    if (!cpu_sse_usable) {
        suite_skip("this processor has no SSE");
        return;
    }
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
    KeIpiGenericCall(check_flags, arch_processor()->index);
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    CHECK(mxcsr == ODD_MXCSR);
    mxcsr = MXCSR_DEFAULT;
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

const struct suite_case entry_cases[] = {
    { "K13 DF=0, AC=0, MXCSR=0x1F80, IF=1 on processors interrupted with DF=1", test_entry_flags },
    { "K13 AC=0 in the worker of a caller with AC=1, and AC=1 after it", test_caller_flags },
    { "K13 IF on the caller is as it was at the call", test_caller_interrupt_flag },
    { "K13 8 KiB of stack, aligned, above a guard page", test_stack },
    { "K13 the same when the caller has used up its own stack", test_deep_caller },
    { "P4 vector registers of interrupted code survive a worker", test_vectors_preserved },
    { "P4 general registers of interrupted code survive a worker", test_registers_preserved },
    { "P4 they also survive a device interrupt", test_registers_and_device },
    { "P4 K13 MXCSR of the caller survives, its worker has the default", test_caller_mxcsr },
    { NULL, NULL },
};

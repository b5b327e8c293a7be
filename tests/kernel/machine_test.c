/* SPDX-License-Identifier: MIT */
/*
 * The state in which every processor runs: control registers, page rights, guard pages; and the
 * documented routines whose answers depend on the machine.
 */
#include <wdm.h>

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/lapic.h"
#include "arch/x86_64/memory.h"
#include "arch/x86_64/percpu.h"
#include "kernel/irql.h"
#include "tests/kernel/suite.h"

#define CR4_KERNEL_BITS (CR4_PAE | CR4_MCE)
#define NO_EXECUTE      (1ull << 63)
#define ADDRESS_MASK    0x000ffffffffff000ull

static struct {
    uint64_t cr0, cr3, cr4, efer, pat;
} states[PROCESSOR_LIMIT];

static ULONG_PTR NTAPI read_state(ULONG_PTR argument)
{
    unsigned index = arch_processor()->index;
    (void)argument;
    states[index].cr0 = __readcr0();
    states[index].cr3 = __readcr3();
    states[index].cr4 = __readcr4();
    states[index].efer = __readmsr(MSR_EFER);
    states[index].pat = __readmsr(MSR_PAT);
    return 0;
}

static void test_control_registers(void)
{
    KeIpiGenericCall(read_state, 0);
    for (unsigned i = 0; i < processor_count; i++) {
        CHECK(states[i].cr0 == CR0_KERNEL);
        CHECK((states[i].cr4 & CR4_KERNEL_BITS) == CR4_KERNEL_BITS);
        CHECK(states[i].cr3 == states[0].cr3);
        CHECK(states[i].cr4 == states[0].cr4);
        CHECK(states[i].efer == states[0].efer);
        CHECK((states[i].pat >> 24 & 0xff) == 0); /* entry 3: device registers are not cached */
        CHECK((states[i].pat >> 48 & 0xff) == 1); /* entry 6: stores to the screen are combined */
    }
}

/* SMEP, SMAP and UMIP, where CPUID leaf 7 says that the processor has them. */
static void test_protections_in_use(void)
{
    static const struct {
        uint32_t ebx, ecx;
        uint64_t cr4;
    } features[] = {
        { .ebx = 1u << 7, .cr4 = CR4_SMEP },
        { .ebx = 1u << 20, .cr4 = CR4_SMAP },
        { .ecx = 1u << 2, .cr4 = CR4_UMIP },
    };
    struct cpuid id = { 0 };

    if (cpu_id(0, 0).eax >= 7) {
        id = cpu_id(7, 0);
    }
    for (unsigned i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        bool present = (id.ebx & features[i].ebx) || (id.ecx & features[i].ecx);
        CHECK(!!(__readcr4() & features[i].cr4) == present);
    }
}

/* An NMI, a double fault or a machine check may occur when the current stack is unusable. */
static ULONG_PTR NTAPI check_interrupt_stacks(ULONG_PTR argument)
{
    static const unsigned vectors[] = { 2, 8, 18 };
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } table;

    (void)argument;
    __asm__ volatile("sidt %0" : "=m"(table));
    for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const uint8_t *gate = (const uint8_t *)table.base + vectors[i] * 16;
        CHECK(gate[4] >= 1 && gate[4] <= IST_COUNT);
        for (unsigned j = 0; j < i; j++) {
            CHECK(gate[4] != ((const uint8_t *)table.base)[vectors[j] * 16 + 4]);
        }
    }
    return 0;
}

static void test_interrupt_stacks(void)
{
    KeIpiGenericCall(check_interrupt_stacks, 0);
}

/* ---- W^X: every page that the tables map, through every alias ---- */

static unsigned pages_seen, executable_seen;

static void check_leaf(uint64_t entry, bool writable, bool executable)
{
    writable = writable && (entry & PAGE_WRITABLE);
    executable = executable && !(entry & NO_EXECUTE);
    CHECK(!(writable && executable));
    pages_seen++;
    executable_seen += executable;
}

static void walk(uint64_t table_phys, unsigned level, bool writable, bool executable)
{
    const uint64_t *table = memory_view(table_phys & ADDRESS_MASK);
    for (unsigned i = 0; i < 512; i++) {
        uint64_t entry = table[i];
        if (!(entry & PAGE_PRESENT)) {
            continue;
        }
        if (level == 0 || (level < 3 && entry & PAGE_LARGE)) {
            check_leaf(entry, writable, executable);
        } else {
            walk(entry, level - 1, writable && (entry & PAGE_WRITABLE),
                 executable && !(entry & NO_EXECUTE));
        }
    }
}

static void test_no_page_writable_and_executable(void)
{
    if (!(states[0].efer & EFER_NXE)) {
        suite_skip("this processor has no no-execute bit");
        return;
    }
    pages_seen = executable_seen = 0;
    walk(__readcr3(), 3, true, true);
    CHECK(pages_seen > 1024);
    CHECK(executable_seen > 0);
}

/* The pages of each stack are mapped, and the page below is not. */
static void check_stack(uintptr_t top, size_t size)
{
    CHECK(arch_address_readable(top - 1));
    CHECK(arch_address_readable(top - size));
    CHECK(!arch_address_readable(top - size - 1));
}

static ULONG_PTR NTAPI check_stacks(ULONG_PTR argument)
{
    struct percpu *percpu = (struct percpu *)__readgsqword(PERCPU_SELF);
    (void)argument;
    check_stack(percpu->stack_top, STACK_SIZE);
    check_stack(percpu->worker_stack_top, STACK_SIZE_WORKER);
    for (unsigned i = 0; i < IST_COUNT; i++) {
        check_stack(percpu->task.ist[i], STACK_SIZE_IST);
    }
    return 0;
}

static void test_guard_pages(void)
{
    KeIpiGenericCall(check_stacks, 0);
}

static void test_null_page(void)
{
    CHECK(!MmIsAddressValid(NULL));
    CHECK(!MmIsAddressValid((PVOID)4095));
    CHECK(!MmIsAddressValid((PVOID)0x0000800000000000)); /* not canonical */
    CHECK(MmIsAddressValid(states));
    CHECK(!MmIsAddressValid((PVOID)(WINDOW_BASE + 0xfee00000))); /* a device */
}

/*
 * NOP; JMP to the next: CLI; HLT; back to HLT. A processor that starts late stops there, or at any
 * other offset.
 */
static void test_trampoline_is_closed(void)
{
    static const uint8_t park_loop[] = { 0x90, 0xe9, 0, 0, 0xfa, 0xf4, 0xeb, 0xfd };
    const uint8_t *page = memory_view(memory_low_page_phys());

    if (processor_count == 1) {
        suite_skip("no other processor was started");
        return;
    }
    CHECK(RtlEqualMemory(page, park_loop, sizeof(park_loop)));
    CHECK(page[PAGE_BYTES / 2] == 0xf4 && page[PAGE_BYTES - 1] == 0xf4);
}

/* No local APIC reports an error here, so the error vector is sent as a message. */
static void test_apic_error_is_acknowledged(void)
{
    unsigned old_irql = irql_set(IRQL_DISPATCH);
    lapic_send(0, LAPIC_FIXED | LAPIC_ASSERT | LAPIC_TO_SELF | VECTOR_APIC_ERROR);
    for (unsigned i = 0; i < 1000; i++) {
        arch_relax();
    }
    CHECK(!lapic_in_service(VECTOR_APIC_ERROR));
    irql_lower(old_irql);
}

/* ---- numbers ---- */

static void check_number(void *argument)
{
    PROCESSOR_NUMBER number, again;
    ULONG index = KeGetCurrentProcessorNumberEx(&number);

    (void)argument;
    CHECK(index < processor_count);
    CHECK(number.Group == index / 64 && number.Number == index % 64);
    CHECK(KeGetProcessorIndexFromNumber(&number) == index);
    CHECK(KeGetProcessorNumberFromIndex(index, &again) == STATUS_SUCCESS);
    CHECK(again.Group == number.Group && again.Number == number.Number);
}

static void test_processor_numbers(void)
{
    PROCESSOR_NUMBER number = { .Group = 100 };
    ULONG sum = 0;

    suite_run_everywhere(check_number, NULL);
    for (USHORT group = 0; group < KeQueryActiveGroupCount(); group++) {
        sum += KeQueryActiveProcessorCountEx(group);
    }
    CHECK(sum == processor_count);
    CHECK(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS) == processor_count);
    CHECK(KeQueryActiveProcessorCount(NULL) == (processor_count < 64 ? processor_count : 64));
    CHECK(KeGetProcessorNumberFromIndex(processor_count, &number) == STATUS_INVALID_PARAMETER);
    number = (PROCESSOR_NUMBER){ .Group = 100 };
    CHECK(KeGetProcessorIndexFromNumber(&number) == INVALID_PROCESSOR_INDEX);
}

static void test_hardware_ids_differ(void)
{
    for (unsigned i = 0; i < processor_count; i++) {
        for (unsigned j = 0; j < i; j++) {
            CHECK(arch_hardware_id(i) != arch_hardware_id(j));
        }
        CHECK(processors[i]->index == i);
    }
}

const struct suite_case machine_cases[] = {
    { "CR0, CR3, CR4, EFER and PAT have the expected values on every processor",
      test_control_registers },
    { "SMEP, SMAP and UMIP are in use where present", test_protections_in_use },
    { "NMI, double fault and machine check have stacks of their own", test_interrupt_stacks },
    { "W^X: no page is writable and executable", test_no_page_writable_and_executable },
    { "every stack has its pages and a guard page below", test_guard_pages },
    { "the first page and non-canonical addresses are not valid", test_null_page },
    { "the trampoline is closed after each start", test_trampoline_is_closed },
    { "an error of the local APIC is acknowledged", test_apic_error_is_acknowledged },
    { "processor numbers, groups and counts agree", test_processor_numbers },
    { "indices are dense, and hardware ids unique", test_hardware_ids_differ },
    { NULL, NULL },
};

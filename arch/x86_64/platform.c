/* SPDX-License-Identifier: MIT */
/*
 * The boot processor's first steps, in the order in which kernel_main() asks for them; the
 * consoles, halting, and the end of the run.
 */
#include "arch/x86_64/clock.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/firmware.h"
#include "arch/x86_64/ipi.h"
#include "arch/x86_64/lapic.h"
#include "arch/x86_64/legacy.h"
#include "arch/x86_64/memory.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/percpu.h"
#include "arch/x86_64/screen.h"
#include "arch/x86_64/uart.h"
#include "kernel/entry.h"
#include "kernel/upcall.h"
#include "lib/string.h"

/* QEMU's isa-debug-exit device, added by the launcher. QEMU exits with (value << 1) | 1. */
#define DEBUG_EXIT_PORT 0xf4
#define RESET_PORT      0xcf9 /* chipset reset control */
#define RESET_FULL      0x06

/* What the loader handed over. */
static struct {
    uint32_t magic, information_phys;
    int error;
    struct boot_info info;
} loader;

_Noreturn void boot_entry(uint32_t magic, uint32_t information_phys);

_Noreturn void boot_entry(uint32_t magic, uint32_t information_phys)
{
    loader.magic = magic;
    loader.information_phys = information_phys;
    descriptors_start_boot();
    boot_percpu.index = processor_publish(&boot_processor);
    kernel_main();
}

void arch_start_console(void)
{
    uart_start();
}

const char *arch_read_loader(void)
{
    loader.error = boot_info_read(loader.magic, loader.information_phys, &loader.info);
    if (loader.error != 0) {
        log_line("the loader left no known information, neither Multiboot2 nor PVH (EAX %#x)",
                 loader.magic);
    }
    return loader.info.command_line;
}

int arch_start(uintptr_t *reason)
{
    cpu_start();
    memory_start(&loader.info);
    paging_start();
    screen_start(&loader.info.screen);
    if (lapic_start_boot() != 0 || percpu_complete(&boot_percpu) != 0) {
        log_line("no memory for the local APIC and the interrupt stacks");
        *reason = loader.error == 0 ? 0 : 1;
        return -1;
    }
    firmware_read(&loader.info, lapic_id());
    clock_start(firmware_get());
    legacy_mask_interrupts(firmware_get());
    lapic_choose_mode();
    lapic_start();
    lapic_measure_timer();
    ipi_apic_ids[boot_percpu.index] = lapic_id();
    return 0;
}

void arch_console_write(const char *text, size_t length)
{
    uart_write(text, length);
    screen_write(text, length);
}

void arch_console_conclude(const char *title, const char *details, bool good)
{
    screen_conclude(title, details, good);
}

/*
 * STI enables interrupts only after the next instruction, so none is taken between STI and HLT. An
 * NMI may be: trap.c recognises the HLT by its address and returns to the instruction after it.
 * Hence noinline: there must be only one copy.
 */
__attribute__((noinline)) void arch_idle(void)
{
    __asm__ volatile("sti\n"
                     "1:\thlt\n"
                     "2:\tcli\n\t"
                     ".pushsection .rodata\n\t"
                     ".balign 8\n\t"
                     ".global idle_halt_address, idle_after_halt_address\n"
                     "idle_halt_address: .quad 1b\n"
                     "idle_after_halt_address: .quad 2b\n\t"
                     ".popsection"
                     :
                     :
                     : "memory");
}

_Noreturn void arch_stop(void)
{
    for (;;) {
        __asm__ volatile("cli\n\thlt" : : : "memory");
    }
}

/* The exit port is written only if the hypervisor's signature shows that it is the right device. */
static bool known_emulator(void)
{
    return strcmp(cpu_hypervisor_signature(), "TCGTCGTCGTCG") == 0;
}

_Noreturn void arch_exit(enum arch_exit_status status, enum arch_end end)
{
    uart_flush();
    if (end == ARCH_END_EXIT || (end == ARCH_END_DEFAULT && known_emulator())) {
        cpu_out8(DEBUG_EXIT_PORT, (uint8_t)status);
    }
    if (end == ARCH_END_RESET) {
        cpu_out8(RESET_PORT, RESET_FULL);
    }
    arch_stop();
}

/*
 * The machine from the first line of C to kernel_main(), and its end.
 */
#include "arch/x86_64/clock.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/firmware.h"
#include "arch/x86_64/lapic.h"
#include "arch/x86_64/legacy.h"
#include "arch/x86_64/memory.h"
#include "arch/x86_64/paging.h"
#include "arch/x86_64/percpu.h"
#include "arch/x86_64/screen.h"
#include "arch/x86_64/uart.h"
#include "kernel/bugcheck.h"
#include "kernel/cmdline.h"
#include "kernel/log.h"
#include "kernel/main.h"
#include "kernel/processor.h"
#include "kernel/version.h"
#include "lib/printf.h"
#include "lib/string.h"

/* QEMU's isa-debug-exit device: the launcher puts it there. QEMU ends with (value << 1) | 1. */
#define DEBUG_EXIT_PORT 0xf4
#define RESET_PORT      0xcf9 /* chipset reset control */
#define RESET_FULL      0x06

#define DETAILS_SIZE 96 /* bytes of the line below the verdict */

static struct boot_info boot;

_Noreturn void boot_entry(uint32_t magic, uint32_t information_phys);

/* Only for arch_options: kernel_main() parses the line again for its own, and complains. */
static void read_machine_options(void)
{
    static struct cmdline options;
    cmdline_parse(boot.command_line, &options, NULL);
}

_Noreturn void boot_entry(uint32_t magic, uint32_t information_phys)
{
    descriptors_start_boot();
    processor_publish(&boot_percpu.processor);
    uart_start();
    kernel_announce();
    int error = boot_info_read(magic, information_phys, &boot);
    if (error != 0) {
        log_line("the loader left nothing that is known, neither Multiboot2 nor PVH (EAX %#x)",
                 magic);
    }
    read_machine_options();
    cpu_start();
    memory_start(&boot);
    paging_start();
    screen_start(&boot.screen);
    if (lapic_start_boot() != 0 || percpu_complete(&boot_percpu) != 0) {
        log_line("no memory for the local APIC and the interrupt stacks");
        bugcheck_stop(BUGCHECK_HAL_INITIALIZATION_FAILED, error == 0 ? 0 : 1, 0, 0, 0);
    }
    firmware_read(&boot, lapic_id());
    clock_start(firmware_get());
    legacy_mask_interrupts(firmware_get());
    lapic_choose_mode();
    lapic_start();
    lapic_measure_timer();
    boot_percpu.processor.hardware_id = lapic_id();
    kernel_main(boot.command_line);
}

void arch_console_write(const char *text, size_t length)
{
    uart_write(text, length);
    screen_write(text, length);
}

void arch_console_conclude(const char *title, bool good)
{
    char details[DETAILS_SIZE];

    printf_format(details, sizeof(details), "Muster %s, %u processor%s", version_text,
                  processor_count, processor_count == 1 ? "" : "s");
    screen_conclude(title, details, good);
}

/*
 * STI lets interrupts in only after the next instruction, so none is taken between it and HLT. An
 * NMI may be: trap.c knows the HLT by its address and returns behind it. So there is one copy.
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

/* Ports are poked only where the hypervisor's signature says that they mean what we think. */
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

/*
 * Where the portable kernel begins.
 */
#ifndef KERNEL_MAIN_H
#define KERNEL_MAIN_H

#include "kernel/processor.h"

/*
 * Prints the first line. The machine calls it when it has a console, before it says anything
 * itself.
 */
void kernel_announce(void);

/*
 * The boot processor, on its own stack, with its descriptors and interrupt controller live,
 * interrupts disabled, IRQL HIGH, published as processor 0.
 */
_Noreturn void kernel_main(const char *command_line);

/* Every other processor, in the same state. It returns to nobody. */
_Noreturn void processor_main(struct processor *self);

#endif

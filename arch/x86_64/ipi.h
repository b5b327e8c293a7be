/*
 * Which way a doorbell takes to many processors.
 */
#ifndef ARCH_X86_64_IPI_H
#define ARCH_X86_64_IPI_H

/*
 * Settles the way from what was configured, who is online and the local APICs' mode. To be called
 * when one of them has changed and no doorbell is on its way; until then it is unicast.
 */
void ipi_choose_way(void);

#endif

/*
 * Which way a doorbell takes to many processors.
 */
#ifndef ARCH_X86_64_IPI_H
#define ARCH_X86_64_IPI_H

/*
 * Settles the way from what was configured, who was started and the local APICs' mode. To be called
 * once, when the bring-up is over; until then it is unicast. Later changes of who is online come
 * through arch_online_changed().
 */
void ipi_start(void);

#endif

/* SPDX-License-Identifier: MIT */
/* The first serial port, a 16550: 115200 baud, 8 data bits, no parity, 1 stop bit. */
#ifndef ARCH_X86_64_UART_H
#define ARCH_X86_64_UART_H

#include <stddef.h>

/* Finds out whether there is a port, and sets it up. */
void uart_start(void);

/*
 * Sends text, each line end as CR LF. Without a port, or when it does not answer, nothing happens.
 */
void uart_write(const char *text, size_t length);

/* Waits until the last character has left the transmitter. */
void uart_flush(void);

#endif

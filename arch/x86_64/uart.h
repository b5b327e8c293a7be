/* SPDX-License-Identifier: MIT */
/* The first serial port, a 16550: 115200 baud, 8 data bits, no parity, 1 stop bit. */
#ifndef ARCH_X86_64_UART_H
#define ARCH_X86_64_UART_H

#include <stddef.h>

/* Sets up the port, if there is one. */
void uart_start(void);

/*
 * Sends text, with CR LF for each line end. Does nothing if there is no port or it does not answer.
 */
void uart_write(const char *text, size_t length);

/* Waits until the last character has left the transmitter. */
void uart_flush(void);

#endif

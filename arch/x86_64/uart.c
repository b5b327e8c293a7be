/* SPDX-License-Identifier: MIT */
/*
 * Every wait is bounded: a port may be absent (it reads as 0xFF), or present but stuck. Real
 * hardware sends a full FIFO in 1.4 ms. If a port is not ready after PATIENCE_MS, output is dropped
 * without further waiting until the port is ready again.
 *
 * Source: National Semiconductor PC16550D data sheet.
 */
#include "arch/x86_64/uart.h"

#include "arch/x86_64/cpu.h"
#include "kernel/arch.h"

/* Registers, as offsets from the port's base. */
enum uart_register {
    UART_DATA = 0,       /* or the low half of the divisor */
    UART_INTERRUPTS = 1, /* or the high half of the divisor */
    UART_FIFO = 2,
    UART_LINE_CONTROL = 3,
    UART_MODEM_CONTROL = 4,
    UART_LINE_STATUS = 5,
    UART_SCRATCH = 7,
};

#define LINE_8N1              0x03
#define LINE_DIVISOR          0x80
#define DIVISOR_115200        1
#define FIFO_ENABLE_AND_CLEAR 0x07
#define MODEM_READY           0x03 /* DTR and RTS */
#define STATUS_EMPTY          0x20 /* the transmitter can take a full FIFO */
#define STATUS_IDLE           0x40 /* and has nothing left to send */
#define FIFO_PRESENT          0xc0 /* of the interrupt identification, read at the FIFO's address */
#define FIFO_DEPTH            16
#define PATIENCE_MS           1000

static bool present, stuck;
static unsigned fifo_depth;
static unsigned room; /* characters that the FIFO can take before its status is read again */

static uint8_t uart_in(enum uart_register reg)
{
    return cpu_in8((uint16_t)(UART_COM1 + reg));
}

static void uart_out(enum uart_register reg, uint8_t value)
{
    cpu_out8((uint16_t)(UART_COM1 + reg), value);
}

void uart_start(void)
{
    uart_out(UART_SCRATCH, 0x5a);
    if (uart_in(UART_SCRATCH) != 0x5a) {
        return;
    }
    uart_out(UART_INTERRUPTS, 0);
    uart_out(UART_LINE_CONTROL, LINE_DIVISOR);
    uart_out(UART_DATA, DIVISOR_115200);
    uart_out(UART_INTERRUPTS, 0);
    uart_out(UART_LINE_CONTROL, LINE_8N1);
    uart_out(UART_FIFO, FIFO_ENABLE_AND_CLEAR);
    fifo_depth = (uart_in(UART_FIFO) & FIFO_PRESENT) == FIFO_PRESENT ? FIFO_DEPTH : 1;
    uart_out(UART_MODEM_CONTROL, MODEM_READY);
    present = true;
}

/* Waits for a bit of the line status; not at all while the port is known to be stuck. */
static bool wait_for_status(uint8_t bit)
{
    uint64_t began_ticks = arch_ticks();
    while (!(uart_in(UART_LINE_STATUS) & bit)) {
        if (stuck || arch_ticks() - began_ticks > PATIENCE_MS * arch_ticks_per_ms()) {
            stuck = true;
            return false;
        }
        arch_relax();
    }
    stuck = false;
    return true;
}

static bool make_room(void)
{
    room = wait_for_status(STATUS_EMPTY) ? fifo_depth : 0;
    return room != 0;
}

static void put(char character)
{
    if (present && (room != 0 || make_room())) {
        room--;
        uart_out(UART_DATA, (uint8_t)character);
    }
}

void uart_write(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n') {
            put('\r');
        }
        put(text[i]);
    }
}

void uart_flush(void)
{
    if (present) {
        (void)wait_for_status(STATUS_IDLE);
    }
}

/* SPDX-License-Identifier: MIT */
#include "kernel/rendezvous/patience.h"

static uint32_t patience_ms = 5000;
unsigned patience_quarters = 4;

void patience_set_ms(uint32_t ms)
{
    patience_ms = ms;
}

uint32_t patience_get_ms(void)
{
    return patience_ms;
}

/* SPDX-License-Identifier: MIT */
/*
 * Transfer times are one way, as in published core-to-core tables: from a store until a processor
 * that spins on the line has the value, invalidation included. Machines: an i9-9900K, an Ice
 * Lake-SP, EPYC Milan and Genoa; the last is a projection. Interrupt times lie within the range
 * published for these generations.
 */
#include "tests/sim/cost/machines.h"

#include <stddef.h>
#include <string.h>

const struct machine machines[MACHINE_LIMIT + 1] = {
    { .name = "desktop",
      .title = "desktop, one L3",
      .processors = 8,
      .levels = { { 2, 8 }, { 8, 22 } },
      .delivery_ns = 400,
      .icr_ns = 100,
      .floor_ns = 700 },
    { .name = "mesh",
      .title = "server, one mesh socket",
      .processors = 64,
      .levels = { { 2, 8 }, { 64, 50 } },
      .delivery_ns = 600,
      .icr_ns = 150,
      .floor_ns = 1500 },
    { .name = "epyc",
      .title = "EPYC, one socket",
      .processors = 64,
      .levels = { { 2, 9 }, { 8, 23 }, { 64, 105 } },
      .delivery_ns = 600,
      .icr_ns = 150,
      .floor_ns = 1500 },
    { .name = "epyc2",
      .title = "EPYC, two sockets",
      .processors = 256,
      .levels = { { 2, 9 }, { 8, 23 }, { 128, 105 }, { 256, 200 } },
      .delivery_ns = 700,
      .icr_ns = 150,
      .floor_ns = 3000 },
    { .name = "projected",
      .title = "projected, 16 sockets in 4 boards",
      .processors = 4096,
      .levels = { { 2, 9 }, { 8, 23 }, { 256, 105 }, { 1024, 200 }, { 4096, 400 } },
      .delivery_ns = 1000,
      .icr_ns = 150 },
    { .name = NULL },
};

const struct machine *machine_find(const char *name)
{
    for (const struct machine *machine = machines; machine->name != NULL; machine++) {
        if (strcmp(machine->name, name) == 0) {
            return machine;
        }
    }
    return NULL;
}

unsigned machine_transfer_ns(const struct machine *machine, unsigned from, unsigned to)
{
    const struct machine_level *level = machine->levels;

    if (from == to) {
        return 0;
    }
    while (from / level->processors != to / level->processors) {
        level++;
    }
    return level->transfer_ns;
}

/* SPDX-License-Identifier: MIT */
/*
 * Small numbers for the words that processors touch, so that what is known about each word fits in
 * short arrays. There is one series for atomic words, and one for plain data in granules of four
 * bytes (a granule may hold one of each). A number is assigned at the first touch and kept for all
 * schedules of a scenario, so it is not part of the state.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/explore.h"

/*
 * Indexed by granule, those of the section first, then those of the machine's memory: the number of
 * its word and that of its cell.
 */
enum series { WORD, CELL, SERIES };
static uint16_t (*numbers)[SERIES];
static uintptr_t section_base, section_end;
static unsigned words, cells; /* the next numbers to assign; from 1, since 0 means none */

static uint16_t *numbers_of(const void *address)
{
    uintptr_t at = (uintptr_t)address, memory = (uintptr_t)sim_memory.base;

    if (at >= section_base && at < section_end) {
        return numbers[(at - section_base) / NUMBERS_GRANULE];
    }
    if (at >= memory && at < memory + sim_memory.size) {
        return numbers[(section_end - section_base + at - memory) / NUMBERS_GRANULE + 1];
    }
    return NULL;
}

bool number_exists(const void *address)
{
    return numbers_of(address) != NULL;
}

static unsigned number(const void *address, enum series series, unsigned *given, unsigned limit)
{
    uint16_t *at = numbers_of(address);

    if (at == NULL) {
        return 0;
    }
    if (at[series] == 0) {
        if (*given == limit) {
            check_fail("explorer", "more shared words than there is room for (numbers.c)");
            return 0;
        }
        at[series] = (uint16_t)(*given)++;
    }
    return at[series];
}

unsigned number_word(const void *address)
{
    return number(address, WORD, &words, NUMBERS_WORDS_OF(sim_count));
}

unsigned number_cell(const void *address)
{
    return number(address, CELL, &cells, NUMBERS_CELLS_OF(sim_count));
}

unsigned numbers_of_words(void)
{
    return words;
}

unsigned numbers_of_cells(void)
{
    return cells;
}

void numbers_reset(void)
{
    section_base = (uintptr_t)__start_sim_state;
    section_end = (uintptr_t)__stop_sim_state;
    free(numbers);
    numbers = calloc((section_end - section_base + sim_memory.size) / NUMBERS_GRANULE + 2,
                     sizeof numbers[0]);
    words = cells = 1;
}

/* SPDX-License-Identifier: MIT */
#include "tests/kernel/counting.h"

#include "tests/kernel/suite.h"

#define CALLS_TOTAL_LIMIT 2048 /* calls in one test: more add time, not coverage */

static struct {
    alignas(CACHE_PAIR) uint64_t runs;
} counts[PROCESSOR_LIMIT];

ULONG_PTR NTAPI counting_worker(ULONG_PTR argument)
{
    unsigned index = arch_processor()->index;
    counts[index].runs++;
    return argument ^ index;
}

void counting_clear(void)
{
    for (unsigned i = 0; i < processor_count; i++) {
        counts[i].runs = 0;
    }
}

void counting_check(uint64_t expected)
{
    for (unsigned i = 0; i < processor_count; i++) {
        CHECK(counts[i].runs == expected);
    }
}

unsigned counting_calls_each(void)
{
    unsigned fair = CALLS_TOTAL_LIMIT / processor_count;
    return fair < COUNTING_CALLS_EACH ? fair : COUNTING_CALLS_EACH;
}

/* SPDX-License-Identifier: MIT */
#include "tests/sim/cost/record.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Compilers differ slightly in the number of accesses that they make for a source. */
#define TOLERANCE_PERCENT 2

static const char heading[] = "# What a call costs in the cost model; `make cost RECORD=1` writes "
                              "it, tests/cost.t compares.\n";

void record_write(const char *path, char lines[][REPORT_LINE_SIZE], unsigned count)
{
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        err(1, "%s", path);
    }
    fputs(heading, file);
    for (unsigned i = 0; i < count; i++) {
        fprintf(file, "%s\n", lines[i]);
    }
    if (ferror(file) | fclose(file)) {
        err(1, "%s", path);
    }
    printf("recorded in %s\n", path);
}

/* The number after " KEY=", 0 if absent. */
static uint64_t number_of(const char *line, const char *key)
{
    const char *found = strstr(line, key);
    uint64_t number = 0;
    if (found != NULL) {
        (void)sscanf(found + strlen(key), "%" SCNu64, &number);
    }
    return number;
}

/* The recorded line of the same machine: both begin with "cost machine=NAME ". */
static bool find_line(FILE *file, const char *line, char found[REPORT_LINE_SIZE])
{
    const size_t length = (size_t)(strstr(line, " processors=") - line) + 1;

    rewind(file);
    while (fgets(found, REPORT_LINE_SIZE, file) != NULL) {
        if (strncmp(found, line, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool compare_line(FILE *file, const char *line)
{
    char recorded[REPORT_LINE_SIZE], name[32] = "";

    (void)sscanf(line, "cost machine=%31s", name);
    if (!find_line(file, line, recorded)) {
        printf("%s: nothing is recorded; `make cost RECORD=1` does it\n", name);
        return false;
    }
    uint64_t before = number_of(recorded, " call_ns="), now = number_of(line, " call_ns=");
    if (now * 100 > before * (100 + TOLERANCE_PERCENT)) {
        printf("%s: worse, %lu ns after %lu. It was:\n    %s", name, now, before, recorded);
        return false;
    }
    if (now < before) {
        printf("%s: better, %lu ns after %lu; record it: make cost RECORD=1\n", name, now, before);
    } else if (now > before) {
        printf("%s: %lu ns after %lu, within %u %%\n", name, now, before, TOLERANCE_PERCENT);
    }
    return true;
}

FILE *record_open(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        err(1, "%s", path);
    }
    return file;
}

bool record_compare(FILE *file, char lines[][REPORT_LINE_SIZE], unsigned count)
{
    bool good = true;

    for (unsigned i = 0; i < count; i++) {
        good &= compare_line(file, lines[i]);
    }
    return good;
}

/* SPDX-License-Identifier: MIT */
#include "tests/sim/cost/symbols.h"

#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static Elf64_Sym *sorted; /* functions and objects by address */
static size_t count;
static const char *names;

static const char *map_self(void)
{
    struct stat status;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    if (file < 0 || fstat(file, &status) != 0) {
        err(1, "/proc/self/exe");
    }
    const char *image = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (image == MAP_FAILED) {
        err(1, "/proc/self/exe");
    }
    close(file);
    return image;
}

static int compare(const void *left, const void *right)
{
    const Elf64_Sym *first = left, *second = right;
    return (first->st_value > second->st_value) - (first->st_value < second->st_value);
}

static void take_symbols(const Elf64_Sym *table, size_t entries)
{
    sorted = malloc(entries * sizeof(*sorted));
    if (sorted == NULL) {
        err(1, "symbols");
    }
    for (size_t i = 0; i < entries; i++) {
        unsigned type = ELF64_ST_TYPE(table[i].st_info);
        if ((type == STT_FUNC || type == STT_OBJECT) && table[i].st_size != 0) {
            sorted[count++] = table[i];
        }
    }
    qsort(sorted, count, sizeof(*sorted), compare);
}

void symbols_load(void)
{
    const char *image = map_self();
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(image + header->e_shoff);

    for (unsigned i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type == SHT_SYMTAB) {
            names = image + sections[sections[i].sh_link].sh_offset;
            take_symbols((const Elf64_Sym *)(image + sections[i].sh_offset),
                         sections[i].sh_size / sizeof(Elf64_Sym));
            return;
        }
    }
    errx(1, "this program has no symbol table");
}

/* The symbol that contains `address`, NULL when none does. */
static const Elf64_Sym *find(uintptr_t address)
{
    size_t low = 0, high = count;

    while (low < high) { /* the first symbol that begins after the address */
        size_t middle = (low + high) / 2;
        if (sorted[middle].st_value <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool inside = low != 0 && address - sorted[low - 1].st_value < sorted[low - 1].st_size;
    return inside ? &sorted[low - 1] : NULL;
}

const char *symbols_name(uintptr_t address, uintptr_t *offset)
{
    const Elf64_Sym *symbol = find(address);

    if (symbol == NULL) {
        return NULL;
    }
    *offset = address - symbol->st_value;
    return names + symbol->st_name;
}

uintptr_t symbols_start(uintptr_t address)
{
    const Elf64_Sym *symbol = find(address - 1);
    return symbol != NULL ? symbol->st_value : 0;
}

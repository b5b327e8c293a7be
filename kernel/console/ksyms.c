/* SPDX-License-Identifier: MIT */
#include "kernel/console/ksyms.h"

#include "lib/printf.h"

/* Made by tools/ksyms.sh from the linked image: ascending addresses, the last is an end mark. */
extern const uint32_t ksyms_count;
extern const uint64_t ksyms_addresses[];
extern const uint32_t ksyms_name_offsets[];
extern const char ksyms_names[];

const char *ksyms_find(uintptr_t address, size_t *offset)
{
    uint32_t low = 0, high = ksyms_count;

    if (high == 0 || address < ksyms_addresses[0] || address >= ksyms_addresses[high - 1]) {
        return NULL;
    }
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (ksyms_addresses[middle] <= address) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *offset = address - ksyms_addresses[low];
    return ksyms_names + ksyms_name_offsets[low];
}

const char *ksyms_describe(uintptr_t address, char text[KSYMS_TEXT_SIZE])
{
    size_t offset = 0;
    const char *name = ksyms_find(address, &offset);

    if (name == NULL) {
        printf_format(text, KSYMS_TEXT_SIZE, "%#zx", (size_t)address);
    } else if (offset == 0) {
        printf_format(text, KSYMS_TEXT_SIZE, "%s", name);
    } else {
        printf_format(text, KSYMS_TEXT_SIZE, "%s+%#zx", name, offset);
    }
    return text;
}

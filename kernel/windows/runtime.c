/* SPDX-License-Identifier: MIT */
/*
 * The memory functions to which a compiler emits calls of its own, with the drivers' ABI. The build
 * redirects a driver's references to these.
 */
#include <wdm.h>

#include "lib/string.h"

void *NTAPI driver_memcpy(void *to, const void *from, size_t size);
void *NTAPI driver_memmove(void *to, const void *from, size_t size);
void *NTAPI driver_memset(void *to, int byte, size_t size);
int NTAPI driver_memcmp(const void *first, const void *second, size_t size);

void *NTAPI driver_memcpy(void *to, const void *from, size_t size)
{
    return memcpy(to, from, size);
}

void *NTAPI driver_memmove(void *to, const void *from, size_t size)
{
    return memmove(to, from, size);
}

void *NTAPI driver_memset(void *to, int byte, size_t size)
{
    return memset(to, byte, size);
}

int NTAPI driver_memcmp(const void *first, const void *second, size_t size)
{
    return memcmp(first, second, size);
}

/* SPDX-License-Identifier: MIT */
/*
 * Renames the ISO C functions of lib/string.c on the host, so that they neither replace those of
 * the C library, which the sanitizers watch, nor are replaced by them.
 *
 * lib/string.c is compiled with `-include tests/host/rename_string.h` for every host test that
 * links it; string_test.c includes this between the host's headers and lib/string.h.
 */
#ifndef TESTS_HOST_RENAME_STRING_H
#define TESTS_HOST_RENAME_STRING_H

#define memcpy  tested_memcpy
#define memmove tested_memmove
#define memset  tested_memset
#define memcmp  tested_memcmp
#define strlen  tested_strlen
#define strcmp  tested_strcmp
#define strncmp tested_strncmp
#define strchr  tested_strchr

#endif

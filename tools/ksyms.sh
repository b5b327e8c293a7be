#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Writes the symbol table of a linked image as assembly: function addresses in ascending order, their names,
# and an end mark. Without an image: an empty table, for the first link.
#
#   tools/ksyms.sh NM [IMAGE] > ksyms.S
set -euo pipefail

nm=$1
image=${2:-}

symbols() {
    if [ -n "$image" ]; then
        "$nm" -n "$image" | awk '$2 ~ /^[tT]$/ && !seen[$1]++ { print $1, $3 }'
    fi
}

symbols | awk '
    BEGIN { n = 0; offset = 0 }
    { address[n] = $1; name[n] = $2; n++ }
    END {
        print "    .section .ksyms, \"a\""
        print "    .balign 8"
        print "    .global ksyms_addresses, ksyms_name_offsets, ksyms_names, ksyms_count"
        print "ksyms_addresses:"
        for (i = 0; i < n; i++) print "    .quad 0x" address[i]
        print "ksyms_count:"
        printf "    .long %d\n", n
        print "ksyms_name_offsets:"
        for (i = 0; i < n; i++) { printf "    .long %d\n", offset; offset += length(name[i]) + 1 }
        print "ksyms_names:"
        for (i = 0; i < n; i++) print "    .asciz \"" name[i] "\""
    }'

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by tools/run: which lines of the driver's source a bug check's addresses are.
# shellcheck disable=SC2154 # shared with the other files of tools/lib

find_addr2line() {
    local command
    for command in addr2line x86_64-linux-gnu-addr2line llvm-addr2line; do
        if command -v "$command" >/dev/null; then
            echo "$command"
            return
        fi
    done
}

# Prints each place of the console's report once, as NAME+0xOFFSET ADDRESS, where it is in the driver's code.
driver_places() { # SYMBOLS
    awk '
        function value(digits,    i, n) {
            for (i = 1; i <= length(digits); i++)
                n = n * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
            return n
        }
        # The upper half is the same for the whole image.
        function low(address) { return value(substr(address, length(address) - 7)) }
        NR == FNR {
            if ($3 == "_driver_text_start") from = low($1)
            if ($3 == "_driver_text_end") to = low($1)
            if ($2 ~ /^[tT]$/ && from && !to && !($3 in address)) address[$3] = low($1)
            next
        }
        function look(place,    part) {
            sub(/[:,;]$/, "", place)
            split(place, part, /\+0x/)
            if (!(place in seen) && part[1] in address)
                printf "%s 0xffffffff%08x\n", place, address[part[1]] + value(part[2])
            seen[place] = 1
        }
        /^stopped by / { for (i = 4; i < NF; i++) if ($i == "at") look($(i + 1)) }
        /^watchdog / { for (i = 2; i <= NF; i++) if (sub(/^at=/, "", $i)) look($i) }
        /^reason: / { for (i = 2; i <= NF; i++) if ($i ~ /[+]0x/) look($i) }
        /^  0x[0-9a-f]+ / { look($2) }
        /^ +[0-9]+ +[0-9]+ +[01] / { look($NF) }
    ' "$1" "$work/console"
}

# The FILE:LINE of an address. For a header's function that the compiler inlined, that of its caller.
line_of() { # ADDR2LINE ADDRESS
    local line
    "$1" -i -e "$image" "$2" 2>/dev/null | while read -r line; do
        line=${line%% (discriminator*}
        if [[ $line == *:[1-9]* && $line != "$root"/include/* && $line != include/* ]]; then
            echo "${line#"$PWD/"}"
            break
        fi
    done
}

# Best effort: where a tool or the debug information is missing, nothing is said.
name_places() {
    local command symbols=${image%.elf}.sym place address line
    command=$(find_addr2line)
    if [[ -z $command || ! -r $symbols ]]; then
        return
    fi
    while read -r place address; do
        line=$(line_of "$command" "$address")
        if [[ -n $line ]]; then
            say "$place is $line"
        fi
    done < <(driver_places "$symbols" 2>/dev/null | head -n 8)
}

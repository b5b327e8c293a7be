#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The driver headers: each compiles alone, they agree with those of mingw-w64, and every routine
# declares the IRQL range that its comment names. The test drivers and the examples compile with
# them. Nothing is run. Prints TAP; exits with 1 if a test failed.
#
# Usage: tests/headers.t            CC and CLANG name the compilers (gcc and clang).

set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1

cc=${CC:-gcc}
clang=${CLANG:-clang}
mingw=x86_64-w64-mingw32-gcc
mingw_ddk=/usr/x86_64-w64-mingw32/include/ddk

strict=(-std=gnu11 -ffreestanding -Wall -Wextra -Werror -Iinclude -fsyntax-only)
as_driver=(-mabi=ms -fshort-wchar -fms-extensions)
as_kernel=(-mgeneral-regs-only -mno-red-zone)

# How a driver is compiled: with the compiler's own headers and Muster's, and no others.
driver=(-std=gnu11 -D_WIN32=1 -D_WIN64=1 -U__linux__ -Ulinux -Uunix -imacros include/gcc_types.h
    -ffreestanding -fshort-wchar -fms-extensions -mabi=ms -mno-red-zone -fno-pic
    -mcmodel=kernel -fno-stack-protector -fno-omit-frame-pointer -O2 -Wall -Wno-unknown-pragmas
    -Wno-multichar -Werror=implicit-function-declaration -nostdinc
    -fgnu89-inline -isystem "$($cc -print-file-name=include)" -Iinclude -Iinclude/crt)

number=0
failed=0
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# report STATUS DESCRIPTION: one TAP line; on failure the contents of $work/log as a comment.
report() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        sed 's/^/# /' "$work/log"
        failed=$((failed + 1))
    fi
}

# skip DESCRIPTION REASON
skip() {
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
    echo "# SKIPPED: $2" >&2
}

# stands_alone HEADER: a file that only includes it compiles in every way.
stands_alone() {
    local compiler result=0
    : >"$work/log"
    echo "#include \"$1\"" >"$work/alone.c"
    for compiler in "${compilers[@]}"; do
        "$compiler" "${strict[@]}" "${as_driver[@]}" "$work/alone.c" >>"$work/log" 2>&1 || result=1
        "$compiler" "${strict[@]}" "${as_kernel[@]}" "$work/alone.c" >>"$work/log" 2>&1 || result=1
    done
    return $result
}

# compile_driver FILE: as the build does it, through tools/dialect.pl.
compile_driver() {
    "$cc" "${driver[@]}" -E "$1" >"$work/driver.i" 2>"$work/log" &&
        tools/dialect.pl <"$work/driver.i" >"$work/driver.c" &&
        "$cc" "${driver[@]}" -c "$work/driver.c" -o "$work/driver.o" >"$work/log" 2>&1
}

# irql_ranges: each routine whose annotations declare another range than its comment names, with
# both ranges; and every routine without an annotation.
irql_ranges() {
    awk '
        /^ \* IRQL: / { comment = $0; sub(/^ \* IRQL: /, "", comment) }
        /^_IRQL_requires_max_/ { max = $0; gsub(/^[^(]*\(|\).*$/, "", max) }
        /^_IRQL_requires_min_/ { min = $0; gsub(/^[^(]*\(|\).*$/, "", min) }
        /^_IRQL_requires_\(/ { exact = $0; gsub(/^[^(]*\(|\).*$/, "", exact) }
        /^NT(KERNEL|HAL|SYS)API / {
            if (exact != "") words = exact
            else if (min != "") words = ">= " min
            else if (max == "HIGH_LEVEL") words = "any"
            else if (max == "IPI_LEVEL - 1") words = "< IPI_LEVEL"
            else if (max == "SYNCH_LEVEL - 1") words = "<= DIRQL"
            else if (max != "") words = "<= " max
            else words = "nothing"
            if (index(comment, words) != 1) {
                print FILENAME ": " $0 ": declares " words ", comment says " comment
            }
            routines++
        }
        /^(NT|extern|typedef|#define)/ { max = min = exact = ""; comment = "no IRQL" }
        END { if (routines < 40) print "only " routines + 0 " routines found" }
    ' include/wdm.h include/wdm/*.h
}

mapfile -t headers < <(cd include && find . -name '*.h' -printf '%P\n' | sort)
mapfile -t drivers < <(find tests/drivers examples -name '*.c' ! -name broken.c | sort)
compilers=("$cc")
if command -v "$clang" >/dev/null; then
    compilers+=("$clang")
else
    echo "# SKIPPED: no $clang: headers are compiled with $cc only" >&2
fi

echo "1..$((${#headers[@]} + ${#drivers[@]} + 6))"

for header in "${headers[@]}"; do
    stands_alone "$header"
    report $? "$header compiles alone, for drivers and for the kernel"
done

irql_ranges >"$work/log"
[ ! -s "$work/log" ]
report $? "every routine declares its IRQL range, and its comment says the same"

"$cc" "${strict[@]}" "${as_driver[@]}" tests/host/headers_oracle.c >"$work/log" 2>&1
report $? "sizes, values and prototypes are as expected"

about="mingw-w64 has the same sizes, values and prototypes"
if command -v "$mingw" >/dev/null && [ -d "$mingw_ddk" ]; then
    "$mingw" -std=gnu11 -D_WIN32_WINNT=0x0601 -DNTDDI_VERSION=0x06010000 -isystem "$mingw_ddk" \
        -fsyntax-only tests/host/headers_oracle.c >"$work/log" 2>&1
    report $? "$about"
else
    skip "$about" "no $mingw with driver headers in $mingw_ddk"
fi

for file in "${drivers[@]}"; do
    compile_driver "$file"
    report $? "$file compiles as a driver"
done

about="examples/my_ipi_generic_call.c compiles with the headers of mingw-w64"
if command -v "$mingw" >/dev/null && [ -d "$mingw_ddk" ]; then
    "$mingw" -std=gnu11 -Wall -Wextra -Werror -Wno-multichar -D_WIN32_WINNT=0x0601 \
        -DNTDDI_VERSION=0x06010000 '-D__pragma(x)=_Pragma(#x)' -isystem "$mingw_ddk" \
        -fsyntax-only examples/my_ipi_generic_call.c >"$work/log" 2>&1
    report $? "$about"
else
    skip "$about" "no $mingw with driver headers in $mingw_ddk"
fi

! compile_driver tests/drivers/broken.c
report $? "tests/drivers/broken.c does not compile"

printf '#include <ntddk.h>\nvoid f(void);\nvoid f(void) { __try { } }\n' >"$work/seh.c"
"$cc" "${driver[@]}" -fsyntax-only "$work/seh.c" >"$work/log" 2>&1
grep -q 'no structured exception handling' "$work/log"
report $? "a driver that uses __try does not compile, and the message gives the reason"

[ "$failed" -eq 0 ]

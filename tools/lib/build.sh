#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by tools/run: the image with the driver in it, and the ISO around it.
# shellcheck disable=SC2034,SC2154 # shared with the other files of tools/lib

# Under `make run` this make is a grandchild of the user's: it takes the variables that the user gave, but
# not the job server, which it cannot reach.
make_here() {
    local variables=''
    if [[ ${MAKEFLAGS:-} == *' -- '* ]]; then
        variables=" -- ${MAKEFLAGS#* -- }"
    fi
    MAKEFLAGS=$variables MAKELEVEL=0 make --no-print-directory -s -C "$root" "$@" \
        ${asked[DRIVER]:+"DRIVER=${asked[DRIVER]}"} "${build_words[@]}"
}

find_image() {
    image=${asked[IMAGE]}
    if [[ -n $image ]]; then
        return
    fi
    command -v make >/dev/null || refuse 'there is no make here: run tools/setup.sh, it installs it'
    image=$(make_here print-image 2>/dev/null)
    [[ -n $image ]] || refuse "make fails in $root: $(make_here print-image 2>&1 | head -n 1)"
    if [[ $image != /* ]]; then
        image=$root/$image
    fi
}

build_image() {
    local status
    [[ -z ${asked[IMAGE]} ]] || return
    if ! mkdir -p "$root/build" 2>/dev/null || [[ ! -w $root/build ]]; then
        refuse "$root/build cannot be written: build in a folder of your own"
    fi
    : >"$work/progress"
    watch_silence building "$work/progress"
    # Runs that start together build one after the other.
    exec {lock}>"$root/build/.lock"
    flock "$lock"
    make_here -j"$(nproc)" image >"$work/progress" 2>"$work/messages" &
    child=$!
    wait "$child"
    status=$?
    child=
    stop_watching
    exec {lock}>&-
    if ((status)); then
        explain_build_failure
    fi
    # Warnings about the driver
    cat "$work/messages" >&2
}

# What stands in the place of a header that Muster lacks.
advise_header() { # HEADER
    local header=${1,,}
    if [[ -f $root/include/$header || -f $root/include/crt/$header ]]; then
        echo "its name here is $header"
        return
    fi
    case $header in
    windows.h | win[bdnu]*.h | winternl.h | winsock*.h) echo 'for programs; a driver includes ntddk.h' ;;
    wdf*.h) echo 'there is no driver framework: write DriverEntry with ntddk.h' ;;
    *strsafe.h) echo 'print with DbgPrint; RtlInitUnicodeString describes a string' ;;
    assert.h) echo 'use NT_ASSERT, or static_assert, which needs no header' ;;
    stdio.h | stdlib.h | malloc.h | math.h | time.h | ctype.h | wchar.h | errno.h | memory.h | setjmp.h)
        echo 'there is no C library: print with DbgPrint, allocate with ExAllocatePoolWithTag; string.h is there'
        ;;
    *.tmh) echo 'made by WPP tracing: print with DbgPrint' ;;
    *) echo "not beside the driver, and not in Muster's include/: leave out what needs it" ;;
    esac
}

# The headers that the driver asks for and that are nowhere, with advice; the compiler stops at the first.
list_missing_headers() { # THE FIRST
    local header list=''
    while read -r header; do
        if [[ $header == "$1" ]] || ! [[ -f $root/include/$header || -f $root/include/crt/$header ||
            -f ${asked[DRIVER]%/*}/$header || $header =~ ^(stdarg|stddef|stdint|stdbool|stdatomic|muster)\.h$ ]]; then
            list+="${list:+, }$header ($(advise_header "$header"))"
        fi
    done < <({
        echo "$1"
        sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1/p' "${asked[DRIVER]}"
    } | awk '!seen[$0]++')
    echo "$list"
}

# Routines, types and constants that are declared nowhere, and those that are declared but defined nowhere.
list_missing_names() {
    if grep -q 'no structured exception handling' "$work/messages"; then
        echo 'structured exception handling (__try)'
    fi
    sed -nE -e "s/.*undefined (reference to [\`']|symbol: )([^' ]+).*/\2/p" \
        -e "s/.*(implicit declaration of|call to undeclared) function '([^']+)'.*/\2/p" \
        -e "s/.*unknown type name '([A-Z][A-Z0-9_]+)'.*/\1/p" \
        -e "s/.*error: '([A-Z][A-Z0-9_]+)' undeclared .*/\1/p" \
        -e "s/.*use of undeclared identifier '([A-Z][A-Z0-9_]+)'.*/\1/p" "$work/messages" | awk '!seen[$0]++'
}

show_compiler_messages() {
    local lines
    grep -v '^make[:[]' "$work/messages" >"$work/shown" || cp "$work/messages" "$work/shown"
    head -n 20 "$work/shown" >&2
    lines=$(wc -l <"$work/shown")
    if ((lines > 20)); then
        echo "... and $((lines - 20)) more lines" >&2
    fi
}

# Shows the compiler's messages, without make's own, and ends with one line that sums them up.
explain_build_failure() {
    local name=${asked[DRIVER]##*/} missing header
    show_compiler_messages
    missing=$(list_missing_names)
    header=$(sed -nE "s/.*fatal error: '?([^':]+)'?(: No such file or directory| file not found).*/\1/p" \
        "$work/messages" | head -n 1)
    if ((${#build_words[@]})) && grep -qE 'SSE|__[a-z]*[sd]f[a-z]*[0-9]?\b' "$work/messages"; then
        refuse "$name computes with floating point or vectors, which this KVM cannot execute: use ACCEL=tcg"
    fi
    if [[ -z $name ]] || { [[ -z $missing ]] && ! grep -qF "$name" "$work/messages"; }; then
        refuse 'the kernel does not build (see above)'
    elif [[ -n $header ]]; then
        refuse "$name includes what Muster does not have: $(list_missing_headers "$header")"
    elif [[ $missing == driver_entry ]]; then
        refuse "$name has no DriverEntry"
    elif [[ -n $missing ]]; then
        refuse "$name needs what Muster does not have: ${missing//$'\n'/, }"
    fi
    refuse "$name does not compile (see above)"
}

# The kernel's command line: the engine's own words first, so that the user's come last and take effect.
compose_kernel_words() {
    local words="${asked[TEST]:+test=${asked[TEST]}$torture_words }${engine_words:+$engine_words }${asked[CMDLINE]}"
    kernel_words=${words% }
}

compose_iso_command() { # OUTPUT
    iso_command=("$root/tools/iso.sh" --timeout 0 --cmdline "$kernel_words")
    if [[ -n ${asked[MADT]} ]]; then
        iso_command+=(--madt "${asked[MADT]}")
    fi
    iso_command+=("$image" "$1")
}

check_iso_tools() {
    ((asked[PRINT])) || "$root/tools/iso.sh" --check 2>"$work/messages" ||
        refuse "$(sed -n 's/^iso: //p;q' "$work/messages"), or run tools/setup.sh"
}

# GRUB reads the command line from the medium, so every run has its own medium.
make_iso() {
    "${iso_command[@]}" 2>"$work/messages" || refuse "$(sed -n 's/^iso: //p;q' "$work/messages")"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by tools/run: the image with the driver in it, and the ISO around it.
# shellcheck disable=SC2034,SC2154 # shared with the other files of tools/lib

# Under `make run` our make is a grandchild: it takes the variables that the user gave, but not the
# job server, which it cannot reach.
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
    # Runs that start together build one after another.
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
    # The compiler's warnings about the driver.
    cat "$work/messages" >&2
}

# Shows the compiler's messages, without make's own, and ends with one line that sums them up.
explain_build_failure() {
    local name=${asked[DRIVER]##*/} missing
    grep -v '^make[:[]' "$work/messages" >"$work/shown" || cp "$work/messages" "$work/shown"
    head -n 20 "$work/shown" >&2
    missing=$(sed -nE "s/.*undefined (reference to [\`']|symbol: )([^' ]+).*/\2/p" \
        "$work/messages" | sort -u)
    if ((${#build_words[@]})) && grep -qE 'SSE|__[a-z]*[sd]f[a-z]*[0-9]?\b' "$work/messages"; then
        refuse "$name computes with floating point or vectors, which this KVM cannot execute: use ACCEL=tcg"
    fi
    if [[ -z $name ]] || { [[ -z $missing ]] && ! grep -qF "$name" "$work/messages"; }; then
        refuse 'the kernel does not build (see above)'
    elif [[ $missing == driver_entry ]]; then
        refuse "$name has no DriverEntry"
    elif [[ -n $missing ]]; then
        refuse "$name needs what Muster does not have: ${missing//$'\n'/, }"
    fi
    refuse "$name does not compile (see above)"
}

# The kernel's words, the engine's own first, so that the user's come last and count.
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

# GRUB reads the command line from the medium, so that every run has a medium of its own.
make_iso() {
    "${iso_command[@]}" 2>"$work/messages" || refuse "$(sed -n 's/^iso: //p;q' "$work/messages")"
}

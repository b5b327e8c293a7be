#!/usr/bin/env -S bash -p
# SPDX-License-Identifier: MIT
# `make debug`: starts QEMU, stopped before its first instruction, and gdb attached to it. Takes the
# settings of tools/run. Leaving gdb ends QEMU.
# shellcheck disable=SC2154 # environment.sh sets root
set -u
# shellcheck source=/dev/null
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/environment.sh"

cd -- "$root" || exit 1

tools/run --check "$@" >/dev/null || exit 1
mkdir -p build
flock build/.lock make --no-print-directory -s image || exit 1
image=$(make --no-print-directory -s print-image) || exit 1
tools/run DEBUG=1 "$@" &
machine=$!
gdb -q -x tools/debug.gdb "$image"
kill "$machine" 2>/dev/null
wait "$machine"
exit 0

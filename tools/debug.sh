#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `make debug`: starts QEMU, stopped before its first instruction, and gdb beside it. Takes the
# settings of tools/run. Leaving gdb ends QEMU.
set -u

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

mkdir -p build
flock build/.lock make --no-print-directory -s image || exit 1
image=$(make --no-print-directory -s print-image) || exit 1
tools/run DEBUG=1 "$@" &
machine=$!
gdb -q -x tools/debug.gdb "$image"
kill "$machine" 2>/dev/null
wait "$machine"
exit 0

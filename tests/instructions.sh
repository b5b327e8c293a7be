#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How many instructions a call takes, exactly, and how far apart its routine begins: tests/drivers/instructions.c
# on a QEMU that counts instructions, with the kernel's default options. Each figure is taken in two runs, which
# must agree: then it depends on nothing but the code.
set -u
export LC_ALL=C

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

usage() {
    cat <<'END_OF_USAGE'
usage: tests/instructions.sh [PROCESSORS...]

Prints a row for each number of processors, 1..255 (default: 1 2 4 8 64). Instructions are those of all
processors together, since they run one after the other.

    call    from before KeIpiGenericCall to after it, at PASSIVE_LEVEL, the routine empty: the median of 2000
            calls after 300, and the least. Few calls are sampled for the statistics, so the median is that of
            one that is not.
    skew    from the first begin of the routine to the last, in as many calls

The last line is for programs:  instructions processors=1,2,4,8,64 status=ok
Exit status: 0 ok, 1 a run failed or two differ, 2 wrong use.
END_OF_USAGE
}

refuse() {
    echo "instructions: $1 (--help tells more)" >&2
    exit 2
}

# Only what tools/run needs comes from the environment; an empty variable means the default.
count_with() { # PROCESSORS FILE
    tools/run DRIVER=tests/drivers/instructions.c CPUS="$1" THREAD=single QEMU='-icount shift=0' TIMEOUT=600 \
        ACCEL= BOOT= MACHINE= MEMORY= TEST= CMDLINE= PRINT= CALLS= SEED= SECONDS= MADT= QUANTUM= \
        >"$2" 2>"$2.errors"
}

progress() { # TEXT
    [[ ! -t 2 ]] || printf '\r%-40s\r%s' '' "$1" >&2
}

# Waits for both runs; returns 1 if one has failed.
await_both() { # PROCESSORS PID...
    local count=$1 status=0 pid
    shift
    while [[ -t 2 && -n $(jobs -rp) ]]; do
        progress "$count processors: $((SECONDS - began)) s"
        sleep 0.2
    done
    for pid in "$@"; do
        wait "$pid" || status=1
    done
    progress ''
    return "$status"
}

metric() { # NAME FILE
    sed -n "s/^metric name=$1 value=\([0-9]*\) unit=instructions\$/\1/p" "$2"
}

# One row; returns 1 if a run has failed or the two differ.
measure() { # PROCESSORS
    local name note='' row='' value other run began=$SECONDS
    pids=()
    for run in 1 2; do
        count_with "$1" "$work/$run" &
        pids+=($!)
    done
    if ! await_both "$1" "${pids[@]}"; then
        echo "instructions: a run with $1 processors has failed:" >&2
        tail -n 5 "$work"/[12] "$work"/[12].errors >&2
        return 1
    fi
    for name in call_p50 call_min skew_p50 skew_min; do
        value=$(metric "$name" "$work/1")
        other=$(metric "$name" "$work/2")
        row+=$(printf ' %10s' "${value:--}")
        [[ -n $value && $value == "$other" ]] || note+="  another run: $name=${other:--}"
    done
    printf '%10s%s%s\n' "$1" "$row" "$note"
    [[ -z $note ]]
}

[[ ${1-} != --help ]] || { usage && exit 0; }
read -r -d '' -a counts <<<"$*"
((${#counts[@]})) || counts=(1 2 4 8 64)
for count in "${counts[@]}"; do
    if [[ ! $count =~ ^[1-9][0-9]{0,2}$ ]] || ((count > 255)); then
        refuse "'$count': give numbers of processors, 1 to 255"
    fi
done

work=$(mktemp -d "${TMPDIR:-/tmp}/muster.XXXXXX") || exit 1
pids=()
trap 'rm -rf "$work"' EXIT
trap 'kill "${pids[@]}" 2>/dev/null; wait; exit 130' INT TERM

status=ok
printf '%10s %10s %10s %10s %10s\n' processors call least skew least
for count in "${counts[@]}"; do
    measure "$count" || status=failed
done
echo "instructions processors=$(IFS=, && echo "${counts[*]}") status=$status" || exit 1
[[ $status == ok ]]

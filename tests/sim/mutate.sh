#!/usr/bin/env bash
# Breaks the protocol on purpose, one patch of tests/sim/mutations at a time, and demands that the explorer
# catches each. A patch that does not apply or does not compile is a failure: it must follow the sources.
set -u
export LC_ALL=C

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

usage() {
    cat <<'END_OF_USAGE'
usage: tests/sim/mutate.sh [--quick | --list] [NAME...]

Applies each patch of tests/sim/mutations (or those whose name contains a NAME; or a patch file) to a copy of
kernel/, builds the explorer from it and runs it until it finds a schedule that breaks a clause, which must be
one of those that the patch names. Prints a table, the seeds in build/mutations/NAME/log, and a line for programs:

    mutations applied=115 caught=115 status=ok

    --quick   only in the scenario that the patch names, for `make test`; without it, in that one first
    --list    what each of them breaks

Exit status: 0 all caught, 1 one was not, 2 wrong use.
END_OF_USAGE
}

work=$(make -s print-build)/mutations
patches=()

choose_patches() { # NAME...
    local patch name
    for name in "$@"; do
        [[ ! -f $name ]] || patches+=("$name")
    done
    for patch in tests/sim/mutations/*.patch; do
        (($#)) || patches+=("$patch")
        for name in "$@"; do
            [[ $patch != *"$name"* ]] || { patches+=("$patch") && break; }
        done
    done
}

# Builds the explorer from a patched copy and runs it; all that is told goes to FOLDER/log.
catch() { # PATCH FOLDER
    local scenario=(--first "$(header Scenario "$1")")
    ((!quick)) || scenario[0]=--scenario
    rm -rf "$2" && mkdir -p "$2" && cp -rp kernel "$2/kernel" || return
    patch -s -p1 -d "$2" --no-backup-if-mismatch -F0 <"$1" >"$2/log" 2>&1 || {
        echo 'does not apply' >"$2/result"
        return
    }
    # What the patch does not touch is built already.
    if ! grep -q '^+++ .*\.h$' "$1"; then
        mkdir -p "$2/sim" && cp -rp "$sim/kernel" "$2/sim/kernel"
    fi
    make -s WARNINGS= SIM_KERNEL="$2/kernel" SIM_OUT="$2/sim" "$2/sim/explore" >"$2/log" 2>&1 || {
        echo 'does not compile' >"$2/result"
        return
    }
    timeout --foreground 300 "$2/sim/explore" --quick "${scenario[@]}" >"$2/log" 2>&1
    case $? in
    0) echo 'every schedule went well' ;;
    1) sed -n 's/^failed //p' "$2/log" | head -1 ;;
    124) echo 'no end within 300 s' ;;
    *) echo 'the explorer did not run' ;;
    esac >"$2/result"
}

header() { # NAME PATCH
    sed -n "s/^$1: //p" "$2"
}

field() { # NAME LINE
    sed -n "s/.*\b$1=\([^ ]*\).*/\1/p" <<<"$2"
}

report() { # PATCH FOLDER; counts the caught ones
    local result name
    result=$(<"$2/result")
    name=$(basename "$1" .patch)
    if [[ $result == clause=* && " $(header Clause "$1") " == *" $(field clause "$result") "* ]]; then
        caught=$((caught + 1))
        printf '%-40s %-14s %-10s %-16s %6s\n' "$name" "$(header Clause "$1")" \
            "$(field clause "$result")" "$(field scenario "$result")" "$(field steps "$result")"
    else
        printf '%-40s %-14s %s\n' "$name" "$(header Clause "$1")" \
            "NOT CAUGHT: ${result:-no clause was named} ($2/log)"
    fi
}

# Each patch has a process group of its own, so that an interrupt can end all that it started.
set -m
end_all() {
    local job
    for job in $(jobs -p); do
        kill -- "-$job" 2>/dev/null
    done
    exit 130
}
trap end_all INT TERM

quick=0
case ${1-} in
--quick)
    quick=1
    shift
    ;;
--help)
    usage
    exit 0
    ;;
--list)
    for patch in tests/sim/mutations/*.patch; do
        printf '%-40s %s\n' "$(basename "$patch" .patch)" "$(head -n1 "$patch")"
    done
    exit 0
    ;;
-*)
    echo "mutate: there is no option $1 (--help tells more)" >&2
    exit 2
    ;;
esac

choose_patches "$@"
if ((${#patches[@]} == 0)); then
    echo "mutate: no patch of tests/sim/mutations is called like that" >&2
    exit 2
fi
# SIM_OUT= gives the target its absolute name; the Makefile's own is relative.
sim=$(make -s print-build)/sim
mkdir -p "$work" || exit 1
exec 9>"$work/.lock"
flock -n 9 || { echo 'mutate: another one is running: waiting for it' >&2 && flock 9; }
make -s SIM_OUT="$sim" "$sim/explore" >/dev/null || exit 1

caught=0
printf '%-40s %-14s %-10s %-16s %6s\n' mutation breaks 'caught by' in steps
for ((i = 0; i < ${#patches[@]}; i += 2)); do
    pair=("${patches[@]:i:2}")
    for patch in "${pair[@]}"; do
        catch "$patch" "$work/$(basename "$patch" .patch)" &
    done
    wait
    for patch in "${pair[@]}"; do
        report "$patch" "$work/$(basename "$patch" .patch)"
    done
done
status=ok
((caught == ${#patches[@]})) || status=failed
echo "mutations applied=${#patches[@]} caught=$caught status=$status"
[[ $status == ok ]]

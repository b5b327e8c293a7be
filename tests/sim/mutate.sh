#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Breaks the protocol on purpose, one entry of tests/sim/mutations at a time, and demands that the explorer catch each.
# An entry that does not apply or does not compile is a failure: entries must follow the sources.
set -u
export LC_ALL=C

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

usage() {
    cat <<'END_OF_USAGE'
usage: tests/sim/mutate.sh [--quick | --list] [NAME...]

Applies each entry of tests/sim/mutations (or those whose name contains a NAME; or those of a file) to a copy of
kernel/, builds the explorer from it and runs it until it finds a schedule that breaks a clause, which must be
one of those that the entry names. Prints a table, the seeds in build/mutations/NAME/log, and a line for programs:

    mutations applied=115 caught=115 status=ok

The scenario that an entry names comes first, and all the others if every schedule of that one goes well.

    --quick   only the scenario that the entry names, for `make test`
    --list    what each of them breaks

Exit status: 0 all caught, 1 one was not, 2 wrong use. tests/lib/Mutation.pm says what an entry is.
END_OF_USAGE
}

suite=tests/sim/mutations
names=()
declare -A suite_of clause_of scenario_of

add_entries() { # SUITE [PART-OF-NAME]
    local entries name clause scenario
    entries=$(tests/mutate.pl list "$1" Clause Scenario) || exit 2
    while IFS=$'\t' read -r name clause scenario _; do
        [[ $name == *"${2-}"* && ! -v suite_of[$name] ]] || continue
        names+=("$name")
        suite_of[$name]=$1 clause_of[$name]=$clause scenario_of[$name]=$scenario
    done <<<"$entries"
}

choose_entries() { # NAME...
    local name
    (($#)) || add_entries "$suite"
    for name in "$@"; do
        if [[ -f $name ]]; then
            add_entries "$name"
        else
            add_entries "$suite" "$name"
        fi
    done
}

# Objects whose sources the entry does not touch are reused.
reuse_objects() { # FOLDER CHANGED...
    local folder=$1 path object
    shift
    mkdir -p "$folder/sim" && cp -rp "$sim/kernel" "$folder/sim/kernel" || return
    for path in "$@"; do
        [[ $path == *.h ]] || continue
        path=${path#"$folder/"}
        grep -rlF --include='*.d' -- "$path" "$folder/sim/kernel" | while IFS= read -r object; do
            rm -f "${object%.d}.o"
        done
    done
}

explore() { # FOLDER ARGUMENT...
    local folder=$1
    shift
    timeout --foreground 300 "$folder/sim/explore" --quick --jobs 1 "$@" >"$folder/log" 2>&1
}

# Builds the explorer from a broken copy and runs it; all output goes to FOLDER/log.
catch() { # NAME FOLDER
    local changed status
    mkdir -p "$2" && cp -rp kernel "$2/kernel" || return
    if ! changed=$(tests/mutate.pl apply "${suite_of[$1]}" "$1" "$2/kernel" 2>"$2/log"); then
        echo "does not apply: $(<"$2/log")" >"$2/result"
        return
    fi
    mapfile -t changed <<<"$changed"
    reuse_objects "$2" "${changed[@]}" || return
    make -s WARNINGS= SIM_KERNEL="$2/kernel" SIM_OUT="$2/sim" "$2/sim/explore" >"$2/log" 2>&1 || {
        echo 'does not compile' >"$2/result"
        return
    }
    explore "$2" --scenario "${scenario_of[$1]}"
    status=$?
    if ((status == 0 && !quick)); then
        explore "$2"
        status=$?
    fi
    case $status in
    0) echo 'every schedule went well' ;;
    3) echo 'every schedule that was tried went well' ;;
    1) sed -n 's/^failed //p' "$2/log" | head -1 ;;
    124) echo 'no end within 300 s' ;;
    *) echo 'the explorer did not run' ;;
    esac >"$2/result"
}

field() { # NAME LINE
    sed -n "s/.*\b$1=\([^ ]*\).*/\1/p" <<<"$2"
}

report() { # NAME FOLDER; counts the caught ones
    local result=
    [[ ! -f $2/result ]] || result=$(<"$2/result")
    if [[ $result == clause=* && " ${clause_of[$1]} " == *" $(field clause "$result") "* ]]; then
        caught=$((caught + 1))
        printf '%-40s %-14s %-10s %-16s %6s\n' "$1" "${clause_of[$1]}" \
            "$(field clause "$result")" "$(field scenario "$result")" "$(field steps "$result")"
    else
        printf '%-40s %-14s %s\n' "$1" "${clause_of[$1]}" "NOT CAUGHT: ${result:-no clause was named} ($2/log)"
    fi
}

# Reports those that have ended, in order, up to the first that has not.
report_ended() { # STARTED
    while ((reported < $1)) && [[ -s $work/${names[reported]}/result ]]; do
        report "${names[reported]}" "$work/${names[reported]}"
        reported=$((reported + 1))
    done
}

# Each entry has a process group of its own, so that an interrupt can end everything that it started.
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
    tests/mutate.pl list "$suite" | while IFS=$'\t' read -r name title; do
        printf '%-40s %s\n' "$name" "$title"
    done
    exit 0
    ;;
-*)
    echo "mutate: there is no option $1 (--help says more)" >&2
    exit 2
    ;;
esac

choose_entries "$@"
if ((${#names[@]} == 0)); then
    echo "mutate: no entry of $suite is called like that (--list shows them)" >&2
    exit 2
fi
work=$(make -s print-build)/mutations
# SIM_OUT= gives the target its absolute name; the Makefile's own is relative.
sim=$(make -s print-build)/sim
mkdir -p "$work" || exit 1
exec 9>"$work/.lock"
flock -n 9 || { echo 'mutate: another one is running: waiting for it' >&2 && flock 9; }
make -s SIM_OUT="$sim" "$sim/explore" >/dev/null || exit 1

caught=0
reported=0
at_once=$(nproc)
printf '%-40s %-14s %-10s %-16s %6s\n' mutation breaks 'caught by' in steps
for ((i = 0; i < ${#names[@]}; i++)); do
    while (($(jobs -pr | wc -l) >= at_once)); do
        wait -n
    done
    report_ended "$i"
    rm -rf "${work:?}/${names[i]}"
    catch "${names[i]}" "$work/${names[i]}" &
done
wait
while ((reported < ${#names[@]})); do
    report "${names[reported]}" "$work/${names[reported]}"
    reported=$((reported + 1))
done
status=ok
((caught == ${#names[@]})) || status=failed
echo "mutations applied=${#names[@]} caught=$caught status=$status"
[[ $status == ok ]]

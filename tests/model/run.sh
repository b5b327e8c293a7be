#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks the model of the rendezvous with spin, in every configuration, and that its checks can fail.
set -u
export LC_ALL=C

usage() {
    cat <<'END'
usage: tests/model/run.sh [--quick] [--help] [NAME...]

Searches the model in each configuration, and each variant of it that is broken on purpose, or those
that are named. Prints a table and one line of key=value pairs. Everything made is in build/model.

    --quick   only what ends within seconds

Exit status: 0 all ended as expected, 1 a search did not, 2 wrong usage.
END
}

# One row per configuration: name | quick or full | safety or liveness | macros | its subject
configurations() {
    cat <<'END'
call           | quick | safety   | -DCALLS=1                             | two callers
calls          | full  | safety   |                                       | the same, two calls each
spurious       | full  | safety   | -DSPURIOUS -DCALLS=1                  | a doorbell that nobody rang
callers        | full  | safety   | -DCALLERS=3 -DCALLS=1                 | everybody calls
masked         | quick | safety   | -DMASKED -DCALLS=1                    | a caller with interrupts disabled
locked         | full  | safety   | -DMASKED -DLOCKED -DCALLS=1           | a call under a lock that is spun for
late           | full  | safety   | -DLATE -DCALLS=1                      | a processor at HIGH_LEVEL for a while
withdrawal     | full  | safety   | -DDEADLINE -DLATE -DCALLERS=1         | calls withdrawn, a silent processor
withdrawals    | full  | safety   | -DDEADLINE -DLATE -DCALLS=1           | the same, two callers
sets           | quick | safety   | -DSETS -DCALLS=1                      | calls of different sets
sets-spurious  | full  | safety   | -DSETS -DSPURIOUS -DCALLS=1           | the same, a doorbell that nobody rang
late-sets      | full  | safety   | -DSETS -DDEADLINE -DLATE -DCALLS=1    | the same, withdrawn
phases         | full  | safety   | -DPHASES=2 -DCALLS=1                  | two phases
outside        | full  | safety   | -DOUTSIDE -DCALLS=1                   | a leader that is no member
stuck          | quick | safety   | -DSTUCK -DCALLERS=1                   | members given up on in a routine
stuck-phases   | quick | safety   | -DSTUCK -DPHASES=2 -DCALLERS=1 -DCALLS=1 | and between two phases
stuck-outside  | full  | safety   | -DSTUCK -DOUTSIDE -DCALLS=1           | by a leader that is no member
stuck-absent   | full  | safety   | -DSTUCK -DDEADLINE -DCALLERS=1 -DCALLS=1 | or before it
busy           | full  | safety   | -DIMPATIENT -DCALLS=1                 | a waiter for the turn gives up
busy-halt      | full  | safety   | -DIMPATIENT -DHALT -DPROCESSORS=2 -DCALLS=1 | the same, waits halt
posted         | quick | safety   | -DPOST -DCALLERS=1 -DCALLS=1          | a call that nobody waits for
posted-calls   | full  | safety   | -DPOST -DCALLS=1                      | the same alongside another caller
posted-again   | full  | safety   | -DPOST -DPOST_AND_CALL -DCALLERS=1 -DCALLS=1 | and its caller calls again
posted-late    | full  | safety   | -DPOST -DDEADLINE -DLATE -DPROCESSORS=2 -DCALLERS=1 -DCALLS=1 | too late, it is withdrawn
posted-masked  | full  | safety   | -DPOST -DMASKED -DCALLERS=1 -DCALLS=1 | its caller polls
posted-stuck   | full  | safety   | -DPOST -DSTUCK -DPROCESSORS=2 -DCALLERS=1 -DCALLS=1 | members of it given up on
posted-halt    | full  | safety   | -DPOST -DHALT -DPROCESSORS=2 -DCALLS=1 | waits halt
posted-tso     | full  | safety   | -DPOST -DTSO -DPROCESSORS=2 -DCALLERS=1 -DCALLS=1 | store buffers
halt-turn      | quick | safety   | -DHALT -DPROCESSORS=2 -DCALLS=1       | waits halt, two callers
halt-members   | full  | safety   | -DHALT -DCALLERS=1 -DCALLS=1          | waits halt, two members
halt-phases    | full  | safety   | -DHALT -DPHASES=2 -DPROCESSORS=2 -DCALLS=1 | the same, two phases
halt-deadline  | full  | safety   | -DHALT -DPROCESSORS=2 -DDEADLINE -DCALLS=1 | waits halt, calls withdrawn
lossy          | quick | safety   | -DLOSSES=1 -DCALLERS=1                | a doorbell gets lost, the next one comes
lossy-calls    | full  | safety   | -DLOSSES=2 -DCALLS=1                  | two of them, and two callers
lossy-masked   | full  | safety   | -DLOSSES=1 -DMASKED -DCALLS=1         | alongside a caller that polls
lossy-late     | full  | safety   | -DLOSSES=1 -DDEADLINE -DLATE -DCALLERS=1 | calls withdrawn meanwhile
lossy-posted   | full  | safety   | -DLOSSES=1 -DPOST -DCALLERS=1 -DCALLS=1 | nobody waits for the call
lossy-halt     | full  | safety   | -DLOSSES=1 -DHALT -DPROCESSORS=2 -DCALLS=1 | waits halt
tso            | quick | safety   | -DTSO -DPROCESSORS=2 -DCALLS=1        | store buffers
tso-calls      | full  | safety   | -DTSO -DCALLS=1                       | the same, and another member
tso-halt       | full  | safety   | -DTSO -DHALT -DPROCESSORS=2 -DCALLS=1 | store buffers, waits halt
returns        | quick | liveness | -DMASKED -DPROCESSORS=2 -DCALLS=1     | every call returns
returns-late   | full  | liveness | -DDEADLINE -DLATE -DCALLERS=1 -DCALLS=1 | though a processor is silent
returns-lock   | full  | liveness | -DMASKED -DLOCKED -DCALLS=1           | though it holds a lock
returns-halt   | full  | liveness | -DHALT -DPROCESSORS=2 -DCALLS=1       | and though all halt
returns-busy   | full  | liveness | -DIMPATIENT -DPROCESSORS=2 -DCALLS=1  | and though some give up
returns-lossy  | quick | liveness | -DLOSSES=2 -DPROCESSORS=2 -DCALLS=1   | though doorbells get lost
returns-woken  | full  | liveness | -DLOSSES=1 -DHALT -DPROCESSORS=2 -DCALLS=1 | and wakes
returns-posted | full  | liveness | -DPOST -DPROCESSORS=2 -DCALLERS=1 -DCALLS=1 | and if nobody waits
END
}

# One row per variant: name | BREAK | macros | the clauses that may catch it, or stuck, or starved |
# full, if --quick leaves it out
variants() {
    cat <<'END'
generation-ignored  | 1  | -DCALLS=1                             | K2
released-early      | 2  | -DCALLS=1                             | K2
done-before-run     | 3  | -DCALLS=1                             | K5
set-after-state     | 4  | -DSETS -DSPURIOUS -DCALLS=1           | C4
set-believed        | 5  | -DSETS -DSPURIOUS -DCALLS=1           | K5 C4 | full
two-writes          | 6  | -DDEADLINE -DCALLS=1                  | K2 B3
any-decision        | 7  | -DSETS -DDEADLINE -DLATE -DCALLS=1    | K5 C4 | full
deaf-while-waiting  | 8  | -DMASKED -DCALLS=1                    | stuck
deaf-for-ever       | 8  | -DLIVENESS -DMASKED -DPROCESSORS=2 -DCALLS=1 | starved
queued-too-high     | 9  | -DCALLS=1                             | stuck
irql-kept           | 10 | -DCALLS=1                             | K10
turn-from-0         | 11 | -DCALLERS=3                           | C2 | full
turn-freed-blindly  | 12 | -DHALT -DPROCESSORS=2 -DCALLS=1       | stuck
counted-first       | 13 | -DCALLERS=3                           | C2 | full
no-fence            | 14 | -DTSO -DHALT -DPROCESSORS=2 -DCALLS=1 | stuck
no-second-look      | 15 | -DHALT -DPROCESSORS=2 -DCALLS=1       | stuck
no-poll-before-halt | 16 | -DHALT -DPROCESSORS=2 -DCALLS=1       | stuck
nobody-woken        | 17 | -DHALT -DPROCESSORS=2 -DCALLS=1       | stuck
phase-too-early     | 18 | -DPHASES=2 -DCALLERS=1 -DCALLS=1      | K2
stuck-goes-on       | 19 | -DSTUCK -DPHASES=2 -DCALLERS=1 -DCALLS=1 | K2 stuck
request-unchecked   | 20 | -DSTUCK -DOUTSIDE -DCALLS=1           | K7 | full
place-overwritten   | 21 | -DIMPATIENT -DPROCESSORS=2            | stuck
claimed-by-store    | 22 | -DPOST -DCALLERS=1 -DCALLS=1          | X
withdrawn-by-store  | 23 | -DPOST -DDEADLINE -DPROCESSORS=2 -DCALLERS=1 -DCALLS=1 | X
put-aside-late      | 24 | -DPOST -DCALLERS=1 -DCALLS=1          | X
completed-first     | 25 | -DPOST -DPROCESSORS=2 -DCALLERS=1 -DCALLS=1 | X
no-second-bell      | 26 | -DLOSSES=1 -DCALLERS=1 -DCALLS=1      | stuck
wrong-ones-rung     | 27 | -DLIVENESS -DLOSSES=1 -DPROCESSORS=2 -DCALLERS=1 -DCALLS=1 | starved
not-woken-again     | 28 | -DLIVENESS -DLOSSES=1 -DHALT -DPROCESSORS=2 -DCALLERS=1 -DCALLS=1 | starved
bell-believed       | 29 | -DLOSSES=1 -DCALLERS=1 -DCALLS=1      | K4 K5
END
}

fail() {
    echo "model: $1" >&2
    exit "${2:-1}"
}

# Says what runs now, if standard error is a terminal.
progress() {
    [[ ! -t 2 ]] || printf '\r\033[K%s' "${1:+$1 ...}" >&2
}

# Makes $work/pan. Partial order reduction stays off: it does not know that a handler's first step
# holds up the code of its processor (`provided`). A short search is not worth an optimised program.
compile() { # MODE SIZE MACRO...
    local optimise=-O0 mode=-DSAFETY
    [[ $1 == safety ]] || mode=-DNFAIR=3
    [[ $2 == quick ]] || optimise=-O2
    shift 2
    (cd "$work" && rm -f pan pan.? ./*.trail && spin -a "$@" "$model" &&
        gcc "$optimise" -w "$mode" -DNOREDUCE -DCOLLAPSE "-DMEMLIM=$memory_mb" -o pan pan.c) \
        >"$work/log" 2>&1
}

# Runs the search; its report goes to $work/report.
search() { # MODE
    local options=("-m$depth_limit" "-w$hash_bits" -n)
    [[ $1 == safety ]] || options+=(-a -f)
    (cd "$work" && timeout "$seconds_limit" ./pan "${options[@]}") >"$work/report" 2>&1
}

# The number in the report's line with these words; 0 if there is none.
figure() { # WORDS
    awk -v words="$1" 'index($0, words) { found = $1; exit } END { print found + 0 }' "$work/report"
}

depth() {
    sed -n 's/.*depth reached \([0-9]*\).*/\1/p' "$work/report"
}

elapsed_s() {
    sed -n 's/^pan: elapsed time \([0-9.]*\).*/\1/p' "$work/report"
}

# The clause next to the assertion at the end of the trail.
failed_clause() { # MACRO...
    local place
    place=$(cd "$work" && spin -t -k rendezvous.pml.trail "$@" "$model" 2>&1 |
        sed -n 's/^spin: \([^ ,]*\), Error: assertion violated.*/\1/p' | head -n 1)
    [[ -z $place ]] || sed -n "${place##*:}s/.*\/\* \([A-Z][0-9]*\).*/\1/p" "${place%:*}"
}

# How the search ended: ok, stuck (an invalid end state), starved (a call that never returns), the
# clause that failed, or incomplete.
outcome() { # MACRO...
    if grep -q 'errors: 0' "$work/report" &&
        ! grep -qE 'Search not completed|max search depth|out of memory' "$work/report"; then
        echo ok
    elif grep -q '^pan:.*invalid end state' "$work/report"; then
        echo stuck
    elif grep -q '^pan:.*acceptance cycle' "$work/report"; then
        echo starved
    elif grep -q '^pan:.*assertion violated' "$work/report"; then
        failed_clause "$@"
    else
        echo incomplete
    fi
}

# Compiles and searches; sets `result`.
check() { # NAME MODE SIZE MACRO...
    local mode=$2 size=$3
    work=$build/$1
    mkdir -p "$work" || fail "cannot make $work"
    progress "$1"
    shift 3
    : >"$work/report"
    result='does not compile'
    if compile "$mode" "$size" "$@"; then
        search "$mode"
        result=$(outcome "$@")
    fi
    progress ''
}

is_chosen() { # NAME SIZE
    if ((${#names[@]})); then
        [[ " ${names[*]} " == *" $1 "* ]]
    else
        [[ $2 == quick || $quick == no ]]
    fi
}

check_configurations() {
    local name size mode macros about
    printf '%-19s %10s %11s %6s %5s %6s  %s\n' configuration states transitions depth MB s result
    while IFS='|' read -r name size mode macros about; do
        read -r name size mode <<<"$name $size $mode"
        is_chosen "$name" "$size" || continue
        read -ra macros <<<"$macros"
        [[ $mode == safety ]] || macros+=(-DLIVENESS)
        check "$name" "$mode" "$size" "${macros[@]}"
        printf '%-19s %10d %11d %6d %5.0f %6.1f  %s:%s\n' "$name" "$(figure 'states, stored')" \
            "$(figure transitions)" "$(depth)" "$(figure 'total actual memory')" "$(elapsed_s)" \
            "$result" "$about"
        configurations=$((configurations + 1))
        states=$((states + $(figure 'states, stored')))
        [[ $result == ok ]] || failures=$((failures + 1))
    done < <(configurations)
}

check_variants() {
    local name error macros expected size mode
    while IFS='|' read -r name error macros expected size; do
        read -r name error size <<<"$name $error ${size:-quick}"
        is_chosen "$name" "$size" || continue
        mode=safety
        [[ $macros != *LIVENESS* ]] || mode=liveness
        read -ra macros <<<"$macros -DBREAK=$error"
        check "$name" "$mode" quick "${macros[@]}"
        ((variants)) ||
            printf '\n%-19s %10s %18s  %s\n' 'broken on purpose' states depth 'caught by'
        variants=$((variants + 1))
        if [[ -n $result && " $expected " == *" $result "* ]]; then
            caught=$((caught + 1))
        else
            result="$result, not by$expected"
            failures=$((failures + 1))
        fi
        printf '%-19s %10d %18d  %s\n' "$name" "$(figure 'states, stored')" "$(depth)" "$result"
    done < <(variants)
}

quick=no
names=()
while (($#)); do
    case $1 in
    --quick) quick=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    -*) fail "unknown option '$1' (see tests/model/run.sh --help)" 2 ;;
    *)
        { configurations && variants; } | cut -d' ' -f1 | grep -qxF -e "$1" ||
            fail "no configuration or variant '$1'" 2
        names+=("$1")
        ;;
    esac
    shift
done

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
model=$PWD/tests/model/rendezvous.pml
build=$PWD/build/model
memory_mb=4000
depth_limit=100000
hash_bits=22
seconds_limit=300

for tool in spin gcc; do
    command -v "$tool" >/dev/null || fail "there is no $tool (tools/setup.sh installs it)"
done

mkdir -p "$build" || exit 1
exec 9>"$build/.lock"
flock -n 9 || { echo 'model: another one is running: waiting for it' >&2 && flock 9; }
configurations=0 states=0 variants=0 caught=0 failures=0
check_configurations
check_variants
status=ok
((failures == 0)) || status=failed
printf '\nmodel configurations=%d states=%d broken=%d caught=%d status=%s\n' \
    "$configurations" "$states" "$variants" "$caught" "$status" || exit 1
((failures == 0))

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by tools/run: runs the machine, shows its console, ends it after its verdict or at the time-out.
# shellcheck disable=SC2034,SC2154 # shared with the other files of tools/lib

# On a terminal, says after 2, 4, 8, ... seconds without output that the run still goes on.
watch_silence() { # WHAT FILE
    if [[ ! -t 2 ]]; then
        return
    fi
    (
        trap - TERM HUP EXIT
        trap '' INT # or Ctrl-C would end this first, and the script's own trap be lost
        quiet=0
        size=-1
        while :; do
            pause 1
            now=$(stat -c %s "$2")
            if ((now != size)); then
                size=$now
                quiet=0
            elif ((++quiet >= 2 && (quiet & (quiet - 1)) == 0)); then
                say "$1: no output for $quiet s (Ctrl-C ends it)"
            fi
        done
    ) &
    watchers+=($!)
}

is_verdict() { # LINE
    [[ $1 =~ ^verdict\ status=[a-z]+\ exit=[0-9]+$ ]]
}

has_verdict() {
    is_verdict "$(tail -n 1 "$work/console")"
}

# Without long mode, the kernel's first instructions say so and halt. The kernel names itself later; after that, such a
# line is a driver's.
cannot_run() { # LINE
    [[ $1 == 'Muster needs '* ]] && ! grep -qE '^Muster [0-9.]+ \(' "$work/console"
}

# Has the verdict been the last line for long enough? Sets `last` and counts the looks. The console is read only when
# it has changed; a file whose time is that of the last look may have changed.
verdict_stands() {
    if [[ ! $work/console -ot $work/looked ]]; then
        : >"$work/looked"
        last=$(tail -n 1 "$work/console")
    fi
    if ! is_verdict "$last"; then
        looks=0
        return 1
    fi
    ((looks++ >= looks_after_verdict))
}

# The verdict line ends a run, whatever the machine does afterwards. Most machines end by themselves; one that does not
# is ended. Where the engine itself has given up (engine_is_stuck), or the kernel, there will be no verdict.
watch_for_end() {
    (
        trap - TERM HUP EXIT
        trap '' INT
        looks=0
        last=
        until engine_is_stuck || verdict_stands || cannot_run "$last"; do
            pause 0.2
        done
        : >"$work/ended"
        end_child
    ) &
    watchers+=($!)
}

stop_watching() {
    local watcher
    for watcher in "${watchers[@]}"; do
        kill "$watcher" 2>/dev/null
        wait "$watcher" 2>/dev/null
    done
    watchers=()
}

# timeout passes the signal on, and sends a stronger one to an engine that ignores it.
end_child() {
    kill -TERM "$child" 2>/dev/null
}

# shellcheck disable=SC2317 # the traps call it
interrupted() { # SIGNAL_NUMBER
    [[ $BASHPID == "$$" ]] || exit
    trap '' INT TERM HUP
    stop_watching
    if [[ -n $child ]]; then
        end_child
        wait "$child" 2>/dev/null
    fi
    say "ended by signal $1"
    if [[ -n $reader ]]; then
        await_console
    fi
    finish failed $((128 + $1))
}

# What firmware and GRUB write is noise: the console begins after the last escape code before the
# kernel's name, without GRUB's last words. If the name never appears, the rest of the noise is shown.
drop_loader() {
    exec perl -ne '
        BEGIN { $| = 1 }
        if (!$started) {
            @early = () if s/.*\e(?:\[[ -?]*[@-~]|[()].)//;
            s/[\r\0]//g;
            push @early, $_ if !/^\s*(?:Booting .*|error: no suitable video mode found\.)?$/;
            next if !/^(?:Muster (?:[0-9.]+ \(|needs )|verdict status=)/;
            $started = 1;
            $_ = join "", splice @early;
        }
        s/[\r\0]//g;
        print;
        END { print @early }
    '
}

drop_control_characters() {
    exec sed -u 's/[\r\x00]//g'
}

# The console goes to a file and from there to stdout: a reader of stdout that is slow, or stops, does
# not hold up the machine.
start_console() {
    : >"$work/console"
    : >"$work/errors"
    mkfifo "$work/serial"
    local filter=drop_loader
    if [[ ${asked[BOOT]} == direct ]]; then
        filter=drop_control_characters
    fi
    (
        trap '' INT
        "$filter" <"$work/serial" >"$work/console"
    ) &
    reader=$!
    (
        trap '' INT
        exec tail -n +1 -s 0.1 -f --pid="$reader" "$work/console" 2>"$work/printer"
    ) &
    printer=$!
}

# The machine is in a session of its own: Ctrl-C reaches only this script, which ends the machine in an
# orderly way, and a debugger's Ctrl-C does not reach it at all. Its serial line is $work/serial: stdout
# for QEMU, a file that Bochs opens by name. Descriptor 3 keeps that open for an engine that ends before.
run_machine() {
    start_console
    setsid timeout --kill-after=5 "${asked[TIMEOUT]}" "${command[@]}" \
        </dev/null 3>"$work/serial" >"$engine_output" 2>"$work/errors" &
    child=$!
    local started=$SECONDS
    watch_silence running "$work/console"
    watch_for_end
    wait "$child"
    machine_status=$?
    machine_seconds=$((SECONDS - started))
    child=
    stop_watching
    await_console
}

# Waits until all of the console is on stdout. If it stopped within a line, the verdict still begins a new one.
await_console() {
    wait "$reader"
    reader=
    if ! wait "$printer"; then
        output_lost=$(<"$work/printer")
        output_lost=${output_lost##*: }
        output_lost=${output_lost/%write error/write error (is the disk full?)}
        : "${output_lost:=its reader has gone}"
    elif [[ -s $work/console && -n $(tail -c 1 "$work/console") ]]; then
        print ''
    fi
}

# The kernel prints its verdict as its last line; ours is added only if it did not.
conclude() { # STATUS EXIT
    if [[ $1 == bugcheck ]]; then
        name_places
    fi
    if [[ $(tail -n 1 "$work/console") == "verdict status=$1 exit=$2" ]]; then
        leave "$2"
    fi
    finish "$1" "$2"
}

# For a machine that was ended after its verdict, or that halted or reset.
conclude_by_verdict() {
    local words
    read -ra words < <(tail -n 1 "$work/console")
    conclude "${words[1]#status=}" "${words[2]#exit=}"
}

conclude_if_it_cannot_run() {
    if cannot_run "$(tail -n 1 "$work/console")"; then
        say "this machine cannot run Muster; $(where_it_stopped)"
        conclude failed 1
    fi
}

where_it_stopped() {
    local last
    if last=$(grep -v '^[[:space:]]*$' "$work/console" | tail -n 1) && [[ -n $last ]]; then
        echo "the last line was: $last"
    else
        echo 'the console stayed empty'
    fi
}

# timeout exits with 124 when TERM was enough, with 137 when it took KILL. An earlier 137 is a KILL from elsewhere.
time_was_over() {
    ((machine_status == 124 || machine_status == 137 && machine_seconds >= asked[TIMEOUT]))
}

conclude_if_timed_out() {
    if time_was_over && [[ ! -e $work/ended ]] && ! has_verdict; then
        say "no verdict within ${asked[TIMEOUT]} s; $(where_it_stopped)"
        conclude timeout 124
    fi
}

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by tools/run: the machine as Bochs plays it.
# shellcheck disable=SC2034,SC2154 # shared with the other files of tools/lib
#
# Bochs has no port that ends it with a status, so the verdict is the console's last line, and Bochs is
# ended when that has come. In return it checks what QEMU lets pass: an impossible use of the local APIC
# is in its log, and a PANIC there makes the run a failed one.

bochs_shared=/usr/share/bochs
bochs_screen='/usr/lib/*/bochs/plugins/libbx_sdl2_gui.so'
# GRUB asks it for a graphics mode; with vgabios's own, Bochs ends in a triple fault there.
bochs_vga=/usr/share/seabios/vgabios-stdvga.bin
# Has x2APIC.
bochs_model=corei7_icelake_u

check_bochs() {
    ((asked[PRINT])) && return
    local advice='run tools/setup.sh, it installs'
    command -v bochs >/dev/null || refuse "there is no bochs here: $advice it"
    compgen -G "$bochs_screen" >/dev/null || refuse "there is no $bochs_screen here: $advice bochs-sdl"
    [[ -r $bochs_shared/BIOS-bochs-latest ]] ||
        refuse "there is no $bochs_shared/BIOS-bochs-latest here: $advice bochsbios"
    [[ -r $bochs_vga ]] || refuse "there is no $bochs_vga here: $advice seabios"
}

memory_megabytes() {
    local size=${asked[MEMORY]}
    if [[ $size == *G ]]; then
        echo $((${size%G} * 1024))
    else
        echo "${size%M}"
    fi
}

# A screen is wanted by every Bochs; SDL has one that nobody sees (compose_bochs).
write_bochs_settings() {
    cat <<TEXT
config_interface: textconfig
display_library: sdl2
romimage: file=$bochs_shared/BIOS-bochs-latest
vgaromimage: file=$bochs_vga
megs: $(memory_megabytes)
cpu: model=$bochs_model, count=${asked[CPUS]}, quantum=${asked[QUANTUM]}
cpu: ips=50000000, reset_on_triple_fault=0
clock: sync=none
ata0-master: type=cdrom, path="$iso", status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev="$place/serial"
log: $place/bochs.log
panic: action=fatal
error: action=report
info: action=ignore
debug: action=ignore
TEXT
}

# Debian's Bochs has a debugger, which begins with the first command it reads.
compose_bochs() {
    write_bochs_settings >"$work/bochsrc"
    echo continue >"$work/continue"
    : >"$work/bochs.log"
    command=(env SDL_VIDEODRIVER=dummy bochs -q -f "$place/bochsrc" -rc "$place/continue")
    engine_output=/dev/null
    ends_by_itself=no
}

print_bochs() {
    print_words "${command[@]}"
    echo "# $place/continue:"
    cat "$work/continue"
    echo "# $place/bochsrc:"
    cat "$work/bochsrc"
}

machine_is_over() {
    [[ $(tail -n 1 "$work/console") =~ ^verdict\ status=[a-z]+\ exit=[0-9]+$ ]] ||
        bochs_panicked
}

# SDL takes the signal that ends Bochs for a user's wish, and Bochs that for a panic.
bochs_panicked() {
    grep '>>PANIC<<' "$work/bochs.log" | grep -qv 'User requested shutdown'
}

# What Bochs complains of about the processors and their APICs.
show_bochs_log() {
    grep -E '>>PANIC<<|^[0-9]+[ep]\[(APIC|CPU)[0-9 ]' "$work/bochs.log" |
        grep -v 'User requested shutdown' | head -n 20 >&2
}

judge_bochs() {
    conclude_if_timed_out
    show_bochs_log
    if bochs_panicked; then
        say "Bochs gave up (its message is above); $(where_it_stopped)"
        conclude failed 1
    elif [[ ! -e $work/ended ]]; then
        tail -n 5 "$work/errors" >&2
        say "Bochs ended with status $machine_status and no verdict; $(where_it_stopped)"
        conclude failed 1
    fi
    case $(tail -n 1 "$work/console") in
    'verdict status=ok exit=0') conclude ok 0 ;;
    'verdict status=bugcheck exit=2') conclude bugcheck 2 ;;
    esac
    conclude failed 1
}

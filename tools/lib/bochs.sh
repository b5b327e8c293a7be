#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by tools/run: the machine as Bochs emulates it.
# shellcheck disable=SC2034,SC2154 # shared with the other files of tools/lib
#
# Bochs has no port that ends it with a status, so the verdict is the console's last line, and Bochs is
# ended after that. In return it checks what QEMU does not: it logs an impossible use of the local
# APIC, a PANIC in its log makes the run fail, and an MSR that does not exist causes #GP, as on hardware
# (ignore_bad_msrs=0).

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

# Bochs does not run without a screen; SDL has one that stays hidden (compose_bochs).
write_bochs_settings() {
    cat <<TEXT
config_interface: textconfig
display_library: sdl2
romimage: file=$bochs_shared/BIOS-bochs-latest
vgaromimage: file=$bochs_vga
megs: $(memory_megabytes)
cpu: model=$bochs_model, count=${asked[CPUS]}, quantum=${asked[QUANTUM]}
cpu: ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=0
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

# Debian's Bochs has a debugger, which starts the machine at the first command that it reads.
compose_bochs() {
    write_bochs_settings >"$work/bochsrc"
    echo continue >"$work/continue"
    : >"$work/bochs.log"
    command=(env SDL_VIDEODRIVER=dummy bochs -q -f "$place/bochsrc" -rc "$place/continue")
    engine_output=/dev/null
    looks_after_verdict=0
}

print_bochs() {
    print_words "${command[@]}"
    echo "# $place/continue:"
    cat "$work/continue"
    echo "# $place/bochsrc:"
    cat "$work/bochsrc"
}

engine_is_stuck() {
    bochs_panicked
}

# SDL reports the signal that ends Bochs as a user's wish, and Bochs logs that as a panic.
bochs_panicked() {
    grep '>>PANIC<<' "$work/bochs.log" | grep -qv 'User requested shutdown'
}

# Bochs' complaints about the processors and their APICs.
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
    elif ! has_verdict && [[ ! -e $work/ended ]]; then
        tail -n 5 "$work/errors" >&2
        say "Bochs ended with status $machine_status and no verdict; $(where_it_stopped)"
        conclude failed 1
    fi
    conclude_if_it_cannot_run
    conclude_by_verdict
}

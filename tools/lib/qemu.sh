#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by tools/run: the machine as QEMU emulates it.
# shellcheck disable=SC2034,SC2154 # shared with the other files of tools/lib
#
# A machine that ends by itself is judged by QEMU's exit status, which the kernel sets through the
# isa-debug-exit device: a driver may print what it likes. The text has to agree only for `ok`, whose exit
# status QEMU also uses for errors of its own. A machine that halts or resets after its verdict, or had to
# be ended, has no status to be judged by: there the last line counts.

# Code without variables: -bios takes it. It stores nothing, so no run can mislead the next one, and it
# boots faster than code with a fresh store.
uefi_images=(/usr/share/OVMF/OVMF_CODE.fd /usr/share/ovmf/OVMF.fd)

check_qemu() {
    if ! ((asked[PRINT])) && ! command -v "$qemu" >/dev/null; then
        refuse "there is no $qemu here: run tools/setup.sh, it installs it"
    fi
}

find_uefi() {
    for uefi_image in "${uefi_images[@]}"; do
        if [[ -r $uefi_image ]]; then
            return
        fi
    done
    refuse "BOOT=${asked[BOOT]}: there is no ${uefi_images[0]} here: run tools/setup.sh, it installs ovmf"
}

# Sets machine_words. Whatever is not used is off, so that the machine starts sooner.
compose_machine() {
    machine_words=${asked[MACHINE]}
    case ${asked[MACHINE]},${asked[BOOT]} in
    q35,direct) machine_words+=',smm=off,sata=off,usb=off' ;;
    q35,* | pc,*) machine_words+=',smm=off,usb=off' ;;
    microvm,*) machine_words+=',acpi=on,isa-serial=on,rtc=on,pit=on,pic=on' ;;
    esac
}

# Sets boot_words.
compose_boot() {
    # QEMU takes a single comma for the end.
    local medium="if=none,id=medium,format=raw,readonly=on,file=${iso//,/,,}"
    boot_words=(-vga std)
    case ${asked[BOOT]} in
    direct) boot_words=(-kernel "$image" -append "$kernel_words") ;;
    bios | uefi) boot_words+=(-drive "$medium,media=cdrom" -device 'ide-cd,drive=medium,bootindex=0') ;;
    usb-*)
        boot_words+=(
            -device qemu-xhci -drive "$medium" -device 'usb-storage,drive=medium,bootindex=0'
        )
        ;;
    esac
    if [[ ${asked[BOOT]} == *uefi ]]; then
        boot_words+=(-bios "$uefi_image")
    fi
}

compose_qemu() {
    local more accel
    compose_machine
    if [[ ${asked[ACCEL]} == kvm ]]; then
        compose_kvm
    else
        accel=(-accel "tcg,thread=${asked[THREAD]}" -cpu max)
    fi
    compose_boot
    command=(
        "$qemu" -machine "$machine_words" "${accel[@]}" -smp "${asked[CPUS]}" -m "${asked[MEMORY]}"
        "${boot_words[@]}" -nodefaults -display none -serial stdio -no-reboot
        -device "isa-debug-exit,iobase=0xf4,iosize=4"
    )
    if ((asked[DEBUG])); then
        command+=(-s -S)
    fi
    read -ra more <<<"${asked[QEMU]}"
    command+=("${more[@]}")
    engine_output=$work/serial
    if ends_without_status; then
        looks_after_verdict=0
    fi
}

# The last of the kernel's words counts.
ends_without_status() {
    [[ "bugcheck= $kernel_words" =~ .*bugcheck=([a-z]*) && ${BASH_REMATCH[1]} =~ ^(halt|reset)$ ]]
}

print_qemu() {
    print_words "${command[@]}"
}

stopped_by_kvm() {
    grep -q '^KVM internal error' "$work/errors"
}

# QEMU stops a machine that KVM cannot continue, and waits.
engine_is_stuck() {
    [[ ${asked[ACCEL]} == kvm ]] && stopped_by_kvm
}

judge_internal_error() {
    grep -E '^(KVM internal error|RIP=|Code=)' "$work/errors" >&2
    say "KVM cannot execute what stands at RIP (see above); $(where_it_stopped)"
    conclude failed 1
}

# QEMU's messages, except its advice on the number of processors under KVM, and that it was ended from here.
qemu_messages() {
    grep -vE 'warning: Number of .* exceeds the recommended cpus|: terminating on signal 15' "$work/errors"
}

# By this script: after the verdict, or because the time was over.
was_ended() {
    [[ -e $work/ended ]] || time_was_over
}

# isa-debug-exit: the kernel writes 0, 1 or 2 and QEMU exits with twice that plus one.
judge_by_status() {
    case $machine_status in
    1)
        if grep -qx 'verdict status=ok exit=0' "$work/console"; then
            conclude ok 0
        fi
        ;;
    3) conclude failed 1 ;;
    5) conclude bugcheck 2 ;;
    esac
}

judge_qemu() {
    local messages
    conclude_if_timed_out
    if stopped_by_kvm && [[ -e $work/ended ]]; then
        judge_internal_error
    fi
    messages=$(qemu_messages)
    # An error that ends QEMU at once is reported below, in one line.
    if [[ -n $messages && (-s $work/console || $messages == *$'\n'*) ]]; then
        echo "$messages" >&2
    fi
    conclude_if_it_cannot_run
    if has_verdict && { ends_without_status || was_ended; }; then
        conclude_by_verdict
    fi
    judge_by_status
    if [[ -n $messages && ! -s $work/console && $messages != *$'\n'* ]]; then
        say "QEMU ended with status $machine_status: ${messages#*: }"
    elif [[ -n $messages ]]; then
        say "QEMU ended with status $machine_status (its message is above)"
    elif ((machine_status == 0)); then
        say "the machine reset without a verdict (a triple fault?); $(where_it_stopped)"
    else
        say "QEMU ended with status $machine_status and no verdict; $(where_it_stopped)"
    fi
    conclude failed 1
}

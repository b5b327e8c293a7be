#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by tools/run: what the host's KVM can do.
# shellcheck disable=SC2034,SC2154 # shared with the other files of tools/lib

# A KVM that emulates the guest's instructions, where the host has no virtualisation of its own, knows
# neither x87 nor SSE, although CPUID reports them; QEMU then stops with "KVM internal error" and waits.
# So a ROM of a few instructions finds out: at the reset vector F000:FFF0 a jump to F000:FF00, and there:
#     mov eax, cr4; or eax, 0x200 (OSFXSR); mov cr4, eax; fninit; ldmxcsr cs:[0xff80]; xorps xmm0, xmm0
#     mov al, 0x10; out 0xf4, al (QEMU ends with 0x21); hlt
write_probe() {
    perl -e '
        my $rom  = "\xf4" x 0x10000;
        my $code = "0f20e0660d000200000f22e0dbe32e0fae1680ff0f57c0b010e6f4f4";
        substr($rom, 0xff00, length($code) / 2) = pack "H*", $code;
        substr($rom, 0xff80, 4) = pack "V", 0x1f80;
        substr($rom, 0xfff0, 3) = pack "H*", "e90dff";
        print $rom;
    ' >"$work/probe.rom"
}

# Sets kvm_kind to native or emulating, or refuses.
probe_kvm() {
    local status
    if [[ ! -e ${asked[KVM]} ]]; then
        refuse "ACCEL=kvm: there is no ${asked[KVM]} here (no virtualisation, or its module is not loaded): \
use ACCEL=tcg"
    elif [[ ! -r ${asked[KVM]} || ! -w ${asked[KVM]} ]]; then
        refuse "ACCEL=kvm: you may not open ${asked[KVM]}: join its group (usually kvm), or use ACCEL=tcg"
    fi
    write_probe
    : >"$work/probe"
    timeout --kill-after=1 20 "$qemu" -machine q35,smm=off -accel kvm -m 16M -bios "$work/probe.rom" \
        -nodefaults -display none -device "isa-debug-exit,iobase=0xf4,iosize=4" \
        </dev/null >/dev/null 2>"$work/probe" &
    child=$! # ended with this script
    while kill -0 "$child" 2>/dev/null && ! grep -q '^KVM internal error' "$work/probe"; do
        pause 0.05
    done
    end_child
    wait "$child"
    status=$?
    child=
    if ((status == 0x21)); then
        kvm_kind=native
    elif grep -q '^KVM internal error' "$work/probe"; then
        kvm_kind=emulating
    else
        refuse "ACCEL=kvm does not work here ($(head -n 1 "$work/probe" | grep . || echo "status $status")): \
use ACCEL=tcg"
    fi
}

prepare_kvm() {
    probe_kvm
    # The kernel pokes the port that ends QEMU by itself on an emulator only.
    engine_words='bugcheck=exit'
    if [[ $kvm_kind == emulating ]]; then
        engine_words+=' nosse'
        build_words=(DRIVER_SSE=no)
    fi
}

# QEMU's words for the engine, in the array `accel`.
compose_kvm() {
    # The model's `pni`, which an emulating KVM lacks as well, is only a warning.
    local model='qemu64,+x2apic,-pni'
    if [[ $kvm_kind == native ]]; then
        model='host'
    fi
    accel=(-accel kvm -cpu "$model")
    if ((asked[CPUS] > 255)); then
        machine_words+=',kernel-irqchip=split'
        accel+=(-device 'intel-iommu,intremap=on,eim=on')
    fi
}

#!/usr/bin/env -S bash -p
# SPDX-License-Identifier: MIT
# Makes a hybrid ISO of a kernel image: GRUB starts it from CD or USB, under BIOS and UEFI.
# shellcheck disable=SC2154 # environment.sh sets root
set -u
# shellcheck source=/dev/null
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/environment.sh"

usage() {
    cat <<'TEXT'
usage: tools/iso.sh [--cmdline "WORDS"] [--madt FILE] [--timeout SECONDS] IMAGE OUT.iso
       tools/iso.sh --check

    --cmdline "WORDS"   the kernel's command line in the first entry of the menu; default: empty
    --madt FILE         an ACPI table that replaces the machine's MADT
    --timeout SECONDS   how long the menu waits for a key, 0..3600; default: what boot/grub.cfg says
    --check             make nothing, only say what is missing here

OUT.iso appears when it is complete, or not at all.
TEXT
}

fail() {
    echo "iso: $1" >&2
    exit 1
}

# What boot/grub.cfg uses, and what reads the medium; GRUB's other modules are 15 MB.
modules='normal multiboot2 serial terminal terminfo acpi all_video test configfile'
modules+=' iso9660 fat part_msdos part_gpt'
# GRUB's UEFI part loads these in any case, and complains of those that are missing.
modules+=' part_acorn part_amiga part_apple part_bsd part_dfly part_dvh part_plan part_sun part_sunpc'

words=
madt=
timeout=

parse_arguments() {
    while (($# > 2)) || [[ ${1:-} == -* ]]; do
        case $1 in
        -h | --help)
            usage
            exit 0
            ;;
        --cmdline | --madt | --timeout) (($# > 1)) || fail "$1 needs a value (see tools/iso.sh --help)" ;;
        *) fail "'$1' is not known (see tools/iso.sh --help)" ;;
        esac
        case $1 in
        --cmdline) words=$2 ;;
        --madt) madt=$2 ;;
        --timeout) timeout=$2 ;;
        esac
        shift 2
    done
    (($# == 2)) || fail 'give IMAGE and OUT.iso (see tools/iso.sh --help)'
    image=$1
    output=$2
}

check_arguments() {
    [[ -f $image && -r $image ]] || fail "$image: there is no such image"
    # GRUB puts a backslash before each of these when it passes a word on.
    [[ ! $words =~ [\'\"\\] ]] || fail "--cmdline: GRUB does not pass on ${BASH_REMATCH[0]} unchanged"
    [[ ! $words =~ [^[:print:]] ]] || fail '--cmdline: give printable characters on one line'
    [[ -z $madt || -f $madt && -r $madt ]] || fail "--madt $madt: there is no such file"
    if [[ -n $timeout ]] && { [[ ! $timeout =~ ^(0|[1-9][0-9]{0,3})$ ]] || ((timeout > 3600)); }; then
        fail "--timeout $timeout: give a number from 0 to 3600"
    fi
    [[ ! -e $output || -f $output ]] || fail "$output: this is not a file, and would be replaced"
    [[ -d $(dirname -- "$output") && -w $(dirname -- "$output") ]] ||
        fail "$output: its folder cannot be written"
}

check_tools() {
    command -v grub-mkrescue >/dev/null || fail 'there is no grub-mkrescue here: install grub-common'
    command -v xorriso >/dev/null || fail 'there is no xorriso here: install xorriso'
    command -v mformat >/dev/null || fail 'there is no mformat here: install mtools'
    # grub-mkrescue silently leaves out everything that it has no files for.
    [[ -d /usr/lib/grub/i386-pc ]] || fail 'GRUB for BIOS is missing here: install grub-pc-bin'
    [[ -d /usr/lib/grub/x86_64-efi ]] || fail 'GRUB for UEFI is missing here: install grub-efi-amd64-bin'
}

write_settings() {
    [[ -z $timeout ]] || echo "set timeout=$timeout"
    [[ -z $words ]] || echo "set words='$words'"
    [[ -z $madt ]] || echo 'acpi --exclude=APIC /boot/madt.bin'
}

fill_medium() {
    mkdir -p "$medium/boot/grub" "$scratch" &&
        cp -- "$image" "$medium/boot/muster.elf" &&
        cp -- "$root/boot/grub.cfg" "$medium/boot/grub/grub.cfg" &&
        write_settings >"$medium/boot/settings.cfg" &&
        { [[ -z $madt ]] || cp -- "$madt" "$medium/boot/madt.bin"; }
}

# The message of grub-mkrescue, or of xorriso under it, that gives the reason; the last one is only a full stop.
print_reason() { # MESSAGES
    grep -E -m 1 'FAILURE|FATAL' <<<"$1" || grep '[[:alpha:]]' <<<"$1" | tail -n 1
}

if [[ $* == --check ]]; then
    check_tools
    exit 0
fi
parse_arguments "$@"
check_arguments
check_tools
work=$(mktemp -d "${TMPDIR:-/tmp}/muster.XXXXXX" 2>/dev/null) ||
    fail "no temporary directory can be made in ${TMPDIR:-/tmp}"
medium=$work/medium
scratch=$work/scratch # grub-mkrescue leaves its own temporary files behind when it fails
unfinished=$output.$$
trap 'rm -rf "$work" "$unfinished"' EXIT
fill_medium || fail 'the files of the medium cannot be copied'
messages=$(TMPDIR=$scratch grub-mkrescue --install-modules="$modules" --fonts= --themes= --locales= \
    -o "$unfinished" "$medium" 2>&1) || fail "grub-mkrescue: $(print_reason "$messages")"
mv -- "$unfinished" "$output" 2>/dev/null || fail "$output cannot be written"

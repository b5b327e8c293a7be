#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by tools/run: the settings, and whether they make sense.
# shellcheck disable=SC2034,SC2154 # shared with the other files of tools/lib

usage() {
    cat <<'TEXT'
usage: tools/run [KEY=VALUE]...

The same names are read from the environment (except DEBUG); arguments win; an empty value means the
default. --check says whether they can be used, and runs nothing.

    CPUS=4             processors: 1..255, with ACCEL=kvm 1..288, with ACCEL=bochs 1..12
    DRIVER=file.c      the driver to run; default: the sample driver
    TEST=name          run a kernel test instead of a driver: suite, ...
    CALLS=10000        TEST=torture: how many calls; with SECONDS as many as fit
    SEED=1             TEST=torture: the same seed makes the same choices
    SECONDS=n          TEST=torture: no more calls after this time, by the machine's clock
                       (in the environment these three count with TEST=torture only)
    CMDLINE="..."      more words for the kernel's command line
    BOOT=direct        direct (no loader), or GRUB: bios, uefi from CD, usb-bios, usb-uefi from a stick
    MACHINE=q35        q35, pc or microvm (BOOT=direct only)
    ACCEL=tcg          tcg: QEMU executes; kvm: the host does; bochs: Bochs instead of QEMU (BOOT=bios)
    THREAD=multi       single or multi: host threads; default: single when CPUS exceeds the cores
    QUANTUM=16         Bochs: how many instructions each processor executes in turn, 1..32
    MEMORY=256M        memory of the machine
    MADT=file          an ACPI table by which GRUB replaces the machine's MADT
    QEMU="..."         more words for QEMU's command line
    TIMEOUT=60         seconds until the run is given up, 1..86400; default with kvm and bochs: 300;
                       with TEST=torture longer, by CALLS, CPUS and SECONDS
    PRINT=1            print what would be executed, run nothing
    LLVM=1             build with clang and lld; -19: those with that suffix; /folder/: those of a folder
    DEBUG=1            wait for a debugger on localhost:1234 (see make debug); TIMEOUT is then a day

The last line on stdout is always:  verdict status=ok|failed|bugcheck|timeout exit=N
Exit status: 0 ok, 1 failed, 2 bug check, 124 no verdict in time, 128+n ended by signal n.
TEXT
}

# A default that depends on other settings is empty here, and set by complete_settings.
declare -A default=(
    [CPUS]=4 [ACCEL]=tcg [BOOT]='' [MACHINE]='' [DRIVER]='' [LLVM]='' [TEST]='' [CMDLINE]=''
    [TIMEOUT]='' [THREAD]='' [QUANTUM]='' [PRINT]=0 [MEMORY]=256M [MADT]='' [QEMU]='' [DEBUG]=0
    [CALLS]='' [SEED]='' [SECONDS]=''
    # For tests of this script: boot this file and build nothing; KVM's device.
    [IMAGE]='' [KVM]=/dev/kvm
)
declare -A asked=()
# Those given as arguments.
declare -A given=()
check_only=no

refuse_word() { # WORD
    local nearest=''
    if [[ $1 == *=* ]]; then
        nearest=$(nearest_name "${1%%=*}" "${!default[@]}")
    fi
    refuse "'$1' is not known: ${nearest:+did you mean $nearest=${1#*=}? }give KEY=VALUE, see tools/run --help"
}

read_settings() {
    local key word
    for key in "${!default[@]}"; do
        asked[$key]=${default[$key]}
        # Other programs use the name DEBUG, too: it would make a run wait for ever.
        if [[ ! $key =~ ^(DEBUG|IMAGE|KVM|SECONDS)$ && -n ${!key:-} ]]; then
            asked[$key]=${!key}
        fi
    done
    # Others have the path of a QEMU in that variable.
    if [[ ${QEMU:-} != -* && ${QEMU:-} != *' -'* ]]; then
        asked[QEMU]=
    fi
    asked[SECONDS]=$(given_in_environment SECONDS)
    for word in "$@"; do
        key=${word%%=*}
        if [[ $word == -h || $word == --help ]]; then
            print "$(usage)"
            leave 0
        elif [[ $word == --check ]]; then
            check_only=yes
            continue
        elif [[ $word != *=* || ! $key =~ ^[A-Z]+$ || -z ${default[$key]+known} ]]; then
            refuse_word "$word"
        fi
        asked[$key]=${word#*=}
        given[$key]=yes
        if [[ -z ${asked[$key]} ]]; then
            asked[$key]=${default[$key]}
        fi
    done
}

require_number() { # KEY LOW HIGH [REASON]
    local value=${asked[$1]}
    if [[ ! $value =~ ^[1-9][0-9]{0,8}$ ]] || ((value < $2 || value > $3)); then
        refuse "$1=$value: give a number from $2 to $3${4:-}"
    fi
}

require_word() { # KEY WORD...
    local key=$1 word
    shift
    for word in "$@"; do
        if [[ ${asked[$key]} == "$word" ]]; then
            return
        fi
    done
    refuse "$key=${asked[$key]}: give one of: $*"
}

# The setting means nothing to the engine, so it must not be given.
require_absent() { # KEY REASON
    if [[ ${asked[$1]} != "${default[$1]}" ]]; then
        refuse "$1=${asked[$1]} and ACCEL=${asked[ACCEL]} exclude each other: $2"
    fi
}

check_settings() {
    require_word ACCEL tcg kvm bochs
    require_word PRINT 0 1
    require_word DEBUG 0 1
    check_torture
    "check_for_${asked[ACCEL]}"
    complete_settings
    require_word BOOT direct bios uefi usb-bios usb-uefi
    require_word MACHINE q35 pc microvm
    require_word THREAD single multi
    require_number TIMEOUT 1 86400
    require_number QUANTUM 1 32
    if [[ ! ${asked[MEMORY]} =~ ^[1-9][0-9]{0,5}[MG]$ ]]; then
        refuse "MEMORY=${asked[MEMORY]}: give a size like 256M or 2G"
    fi
    check_boot
    check_words
    if [[ -n ${asked[DRIVER]} ]]; then
        check_driver
    fi
}

check_for_tcg() {
    require_number CPUS 1 255 ' (QEMU emulates no x2APIC; up to 288 with ACCEL=kvm)'
    require_absent QUANTUM 'it is a setting of Bochs'
}

check_for_kvm() {
    require_number CPUS 1 288
    require_absent THREAD 'every processor has a thread of its own'
    require_absent QUANTUM 'it is a setting of Bochs'
    if [[ ! ${asked[BOOT]} =~ ^(|direct|bios)$ ]]; then
        refuse "BOOT=${asked[BOOT]} and ACCEL=kvm exclude each other: not every KVM can execute UEFI or \
a USB driver; use BOOT=direct or bios"
    fi
    if ((asked[CPUS] > 255)) && [[ ! ${asked[MACHINE]} =~ ^(|q35)$ ]]; then
        refuse "MACHINE=${asked[MACHINE]} has no interrupt remapping, which CPUS=${asked[CPUS]} needs: \
use MACHINE=q35"
    fi
}

check_for_bochs() {
    require_number CPUS 1 12 ' with ACCEL=bochs'
    if [[ ! ${asked[BOOT]} =~ ^(|bios)$ ]]; then
        refuse "BOOT=${asked[BOOT]} and ACCEL=bochs exclude each other: Bochs boots a CD by its BIOS \
only; use BOOT=bios"
    fi
    require_absent MACHINE 'Bochs emulates one machine'
    require_absent THREAD 'Bochs has one thread'
    require_absent QEMU 'there is no QEMU'
    require_absent DEBUG 'make debug needs QEMU'
    if [[ ${asked[MEMORY]} =~ ^([0-9]+)G$ ]] && ((BASH_REMATCH[1] > 2)) ||
        { [[ ${asked[MEMORY]} =~ ^([0-9]+)M$ ]] && ((BASH_REMATCH[1] > 2048)); }; then
        refuse "MEMORY=${asked[MEMORY]}: Bochs has 2G at most"
    fi
}

complete_settings() {
    if [[ -z ${asked[BOOT]} ]]; then
        asked[BOOT]=direct
        if [[ ${asked[ACCEL]} == bochs ]]; then
            asked[BOOT]=bios
        fi
    fi
    : "${asked[MACHINE]:=q35}" "${asked[QUANTUM]:=16}"
    if [[ -z ${asked[TIMEOUT]} ]]; then
        asked[TIMEOUT]=300
        if [[ ${asked[ACCEL]} == tcg ]]; then
            asked[TIMEOUT]=60
        fi
        if [[ ${asked[TEST]} == torture ]]; then
            asked[TIMEOUT]=$((asked[TIMEOUT] + $(torture_seconds)))
            asked[TIMEOUT]=$((asked[TIMEOUT] < 86400 ? asked[TIMEOUT] : 86400))
        fi
        if ((asked[DEBUG])); then
            asked[TIMEOUT]=86400
        fi
    fi
    if [[ -z ${asked[THREAD]} ]]; then
        # With a thread for each, more processors than cores would compete for time.
        asked[THREAD]=multi
        if ((asked[CPUS] > $(nproc))); then
            asked[THREAD]=single
        fi
    fi
}

check_boot() {
    if [[ ${asked[BOOT]} == direct ]]; then
        if [[ -n ${asked[MADT]} ]]; then
            refuse 'MADT needs a loader that puts it there: use BOOT=bios or uefi'
        fi
        return
    fi
    if [[ ${asked[MACHINE]} == microvm ]]; then
        refuse "MACHINE=microvm has no disk for BOOT=${asked[BOOT]}: use BOOT=direct"
    fi
    if [[ -n ${asked[MADT]} && (! -f ${asked[MADT]} || ! -r ${asked[MADT]}) ]]; then
        refuse "MADT=${asked[MADT]}: there is no such file"
    fi
    if [[ ${asked[CMDLINE]} =~ [\'\"\\] ]]; then
        refuse "CMDLINE: GRUB does not pass on ${BASH_REMATCH[0]} unchanged: leave it out or use BOOT=direct"
    fi
}

check_words() {
    # The loader's start information has room for one page; a longer line does not arrive at all.
    if ((${#asked[CMDLINE]} > 4000)); then
        refuse "CMDLINE is ${#asked[CMDLINE]} characters long: at most 4000 reach the kernel"
    fi
    if [[ -n ${asked[TEST]} && -n ${asked[DRIVER]} ]]; then
        refuse 'TEST runs instead of a driver: give TEST or DRIVER, not both'
    fi
    if [[ ! ${asked[TEST]} =~ ^[A-Za-z0-9_.-]{0,31}$ ]]; then
        refuse "TEST=${asked[TEST]}: give the name of one test, like TEST=suite"
    fi
}

# Makes DRIVER absolute. make cannot pass on every name that a file may have.
check_driver() {
    local path=${asked[DRIVER]} directory
    if [[ $path == \~/* && -n ${HOME:-} ]]; then # not every shell expands it in DRIVER=~/file.c
        path=$HOME/${path#\~/}
    fi
    if [[ ! -f $path || ! -r $path ]]; then
        refuse_driver "$path"
    elif [[ $path =~ \.(cpp|cc|cxx|c\+\+|C|CPP)$ ]]; then
        refuse "DRIVER=$path: there is no C++ so far: write the driver in C, or rename it to .c if it is C already"
    elif [[ $path != *.c ]]; then
        refuse "DRIVER=$path: a driver is a C file, file.c"
    fi
    directory=$(cd -- "$(dirname -- "$path")" && pwd)
    asked[DRIVER]=$directory/$(basename -- "$path")
    if [[ ${asked[DRIVER]} =~ [^[:alnum:]\ /._+@,~()-] ]]; then
        refuse "DRIVER=${asked[DRIVER]}: make cannot handle '${BASH_REMATCH[0]}' in a path; move it"
    fi
}

# DRIVER is not a file that can be read. It may be several, or a folder.
refuse_driver() { # PATH
    local words word way="a driver is one C file so far; it may #include others"
    if [[ -d $1 ]]; then
        refuse "DRIVER=$1 is a folder: $way"
    elif [[ -e $1 && ! -r $1 ]]; then
        refuse "DRIVER=$1 cannot be read"
    fi
    read -ra words <<<"${1//,/ }"
    for word in "${words[@]}"; do
        if ((${#words[@]} < 2)) || [[ ! -e $word ]]; then
            refuse "DRIVER=$1: there is no such file"
        fi
    done
    refuse "DRIVER=$1 names ${#words[@]} files: $way"
}

#!/usr/bin/env -S bash -p
# SPDX-License-Identifier: MIT
# Installs the Debian packages that a target of the Makefile needs and that are missing.
set -u
# shellcheck source=/dev/null
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/environment.sh"

usage() {
    cat <<'END'
usage: tools/setup.sh [--build | --run | --debug | --iso | --instructions | --explore | --cost | --model |
                      --check | --test] [-v] [--help]

Installs what is missing, as Debian packages, with sudo when you are not root. Does nothing when nothing is
missing. On a system without apt-get it prints what is missing and exits 1.

    --run     only what `make run` needs, with the BOOT, ACCEL and LLVM of the environment; the other targets
              are asked for in the same way; default: --test, which needs everything
    -v        say so when nothing is missing
END
}

# The scopes that each target has; a row of tools() belongs to one scope.
scopes_of() { # TARGET
    case $1 in
    --build) echo 'kernel' ;;
    --run) echo "kernel $(scopes_of_machine)" ;;
    --debug) echo "kernel gdb $(scopes_of_machine)" ;;
    --iso) echo 'kernel iso' ;;
    --instructions) echo 'kernel qemu' ;;
    --explore) echo 'kernel host perl' ;;
    --cost) echo 'kernel host' ;;
    --model) echo 'gcc spin' ;;
    --check) echo 'kernel host gcc perl lint git' ;;
    --test) echo 'kernel host gcc perl lint git qemu iso uefi bochs gdb spin all' ;;
    *) return 1 ;;
    esac
}

scopes_of_machine() {
    case ${ACCEL:-},${BOOT:-} in
    bochs,*) echo 'iso bochs' ;;
    *,*uefi) echo 'qemu iso uefi' ;;
    *,*bios) echo 'qemu iso' ;;
    *) echo 'qemu' ;;
    esac
}

# One row per tool: scope | command, or file, whose presence is checked | package | what for
compilers() {
    local suffix=''
    case ${LLVM:-} in
    */)
        printf 'kernel | %s | | of LLVM=%s\n' "${LLVM}clang" "$LLVM" "${LLVM}ld.lld" "$LLVM" "${LLVM}llvm-nm" "$LLVM"
        return
        ;;
    -*) suffix=$LLVM ;;
    esac
    if [[ -n ${LLVM:-} ]]; then
        cat <<END
kernel | clang$suffix | clang$suffix | compiles the kernel and the drivers
kernel | ld.lld$suffix | lld$suffix | links the kernel
kernel | llvm-nm$suffix | llvm$suffix | reads what they made
host | clang$suffix | clang$suffix | compiles what runs on this machine
END
    elif [[ $(uname -m) == x86_64 ]]; then
        cat <<'END'
kernel | gcc | gcc | compiles the kernel and the drivers
kernel | ld | binutils | links the kernel
host | gcc | gcc | compiles what runs on this machine
END
    else
        cat <<'END'
kernel | x86_64-linux-gnu-gcc | gcc-x86-64-linux-gnu | compiles the kernel and the drivers
kernel | x86_64-linux-gnu-ld | binutils-x86-64-linux-gnu | links the kernel
host | gcc | gcc | compiles what runs on this machine
END
    fi
}

tools() {
    compilers
    cat <<'END'
kernel | make | make | builds
host | make | make | builds
host | /usr/include/stdio.h | libc6-dev | C library of what runs on this machine
gcc | gcc | gcc | compiles what is for gcc alone, whatever LLVM says
gcc | /usr/include/stdio.h | libc6-dev | C library of what it compiles
qemu | qemu-system-x86_64 | qemu-system-x86 | runs the kernel
iso | grub-mkrescue | grub-common | makes ISOs
iso | /usr/lib/grub/i386-pc | grub-pc-bin | boots them under BIOS
iso | /usr/lib/grub/x86_64-efi | grub-efi-amd64-bin | boots them under UEFI
iso | xorriso | xorriso | writes them
iso | mformat | mtools | makes their UEFI part
uefi | /usr/share/OVMF/OVMF_CODE.fd | ovmf | UEFI for QEMU
bochs | bochs | bochs | runs the kernel, strictly
bochs | /usr/lib/*/bochs/plugins/libbx_sdl2_gui.so | bochs-sdl | a screen for it, which stays hidden
bochs | /usr/share/bochs/BIOS-bochs-latest | bochsbios | its BIOS
bochs | /usr/share/seabios/vgabios-stdvga.bin | seabios | its VGA BIOS
perl | prove | perl | runs the tests (prove, Test::More) and breaks the kernel on purpose
spin | spin | spin | searches the model
gdb | gdb | gdb | make debug
lint | clang-format | clang-format | make check: formatting
lint | shellcheck | shellcheck | make check: shell scripts
git | git | git | lists the files of make check, names the version
all | /usr/include/cmocka.h | libcmocka-dev | unit tests on the host
all | x86_64-w64-mingw32-gcc | gcc-mingw-w64-x86-64 | compiles drivers as a second compiler does
all | clang | clang | compiles the kernel as a second compiler does
all | ld.lld | lld | links it
all | llvm-nm | llvm | reads what they made
all | /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.asan-*.a | libclang-rt-dev | LLVM=1: the host tests
END
}

fail() {
    echo "setup: $1" >&2
    exit 1
}

is_there() { # COMMAND-OR-FILE
    if [[ $1 == /* ]]; then
        compgen -G "$1" >/dev/null
    else
        command -v "$1" >/dev/null
    fi
}

# Fills missing_packages, and missing_lines with what each of them is for.
find_missing() {
    local scope what package purpose
    missing_packages=()
    missing_lines=()
    while IFS='|' read -r scope what package purpose; do
        read -r scope <<<"$scope"
        read -r what <<<"$what"
        read -r package <<<"$package"
        if [[ " $scopes " != *" $scope "* ]] || is_there "$what"; then
            continue
        fi
        [[ -n $package ]] || fail "LLVM=$LLVM: there is no $what"
        if [[ " ${missing_packages[*]} " == *" $package "* ]]; then
            continue
        fi
        missing_packages+=("$package")
        missing_lines+=("$package:$purpose")
    done < <(tools)
}

# Sets as_root, the words before apt-get. sudo's prompt needs a terminal.
become_root() {
    local line="apt-get install --no-install-recommends ${missing_packages[*]}"
    as_root=(env DEBIAN_FRONTEND=noninteractive)
    if ((EUID == 0)); then
        return
    elif ! command -v sudo >/dev/null; then
        fail "you are not root and sudo is missing; as root: $line"
    elif ! sudo -n true 2>/dev/null && [[ ! -t 0 ]]; then
        fail "sudo wants a password and there is no terminal to ask; type: sudo $line"
    fi
    as_root=(sudo "${as_root[@]}")
}

# "Need to get 87.1 MB of archives. After this operation, 402 MB of additional disk space will be used."
announce_size() {
    local size
    size=$(apt-get install --print-uris -y --no-install-recommends "${missing_packages[@]}" 2>/dev/null |
        grep -E '^(Need to get|After this operation)')
    size=${size//$'\n'/ }
    echo "setup: ${size:-apt-get does not say how much is to be downloaded}"
}

scopes=$(scopes_of --test)
verbose=no
while (($#)); do
    case $1 in
    -v) verbose=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) scopes=$(scopes_of "$1") || fail "unknown option '$1' (see tools/setup.sh --help)" ;;
    esac
    shift
done

find_missing
if ((${#missing_packages[@]} == 0)); then
    if [[ $verbose == yes ]]; then
        echo 'setup: nothing is missing'
    fi
    exit 0
fi

if ! command -v apt-get >/dev/null; then
    echo 'setup: this system has no apt-get; install what these Debian packages hold:' >&2
    printf 'setup: missing %s\n' "${missing_lines[@]}" >&2
    exit 1
fi

become_root
echo "setup: installing with ${as_root[*]} apt-get:"
printf 'setup:     %s\n' "${missing_lines[@]}"
"${as_root[@]}" apt-get -qq update ||
    echo 'setup: apt-get update failed; going on with the package lists of this system' >&2
announce_size
"${as_root[@]}" apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "${missing_packages[@]}" ||
    fail "apt-get could not install ${missing_packages[*]}"

hash -r
find_missing
if ((${#missing_packages[@]})); then
    fail "still missing after the installation: ${missing_packages[*]}"
fi
echo 'setup: done'

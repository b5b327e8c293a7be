#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages that building, running and testing Muster need and that are missing.
set -u
export LC_ALL=C

usage() {
    cat <<'END'
usage: tools/setup.sh [--run | --iso] [-v] [--help]

Installs what is missing, as Debian packages, with sudo when you are not root. Does nothing when all
is there. On a system without apt-get it prints what is missing and exits 1.

    --run     only what `make run` needs, with the BOOT and ACCEL of the environment; default: also what
              `make iso`, `test`, `check` and `debug` need
    --iso     only what `make iso` needs
    -v        say so when nothing is missing
END
}

# One row a tool: needed by | command, or file, whose presence is asked | package | what for
# Needed by: run, every run; iso, uefi, bochs: those that have to do with it; all: the rest.
tools() {
    if [[ $(uname -m) == x86_64 ]]; then
        echo 'run | gcc | gcc | compiles the kernel and the drivers'
        echo 'run | ld | binutils | links the kernel'
    else
        echo 'run | x86_64-linux-gnu-gcc | gcc-x86-64-linux-gnu | compiles the kernel and the drivers'
        echo 'run | x86_64-linux-gnu-ld | binutils-x86-64-linux-gnu | links the kernel'
        echo 'all | gcc | gcc | compiles the host tests'
    fi
    cat <<'END'
run | make | make | builds
run | qemu-system-x86_64 | qemu-system-x86 | runs the kernel
iso | grub-mkrescue | grub-common | makes ISOs
iso | /usr/lib/grub/i386-pc | grub-pc-bin | boots them under BIOS
iso | /usr/lib/grub/x86_64-efi | grub-efi-amd64-bin | boots them under UEFI
iso | xorriso | xorriso | writes them
iso | mformat | mtools | makes their UEFI part
uefi | /usr/share/OVMF/OVMF_CODE.fd | ovmf | UEFI for QEMU
bochs | bochs | bochs | runs the kernel, strictly
bochs | /usr/lib/*/bochs/plugins/libbx_sdl2_gui.so | bochs-sdl | its screen that nobody sees
bochs | /usr/share/bochs/BIOS-bochs-latest | bochsbios | its BIOS
bochs | /usr/share/seabios/vgabios-stdvga.bin | seabios | its VGA BIOS
all | /usr/include/stdio.h | libc6-dev | C library of the host tests
all | /usr/include/cmocka.h | libcmocka-dev | unit tests on the host
all | prove | perl | runs the tests (prove, Test::More)
all | spin | spin | searches the model
all | gdb | gdb | make debug
all | clang-format | clang-format | make check: formatting
all | shellcheck | shellcheck | make check: shell scripts
all | x86_64-w64-mingw32-gcc | gcc-mingw-w64-x86-64 | compiles drivers as a second compiler does
all | clang | clang | compiles the kernel as a second compiler does
all | ld.lld | lld | links it
all | llvm-nm | llvm | reads what they made
all | /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.asan-*.a | libclang-rt-dev | LLVM=1: the host tests
all | git | git | lists the files of make check, names the version
END
}

fail() {
    echo "setup: $1" >&2
    exit 1
}

# What the machine needs that `make run` is asked for.
words_of_run() {
    case ${ACCEL:-},${BOOT:-} in
    bochs,*) echo "iso bochs" ;;
    *,*uefi) echo "iso uefi" ;;
    *,*bios) echo "iso" ;;
    esac
}

# Fills missing_packages, and missing_lines with what a reader wants to know of them.
find_missing() {
    local needed_by what package purpose
    missing_packages=()
    missing_lines=()
    while IFS='|' read -r needed_by what package purpose; do
        read -r needed_by <<<"$needed_by"
        read -r what <<<"$what"
        read -r package <<<"$package"
        if [[ " $scope " != *" $needed_by "* ]]; then
            continue
        fi
        if [[ $what == /* ]] && compgen -G "$what" >/dev/null || command -v "$what" >/dev/null; then
            continue
        fi
        missing_packages+=("$package")
        missing_lines+=("$package:$purpose")
    done < <(tools)
}

scope="run iso uefi bochs all"
verbose=no
while (($#)); do
    case $1 in
    --run) scope="run $(words_of_run)" ;;
    --iso) scope="run iso" ;;
    -v) verbose=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) fail "unknown option '$1' (see tools/setup.sh --help)" ;;
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

as_root=()
if ((EUID != 0)); then
    command -v sudo >/dev/null ||
        fail "you are not root and sudo is missing; as root: apt-get install ${missing_packages[*]}"
    as_root=(sudo)
fi
as_root+=(env DEBIAN_FRONTEND=noninteractive)

echo "setup: installing with ${as_root[*]} apt-get:"
printf 'setup:     %s\n' "${missing_lines[@]}"
"${as_root[@]}" apt-get -qq update ||
    echo 'setup: apt-get update failed; trying with the package lists that are there' >&2
"${as_root[@]}" apt-get -qq install -y --no-install-recommends "${missing_packages[@]}" ||
    fail "apt-get could not install ${missing_packages[*]}"

hash -r
find_missing
if ((${#missing_packages[@]})); then
    fail "still missing after the installation: ${missing_packages[*]}"
fi
echo 'setup: done'

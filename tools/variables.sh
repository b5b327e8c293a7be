#!/usr/bin/env -S bash -p
# SPDX-License-Identifier: MIT
# Judges the variables on make's command line. Prints one line that says what is wrong, or nothing.
#
#   tools/variables.sh "OPTION..." "MAKEFILE..." NAME=VALUE...
# shellcheck disable=SC2154 # environment.sh sets root
set -u

for part in environment names; do
    # shellcheck source=/dev/null
    source "$(dirname -- "${BASH_SOURCE[0]}")/lib/$part.sh"
done

read -ra options <<<"$1"
read -ra makefiles <<<"$2"
shift 2

# The Makefile chooses compilers by LLVM= and CROSS_COMPILE=; CC= may name another gcc for x86-64.
judge_compiler() { # NAME=VALUE COMPILER
    local compiler macros
    read -ra compiler <<<"$2"
    if ! macros=$("${compiler[@]}" -dM -E -x c /dev/null 2>/dev/null); then
        echo "$1: there is no C compiler called ${compiler[0]:-that}"
    elif [[ $macros == *'#define __clang__'* ]]; then
        echo "$1: clang is chosen by LLVM=1: use LLVM=1"
    elif [[ $macros != *'#define __x86_64__'* || $macros != *'#define __ELF__'* ]]; then
        echo "$1: this compiler does not compile for x86-64 and ELF"
    fi
}

judge_name() { # NAME=VALUE
    local name=${1%%=*} nearest
    if grep -qE "^$name *[:?+]?=" Makefile "${makefiles[@]}"; then
        echo "$1: $name is not an option: the Makefile sets it itself"
        return
    fi
    nearest=$(nearest_name "$name" "${options[@]}")
    echo "'$1' is not known: ${nearest:+did you mean $nearest=${1#*=}? }docs/options.md lists the options"
}

cd -- "$root" || exit 1
for word in "$@"; do
    name=${word%%=*}
    if [[ $name == CC ]]; then
        verdict=$(judge_compiler "$word" "${word#*=}")
    elif [[ $name == CROSS_COMPILE ]]; then
        verdict=$(judge_compiler "$word" "${word#*=}gcc")
    elif [[ " ${options[*]} " != *" $name "* ]]; then
        verdict=$(judge_name "$word")
    else
        continue
    fi
    if [[ -n $verdict ]]; then
        echo "$verdict"
        break
    fi
done

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced: the name of a list that a user most likely meant.

# Sets `distance`: how many letters must be changed, added, left out or swapped with their neighbour.
measure_distance() { # WORD WORD
    local a=$1 b=$2 i j cost best
    local -A row=()
    for ((i = 0; i <= ${#a}; i++)); do row[$i,0]=$i; done
    for ((j = 0; j <= ${#b}; j++)); do row[0,$j]=$j; done
    for ((i = 1; i <= ${#a}; i++)); do
        for ((j = 1; j <= ${#b}; j++)); do
            cost=$((${row[$((i - 1)),$((j - 1))]}))
            [[ ${a:i-1:1} == "${b:j-1:1}" ]] || cost=$((cost + 1))
            best=$((row[$((i - 1)),$j] + 1))
            ((row[$i,$((j - 1))] + 1 >= best)) || best=$((row[$i,$((j - 1))] + 1))
            ((cost >= best)) || best=$cost
            if ((i > 1 && j > 1)) && [[ ${a:i-2:2} == "${b:j-1:1}${b:j-2:1}" ]]; then
                ((row[$((i - 2)),$((j - 2))] + 1 >= best)) || best=$((row[$((i - 2)),$((j - 2))] + 1))
            fi
            row[$i,$j]=$best
        done
    done
    distance=${row[${#a},${#b}]}
}

# Prints the nearest of the names; nothing when none is near. The case of letters does not count, and a
# name's beginning is near to it.
nearest_name() { # WORD NAME...
    local word=${1^^} name nearest='' least=99 distance
    shift
    ((${#word} <= 20)) || return 0
    for name in "$@"; do
        if [[ ${#word} -ge 2 && ${name^^} == "$word"* ]]; then
            distance=1
            [[ ${name^^} != "$word" ]] || distance=0
        else
            measure_distance "$word" "${name^^}"
        fi
        if ((distance < least)); then
            least=$distance
            nearest=$name
        fi
    done
    ((least > (${#word} + 1) / 2)) || echo "$nearest"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced by tools/run: the settings of TEST=torture.
# shellcheck disable=SC2034,SC2154 # shared with the other files of tools/lib

# The value of a variable in the environment. bash has a SECONDS of its own, which counts seconds.
given_in_environment() { # KEY
    local word
    while IFS= read -r -d '' word; do
        if [[ $word == "$1="* ]]; then
            echo "${word#*=}"
        fi
    done <"/proc/$$/environ"
}

# Sets torture_words. In the environment CALLS and SEED may be meant for other programs.
check_torture() {
    local key
    torture_words=
    for key in CALLS SEED SECONDS; do
        if [[ -z ${asked[$key]} ]]; then
            continue
        fi
        if [[ ${asked[TEST]} != torture && -z ${given[$key]:-} ]]; then
            asked["$key"]=
            continue
        elif [[ ${asked[TEST]} != torture ]]; then
            refuse "$key=${asked[$key]} is a setting of TEST=torture: give both or neither"
        fi
        torture_words+=" ${key,,}=${asked[$key]}"
    done
    require_number_if_given CALLS 1 999999999
    require_number_if_given SECONDS 1 86400
    if [[ ! ${asked[SEED]} =~ ^(0|[1-9][0-9]{0,17})?$ ]]; then
        refuse "SEED=${asked[SEED]}: give a number of at most 18 digits"
    fi
}

require_number_if_given() { # KEY LOW HIGH
    if [[ -n ${asked[$1]} ]]; then
        require_number "$@"
    fi
}

# How much longer than others a torture may take, in seconds. The kernel has a deadline for every call, so this
# one need not be close: the slowest way to emulate several processors on one core makes a thousand calls of each
# in a second. An emulator's clock may be slower than the host's.
torture_seconds() {
    local calls=${asked[CALLS]:-10000} seconds=${asked[SECONDS]}
    local by_calls=$((calls * asked[CPUS] / 1000)) slowness=1
    if [[ ${asked[ACCEL]} != tcg ]]; then
        slowness=20
    fi
    if [[ -n $seconds ]] && { [[ -z ${asked[CALLS]} ]] || ((seconds < by_calls)); }; then
        by_calls=$((2 * seconds))
    fi
    echo $((by_calls * slowness))
}

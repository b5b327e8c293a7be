#!/usr/bin/env bash
# All of the exploration: every scenario with its full bound, the random schedules, then the mutations. The
# last line counts both. Arguments go to the explorer; with --seed nothing else runs.
set -u
export LC_ALL=C

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

explore=$(make -s print-build)/sim/explore
for argument in "$@"; do
    case $argument in
    --seed | --scenario | --help) exec "$explore" "$@" ;;
    esac
done

# Passes on all lines but the last one, each when the next has come; the last goes to the file.
all_but_last() { # FILE
    local line last
    IFS= read -r last || return
    while IFS= read -r line; do
        printf '%s\n' "$last"
        last=$line
    done
    printf '%s\n' "$last" >"$1"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$explore" "$@" | all_but_last "$work/explore"
status=${PIPESTATUS[0]}
[[ $status == 0 ]] || { cat "$work/explore"; exit "$status"; }

echo
tests/sim/mutate.sh | all_but_last "$work/mutations"
status=${PIPESTATUS[0]}
echo
read -r _ applied caught result <"$work/mutations"
sed "s/ mutations=0 caught=0 status=.*/ mutations=${applied#*=} $caught $result/" "$work/explore"
exit "$status"

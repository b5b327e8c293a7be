#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The whole exploration: every scenario with its full bound, the random schedules, then the mutations. The last line
# sums up both. Arguments go to the explorer; with --seed nothing else runs. An incomplete exploration is reported as
# incomplete at the end; the mutations run all the same.
set -u
export LC_ALL=C

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

explore=$(make -s print-build)/sim/explore
for argument in "$@"; do
    case $argument in
    --seed | --scenario | --help) exec "$explore" "$@" ;;
    esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$explore" --summary "$work/explore" "$@"
explored=$?
[[ $explored == 0 || $explored == 3 ]] || { cat "$work/explore" 2>/dev/null; exit "$explored"; }

echo
tests/sim/mutate.sh | sed -un -e "/^mutations applied=/w $work/mutations" -e '/^mutations applied=/!p'
mutated=${PIPESTATUS[0]}
echo
read -r _ applied caught result <"$work/mutations"
[[ $explored == 0 || $mutated != 0 ]] || result=status=incomplete
sed "s/ mutations=0 caught=0 status=.*/ mutations=${applied#*=} $caught $result/" "$work/explore"
[[ $mutated == 0 ]] || exit "$mutated"
exit "$explored"

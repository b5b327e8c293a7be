#!/usr/bin/env -S bash -p
# SPDX-License-Identifier: MIT
# The checks that run nothing: formatting, headers, the boundary of the portable kernel, scripts. Prints one line
# for each check, `ok - ...` or `not ok - ...`, then what is wrong as file:line; exits 1 if anything is wrong.
# shellcheck disable=SC2154 # environment.sh sets root
set -u
# shellcheck source=/dev/null
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/environment.sh"

cd -- "$root" || exit 1

# The tree may belong to another user.
git() {
    command git -c safe.directory='*' "$@"
}

cc=${CC:-gcc}
warnings=(
    -std=gnu11 -fsyntax-only -Wall -Wextra -Werror -Wno-multichar
    -fmax-errors=1 -fno-diagnostics-show-caret
)
freestanding=(-ffreestanding -nostdinc -isystem "$("$cc" -print-file-name=include)")
code=(-mno-red-zone -fno-pic -mcmodel=kernel)
kernel_flags=(
    "${warnings[@]}" "${freestanding[@]}" "${code[@]}" -mgeneral-regs-only
    -I. -Iinclude -Iarch/x86_64/include
)
# The simulated machine, which stands for the real one on the host.
host_flags=("${warnings[@]}" -I. -Iinclude -Itests/sim)
driver_flags=(
    "${warnings[@]}" "${freestanding[@]}" "${code[@]}" -mabi=ms -fshort-wchar -fms-extensions -Iinclude
)

# Tracked and new files, without those that git ignores, that match the patterns.
files() {
    local path
    git ls-files -z --cached --others --exclude-standard -- "$@" |
        while IFS= read -r -d '' path; do
            [[ ! -f $path ]] || echo "$path"
        done
}

check_formatting() {
    local sources
    # broken.c is the driver that does not compile.
    mapfile -t sources < <(files '*.c' '*.h' | grep -vx 'tests/drivers/broken.c')
    ((${#sources[@]})) || return 1
    if clang-format --dry-run -Werror "${sources[@]}" 2>"$work/format"; then
        return 0
    fi
    grep 'error:' "$work/format"
    return 1
}

# clang-format leaves comments and assembly as they are.
check_widths() {
    local sources
    mapfile -t sources < <(files '*.c' '*.h' '*.S' '*.ld')
    ((${#sources[@]})) || return 1
    awk 'length($0) > 100 { print FILENAME ":" FNR ": " length($0) " columns, of 100"; bad = 1 }
        END { exit bad }' "${sources[@]}"
}

check_licences() {
    local sources
    mapfile -t sources < <(files '*.c' '*.h' '*.S' '*.ld' '*.pml' '*.sh' '*.t' '*.p[lm]' '*.mk' Makefile)
    ((${#sources[@]})) || return 1
    awk 'FNR <= 2 && /SPDX-License-Identifier: / { marked[FILENAME] = 1 }
        END {
            for (i = 1; i < ARGC; i++)
                if (!marked[ARGV[i]]) { print ARGV[i] ":1: no SPDX-License-Identifier"; bad = 1 }
            exit bad
        }' "${sources[@]}"
}

# Compiles one line that includes the header, so that the header is not the main file.
compiles_alone() { # HEADER FLAG...
    local header=$1
    shift
    echo "#include \"$header\"" | "$cc" "$@" -x c - 2>&1
}

check_headers() { # WHAT FLAG... -- PATTERN...
    local flags=() header status=0
    while [[ $1 != -- ]]; do
        flags+=("$1")
        shift
    done
    shift
    for header in $(files "$@"); do
        compiles_alone "$header" "${flags[@]}" || status=1
    done
    return "$status"
}

# What kernel/ and lib/ may not contain, comments aside: pattern, then what it stands for.
boundary() {
    cat <<'END'
\b(asm|__asm|__asm__)\b             assembly
__(x86_64|amd64|i386)(__)?\b        a machine's macro
\b_*(in|out)(b|w|l|8|16|32|byte|word|dword)\s*\(   port access
\w*(rd|wr|read|write)_?msr\w*       a model-specific register
\b(\w*_)?cr[02348]\b                a control register
\w*(lapic|x2apic|ioapic|apic_)\w*   an APIC
\#\s*include\s*["<](arch/x86_64|boot)/   a header of the machine
END
}

# Prints the lines of the files, comments blanked, that match a pattern of the table.
search_code() { # TABLE FILE...
    perl -e '
        my ($table, @files) = @ARGV;
        my @rules = map { /^(\S.*?)\s{2,}(\S.*)$/ ? [ qr/$1/i, $1, $2 ] : () } split /\n/, $table;
        my $found = 0;
        for my $path (@files) {
            open my $file, "<", $path or die "$path: $!\n";
            my $text = do { local $/; <$file> };
            $text =~ s{("(?:\\.|[^"\\\n])*")|/\*.*?\*/|//[^\n]*}
                      { defined $1 ? $1 : $& =~ s/[^\n]//gr }gse;
            my $number = 0;
            for my $line (split /\n/, $text, -1) {
                $number++;
                for my $rule (@rules) {
                    next if $line !~ $rule->[0];
                    print "$path:$number: \"$&\" is $rule->[2] (pattern $rule->[1])\n";
                    $found = 1;
                }
            }
        }
        exit $found;
    ' -- "$@"
}

check_boundary() {
    local sources
    mapfile -t sources < <(files 'kernel/*.[ch]' 'lib/*.[ch]')
    ((${#sources[@]})) || return 1
    search_code "$(boundary)" "${sources[@]}"
}

# The objects of the kernel are built by then (make check).
check_rooms() {
    tools/rooms.pl --nm "${NM:-nm}" "${OBJECTS_FOLDER:-build}"
}

# lib/ knows nothing of the kernel or the machine.
check_library() {
    local sources
    mapfile -t sources < <(files 'lib/*.[ch]')
    ((${#sources[@]})) || return 1
    search_code '\#\s*include\s*["<](kernel|arch|boot)/   a header above lib/' "${sources[@]}"
}

is_shell_script() {
    local first
    IFS= read -r first <"$1"
    [[ $first =~ ^'#!'.*[/\ ](ba|da)?sh($|\ ) ]]
}

check_tests() {
    local script status=0
    for script in $(files 'tests/*.t'); do
        if ! is_shell_script "$script" && ! perl -Itests/lib -c "$script" 2>"$work/perl"; then
            cat "$work/perl"
            status=1
        fi
        if ! grep -qE 'done_testing|tests *=>|1\.\.' "$script"; then
            echo "$script:1: no plan"
            status=1
        fi
    done
    return "$status"
}

check_scripts() {
    local path scripts=()
    while IFS= read -r path; do
        if is_shell_script "$path"; then
            scripts+=("$path")
        fi
    done < <(files)
    ((${#scripts[@]})) || return 1
    shellcheck --format=gcc "${scripts[@]}"
}

failures=0
check() { # DESCRIPTION COMMAND...
    local description=$1
    shift
    if "$@" >"$work/found"; then
        echo "ok - $description"
    else
        echo "not ok - $description"
        sed 's/^/    /' "$work/found"
        failures=$((failures + 1))
    fi
}

work=$(mktemp -d "${TMPDIR:-/tmp}/muster.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT

if ! git rev-parse --git-dir >/dev/null 2>&1; then
    echo 'check: the files to check are those that git lists, and this is no git repository' >&2
    exit 1
fi
check 'sources are formatted (clang-format)' check_formatting
check 'no line has more than 100 columns' check_widths
check 'each source names its licence' check_licences
check 'each header of the kernel compiles alone on x86_64' \
    check_headers "${kernel_flags[@]}" -- 'kernel/*.h' 'lib/*.h' 'boot/*.h' 'arch/*.h'
check 'each header of kernel/ and lib/ compiles alone on the host' \
    check_headers "${host_flags[@]}" -- 'kernel/*.h' 'lib/*.h'
check 'each header for drivers compiles alone' \
    check_headers "${driver_flags[@]}" -- 'include/*.h'
check 'kernel/ and lib/ contain nothing of a machine' check_boundary
check 'the rooms of kernel/ use those below only (kernel/rooms.txt)' check_rooms
check 'lib/ includes nothing above it' check_library
check 'test scripts parse and have a plan' check_tests
check 'shell scripts are clean (shellcheck)' check_scripts

if ((failures)); then
    echo "check: $failures failed"
    exit 1
fi

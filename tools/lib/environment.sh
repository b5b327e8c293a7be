#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Sourced first by every script of tools/: sets `root`, the top directory, and makes the environment the same
# in every user's shell.
#
# The scripts start by `bash -p`, which takes no functions, no options and no BASH_ENV from the environment.
# The rest changes what commands print or find: sed and bash in POSIX mode, cd with CDPATH, the compiler's search
# paths, the options of a linker, of grep or of perl, git's repository, what nproc counts, a language.
unset CDPATH GLOBIGNORE POSIXLY_CORRECT POSIX_ME_HARDER TIMEFORMAT
unset GREP_OPTIONS GREP_COLOR GREP_COLORS CLICOLOR_FORCE FORCE_COLOR GCC_COLORS
unset CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH OBJC_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH GCC_EXEC_PREFIX
unset DEPENDENCIES_OUTPUT SUNPRO_DEPENDENCIES LDEMULATION LD_RUN_PATH
unset PERL5OPT PERL5LIB PERL_UNICODE PERLIO MAKEFILES
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE OMP_NUM_THREADS OMP_THREAD_LIMIT
set +o posix
export LC_ALL=C

# shellcheck disable=SC2034 # used by those that source this
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

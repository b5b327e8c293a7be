# SPDX-License-Identifier: MIT
# Starts a program with ThreadSanitizer, if the machine can run it.
package Sanitizers;

use strict;
use warnings;

use Exporter qw(import);
use Muster;

our @EXPORT = qw(sanitized thread_sanitizer_prefix);

# The first finding ends the program with a special status.
my %environment = (
    TSAN_OPTIONS  => 'halt_on_error=1 exitcode=66',
    ASAN_OPTIONS  => 'detect_stack_use_after_return=1',
    UBSAN_OPTIONS => 'print_stacktrace=1',
);

# Runs a sanitized program, bounded; cmocka prints TAP.
sub sanitized {
    my @command = @_;
    return run_command([ qw(timeout 400), @command ],
        environment => { %environment, CMOCKA_MESSAGE_OUTPUT => 'TAP' });
}

# Older ThreadSanitizers cannot start where the kernel randomises addresses widely
# (vm.mmap_rnd_bits above 28). Returns the words to put before PROGRAM: none, or those that turn the
# randomisation off; undef if neither way works. PROGRAM without arguments ends at once.
sub thread_sanitizer_prefix {
    my ($program) = @_;
    for my $prefix ([], [qw(setarch -R)]) {
        my $run = sanitized(@$prefix, $program);
        return $prefix if "$run->{output}$run->{errors}" =~ /^usage: /m;
    }
    return undef;
}

1;

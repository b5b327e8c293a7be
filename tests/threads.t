# The unchanged sources of the rendezvous on a machine of threads (tests/threads/machine.c), truly in
# parallel: ThreadSanitizer watches every plain word that a call is said to carry, the address and
# undefined behaviour sanitizers every access. `make host-tests` builds the programs.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Sanitizers;
use Test::More;

my $build = run_command([qw(make -s print-build)])->{lines}[0];
my $built = "$build/threads";
my $timeout = 0x101;

# --- the contract's clauses, and a processor that does not answer ---

sub clauses_hold {
    my ($sanitizer, @prefix) = @_;
    for my $program (qw(call_test concurrency_test)) {
        my $run = sanitized(@prefix, "$built/$sanitizer/$program");
        report_tap(read_tap(@{ $run->{lines} }), "$sanitizer $program");
        is($run->{exit}, 0, "$sanitizer $program: ended well") || show_run($run);
    }
    return;
}

# The lines `processor index=...` by index, without those of the caller (1) and the silent one (2).
sub other_processors {
    my ($run) = @_;
    my %found;
    for my $line (@{ $run->{lines} }) {
        $found{$1} = $2 if $line =~ /^processor index=([03]) (.*)/;
    }
    return \%found;
}

sub silence_is_named {
    my ($sanitizer, @prefix) = @_;
    my %ran = (barrier => 0, routine => 4);
    for my $where (sort keys %ran) {
        my $name = "$sanitizer, silent at the $where";
        my $run  = sanitized(@prefix, "$built/$sanitizer/silent", $where);
        is($run->{exit}, 2, "$name: the system stops") || show_run($run);
        has_fields($run, 'bugcheck', { code => '0x101', processor => 2 }, "$name: it is named");
        is(scalar(grep { $_ eq 'the routine ran' } @{ $run->{lines} }),
            $ran{$where}, "$name: the routine ran on $ran{$where} processors") || show_run($run);
        my $left = 'phase=0 arrived=1 done=1';
        is_deeply(other_processors($run), { 0 => $left, 3 => $left },
            "$name: the others have left the call") || show_run($run);
    }
    return;
}

clauses_hold('asan');
silence_is_named('asan');

my $prefix = thread_sanitizer_prefix("$built/tsan/silent");
SKIP: {
    if (!$prefix) {
        diag('SKIPPED: ThreadSanitizer does not start here (sysctl vm.mmap_rnd_bits=28 helps)');
        skip 'ThreadSanitizer does not start here';
    }
    clauses_hold('tsan', @$prefix);
    silence_is_named('tsan', @$prefix);
}

my $misused = sanitized("$built/asan/silent", 'elsewhere');
is($misused->{exit}, 1, 'a wrong word is refused');
is($misused->{errors}, "usage: silent barrier|routine\n", 'by one line');

done_testing();

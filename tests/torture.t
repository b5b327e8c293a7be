# SPDX-License-Identifier: MIT
# TEST=torture: random calls by every processor, each one checked. Tests its output, that a seed repeats the same run,
# and that it fails if the kernel is broken: `make test` runs one break of tests/kernel/breaks.txt, `make test-full`
# all of them. Engines and numbers of processors are in tests/matrix.conf.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Mutation qw(read_suite);
use Test::More;

my $number = qr/^[0-9]+$/;

# --- what it says ---

my $run = launch('TEST=torture', 'CALLS=20000', 'SEED=7', 'CPUS=4');
has_fields($run, 'torture', { processors => 4, calls => 20000, failed => 0, status => 'ok' },
    'the torture line');
verdict_is($run, 'ok', 0, 'verdict ok');
my %metric;
my $malformed = 0;
for my $line (grep { /^metric/ } @{ $run->{lines} }) {
    if ($line =~ m{^metric name=(torture_[a-z0-9_]+) value=([0-9]+) unit=([a-z/]+)$}) {
        $malformed++ if exists $metric{$1};
        $metric{$1} = $2;
    }
    else {
        $malformed++;
    }
}
is($malformed, 0, 'each metric line has a name of its own, a value and a unit') || show_run($run);

sub total {
    my @names = @_;
    my $sum = 0;
    $sum += $metric{"torture_$_"} // -1e9 for @names;
    return $sum;
}
is(total(map { "calls_$_" } qw(generic tlb phased posted)), 20000, 'each call is of one kind');
is(total(map { "calls_$_" } qw(passive apc dispatch device synch clock)), 20000,
    'and was made at one IRQL');
is($metric{torture_routines}, $metric{torture_routines_verified}, 'each routine that ran is accounted for');
is($metric{torture_went_offline}, $metric{torture_came_online}, 'all processors that went offline have come back');

# Everything that it is meant to do was done.
my @done = qw(
    calls_generic calls_tlb calls_phased calls_posted
    calls_passive calls_apc calls_dispatch calls_device calls_synch calls_clock
    calls_masked calls_locked calls_from_handlers calls_subset calls_offline calls_beside_change
    routines routines_masked interrupts timers deaf went_offline
);
for my $name (@done) {
    cmp_ok($metric{"torture_$name"} // 0, '>', 0, "$name: there were some");
}

$run = launch('TEST=torture', 'SECONDS=1', 'CPUS=2', 'SEED=0');
my $line = fields($run, 'torture') // {};
like($line->{calls} // '', $number, 'SECONDS=1: as many calls as fit');
cmp_ok($line->{calls} // 0, '<', 999_999_999, 'SECONDS=1: and no more');
verdict_is($run, 'ok', 0, 'SECONDS=1: verdict ok');

# --- replay ---

sub replay {
    my ($seed) = @_;
    return launch('TEST=torture', 'CALLS=3000', "SEED=$seed", 'CPUS=4', 'THREAD=single',
        'QEMU=-icount shift=0');
}

my ($first, $again, $other) = (replay(11), replay(11), replay(12));
verdict_is($first, 'ok', 0, 'with instructions counted: verdict ok');
is($again->{output}, $first->{output}, 'the same seed gives the same run, to the nanosecond');
verdict_is($other, 'ok', 0, 'another seed: verdict ok');
isnt($other->{output}, $first->{output}, 'and another run');

# --- breaks ---

# A copy of the tree with its objects, so that a break compiles only a few files.
my $root  = root();
my $suite = "$root/tests/kernel/breaks.txt";
my $copy  = File::Temp->newdir;

$run = run_command([ 'sh', '-c',
    "git ls-files -z --cached --others --exclude-standard | tar -c --null -T - -f - | tar -x -C $copy -f - &&"
        . " mkdir -p $copy/build && cp -a build/arch build/boot build/kernel build/lib build/tests $copy/build/" ]);
is($run->{exit}, 0, 'a copy of the tree') || show_run($run);

# Copied files have new times and would be compiled again.
run_command([ 'sh', '-c', "cd $copy && find build -type f -exec touch {} +" ]);

# Clause: the clauses that a break violates; Words: more words for the kernel, so that the run reaches the break.
sub is_caught {
    my ($entry) = @_;
    my $name   = $entry->{name};
    my $broken = run_command([ "$root/tests/mutate.pl", 'apply', $suite, $name, "$copy/kernel" ]);
    return ok(0, "$name applies") || show_run($broken) if $broken->{exit} != 0;
    my $words  = join ' ', 'timeout_ms=2000', $entry->{Words} // ();
    my $run    = run_command([ "$copy/tools/run", 'TEST=torture', 'CALLS=4000', 'CPUS=4', "CMDLINE=$words" ]);
    my $clause = join '|', split ' ', $entry->{Clause};
    my @named  = grep { /^# processor [0-9]+, .*, seed 1, \S+: (?:$clause): / } @{ $run->{lines} };
    my $line   = fields($run, 'torture') // {};
    ok(@named && ($line->{status} // '') eq 'failed' && $run->{exit} == 1, "$name is caught: $clause")
        || show_run($run);
    # Not with its old time: its object must be built again.
    for my $path (@{ $broken->{lines} }) {
        run_command([ 'cp', $path =~ s{\A\Q$copy\E}{$root}r, $path ]);
    }
    return;
}

my @breaks = read_suite($suite);
cmp_ok(scalar(@breaks), '>=', 10, 'there are at least 10 breaks');

# Breaks that are not run here still apply to the kernel's sources (tests/mutations.t checks that).
for my $entry (($ENV{MATRIX} // '') eq 'full' ? @breaks : $breaks[0]) {
    is_caught($entry);
}

done_testing();

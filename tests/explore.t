# SPDX-License-Identifier: MIT
# The schedule explorer (tests/sim/): every schedule of small scenarios with up to a few preemptions, random schedules
# of larger ones, and that a seed replays its schedule. `make explore` does the same at length.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $build = run_command([qw(make -s print-build)]);
is($build->{exit}, 0, 'make names the build folder') || show_run($build);
my $sim     = "$build->{lines}[0]/sim";
my $program = "$sim/explore";

my $make = run_command([ qw(make -s), map { s/^\Q${\root()}\E\///r } $program, "$sim/round_robin" ]);
is($make->{exit}, 0, 'the explorer builds from the unchanged kernel sources') || show_run($make);

my $first = run_command([ 'timeout', '60', "$sim/round_robin" ]);
has_fields($first, 'round_robin', { processors => 3, runs => 9, status => 'ok' },
    'the simulated machine makes a call from each of three processors');

# ---- the quick exploration ----

my $run = run_command([ 'timeout', '600', $program, '--quick' ]);
is($run->{exit}, 0, 'the quick exploration ends well') || show_run($run);
has_fields($run, 'explore',
    { processors => '2..16', bound => 2, status => 'ok', schedules => qr/\A[0-9]{4,}\z/ },
    'it covers 2 to 16 processors and two preemptions');
my @rows = map { [ split ' ' ] } grep { /^[a-z]\S* +[0-9]+ +[0-9-]+ / } @{ $run->{lines} };
cmp_ok(scalar @rows, '>=', 100, 'each scenario has its row');
is_deeply([ grep { $_->[-1] ne 'ok' } @rows ], [], 'each row is complete') || show_run($run);
my @searched = grep { $_->[2] ne '-' } @rows;
is_deeply([ grep { $_->[3] == 0 || $_->[4] == 0 } @searched ], [], 'each search came to an end');
unlike($run->{output}, qr/\r/, 'no progress is shown where there is no terminal');

# ---- a search that is cut short, together with one that is not and with random schedules ----

my $short = run_command([ 'timeout', '600', $program, qw(--quick --random 0 --states 1000) ]);
is($short->{exit}, 3, 'searches that are cut short: exit status 3') || show_run($short);
has_fields($short, 'explore', { processors => '2..3', bound => 2, status => 'incomplete' }, 'the status says so');
my @results = map { /^[a-z]\S* +[0-9]+ +[0-9] +\d+ +(\d+) .* [0-9.]+  (.*)\z/ ? [ $1, $2 ] : () } @{ $short->{lines} };
is(scalar @results, scalar @searched, 'the others still run');
is_deeply([ grep { $_->[1] ne ($_->[0] < 1000 ? 'ok' : 'incomplete: the limit of 1000 states') } @results ],
    [], 'each row names the limit')
    || show_run($short);
my $cut = grep { $_->[1] ne 'ok' } @results;
cmp_ok($cut, '>', 0, 'some are cut short');
cmp_ok($cut, '<', @results, 'some are not');
like($short->{output}, qr/^incomplete: $cut \(--states N sets the limit\)$/m, 'they are counted');

my $summary = File::Temp->new;
my $one     = run_command([ 'timeout', '60', $program, qw(--jobs 1 --random 0 --scenario values --summary), "$summary" ]);
is($one->{exit}, 0, 'one scenario, one job') || show_run($one);
like($one->{output}, qr/\Ascenario [^\n]*\nvalues [^\n]* ok\n\z/, 'its row is the last line where the summary has a file');
like(contents("$summary"), qr/\Aexplore processors=2\.\.2 [^\n]* status=ok\n\z/, 'which holds the summary');

# ---- progress on a terminal ----

my @script = ('timeout', '60', 'script', '-qec', "$program --random 0 --scenario values", '/dev/null');
my $progress = qr/\r  0 of 1, values: \d+ states, \d+ s/;
{
    local $ENV{TERM} = 'xterm';
    like(run_command(\@script)->{output}, $progress, 'a terminal shows how far it is');
    local $ENV{TERM} = 'dumb';
    unlike(run_command(\@script)->{output}, qr/\r(?!\n)/, 'one that cannot go back in a line does not');
}

# ---- seeds ----

my @seed = ('calls-3/3:5.1,9.1', 'crowd-faults/8:r77', 'halt-2/2:');
for my $seed (@seed) {
    my @runs = map { run_command([ 'timeout', '60', $program, '--seed', $seed ]) } 1 .. 2;
    is($runs[0]{exit}, 0, "$seed replays") || show_run($runs[0]);
    has_fields($runs[0], 'replay', { steps => qr/\A[1-9]/, status => 'ok' }, "$seed ends well");
    is($runs[0]{output}, $runs[1]{output}, "$seed is the same schedule each time");
    like($runs[0]{output}, qr/seat\.reached = 0x9 becomes visible/, "$seed tells what became visible");
    like($runs[0]{output}, qr/\(turn\.c:[0-9]+ take_free\)/, "$seed names the place in the source");
}

# ---- it can fail: a kernel whose caller does not wait for the arrivals ----

my $copy = File::Temp->newdir;
is(system('cp', '-r', root() . '/kernel', "$copy/kernel"), 0, 'the kernel sources are copied');
my $source = "$copy/kernel/rendezvous/rendezvous.c";
my $text   = contents($source);
is($text =~ s/if \((collect\(others, COLLECT_REACHED)/if (!arrives && $1/, 1, 'and broken');
open my $file, '>', $source or die "$source: $!";
print {$file} $text;
close $file;
$make = run_command([ qw(make -s), "SIM_KERNEL=$copy/kernel", "SIM_OUT=$copy", "$copy/explore" ]);
is($make->{exit}, 0, 'the explorer builds from the copy') || show_run($make);
my $broken = run_command([ 'timeout', '60', "$copy/explore", '--quick' ]);
my $failed = fields($broken, 'failed') // {};
is_deeply([ $broken->{exit}, $failed->{clause}, $failed->{scenario} ], [ 1, 'K2', 'calls-2' ],
    'which finds the clause that does not hold')
    || show_run($broken);
my $replay = run_command([ 'timeout', '60', "$copy/explore", '--seed', $failed->{seed} // '' ]);
is($replay->{exit}, 1, 'its seed fails again') || show_run($replay);
is_deeply(fields($replay, 'failed'), $failed, 'in the same way, at the same step') || show_run($replay);

# ---- wrong use ----

for my $case (
    [ [qw(--seed nonsense)],       qr/not a seed: nonsense/ ],
    [ [qw(--seed calls-2/2:1.)],   qr/not a seed/ ],
    [ [qw(--seed calls-2/2:1.1x)], qr/not a seed/ ],
    [ [qw(--seed calls-2/99:)],    qr/not a seed/ ],
    [ [qw(--seed nobody/2:)],      qr/not a seed/ ],
    [ [qw(--seed crowd/4:r)],      qr/not a seed/ ],
    [ [qw(--bound ten)],           qr/not a bound/ ],
    [ [qw(--random -1)],           qr/not a number/ ],
    [ [qw(--states 0)],            qr/not a number of states/ ],
    [ [qw(--jobs 0)],              qr/not a number of jobs/ ],
    [ [qw(--scenario nobody)],     qr/no such scenario: nobody/ ],
    [ [qw(--wrong)],               qr/wrong option: --wrong/ ],
    [ [qw(word)],                  qr/wrong argument: word/ ],
  )
{
    my ($words, $why) = @$case;
    my $wrong = run_command([ 'timeout', '60', $program, @$words ]);
    ok($wrong->{exit} == 2 && $wrong->{output} eq '' && $wrong->{errors} =~ /\Aexplore: [^\n]*\n\z/
            && $wrong->{errors} =~ $why, "@$words: one line, exit status 2")
        || show_run($wrong);
}

done_testing();

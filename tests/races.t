# SPDX-License-Identifier: MIT
# A race, and how a run shows it: an unlocked counter on several processors. Where workers run at the same time, it
# loses counts. Where an emulator plays its processors in turn, it looks right, and the run's table says why.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $alone = qr/^  no two workers ran at the same time here, so a race between them would not show$/;

# By the table: does any worker start before another one has finished?
sub overlap {
    my ($run) = @_;
    my @times = sort { $a->[0] <=> $b->[0] }
        map { /^ +\d+ +\d+ +14 +-?\d+ +(-?\d+) +(-?\d+)  / ? [ $1, $2 ] : () } @{ $run->{lines} };
    is(scalar @times, 4, 'there are four rows in the table');
    return grep { $times[$_][0] <= $times[ $_ - 1 ][1] } 1 .. $#times;
}

# Without an overlap no count is lost, whatever the engine; `must` is true where there has to be one.
sub counts {
    my ($name, $must, @words) = @_;
    my $run = launch('DRIVER=tests/drivers/counts_unlocked.c', 'CPUS=4', 'TIMEOUT=100', @words);
    my ($counted, $all) = $run->{output} =~ /^counter: (\d+) of (\d+)$/m or return show_run($run);
    my $overlap = overlap($run);
    is((grep { $_ =~ $alone } @{ $run->{lines} }), $overlap ? 0 : 1, "$name: the table says what its times show")
        || show_run($run);
    cmp_ok($counted, $must ? '<' : '<=', $all, "$name: the counter");
    is($counted, $all, "$name: without an overlap nothing is lost") if !$overlap;
    ok($overlap, "$name: the workers overlap") if $must;
    note("$name: $counted of $all, overlap: " . ($overlap ? 'yes' : 'no'));
    return verdict_is($run, 'ok', 0, "$name: verdict");
}

counts('in turn', 0, 'THREAD=single');
counts('on host threads', 0, 'THREAD=multi');
SKIP: {
    skip 'there is no bochs here: the engine that shows every race', 1 if !grep { -x "$_/bochs" } split /:/, $ENV{PATH};
    counts('on Bochs', 1, 'ACCEL=bochs');
}

done_testing();

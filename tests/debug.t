# SPDX-License-Identifier: MIT
# `make debug`: gdb sees the kernel's symbols and lists the processors.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $commands = join '\n', 'processors', 'tbreak MyIpiGenericCall', 'continue', 'processors', '';
my $run = run_command(
    [ 'bash', '-c', "printf '$commands' | timeout 120 tools/debug.sh CPUS=3 TIMEOUT=120" ]);

# thread, index, hardware id, IRQL, IF, phase, RIP, function
my @rows;
for my $line (@{ $run->{lines} }) {
    next if $line !~ /^(?:\(gdb\) )*([* ]) [0-9]+ +(\S+) +\S+ +([0-9]+) +[01] +(\S+) +0x\S{16} (\S*)/;
    push @rows, { current => $1 eq '*', index => $2, irql => $3, phase => $4, function => $5 };
}
is(@rows, 6, 'processors lists all, each time') || show_run($run);
is_deeply([ map { $_->{index} } @rows[ 0 .. 2 ] ], [ ('-') x 3 ],
    'before the first instruction none has an index');
is_deeply([ map { $_->{index} } @rows[ 3 .. 5 ] ], [ 0 .. 2 ], 'in a call all have');
my ($current) = grep { $_->{current} } @rows[ 3 .. 5 ];
is_deeply(
    [ @{ $current // {} }{qw(irql phase function)} ],
    [ 14, 'SEAT_RUNNING', 'MyIpiGenericCall' ],
    'the one that is in the worker is shown so'
) || show_run($run);

done_testing();

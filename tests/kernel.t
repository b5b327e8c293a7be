# SPDX-License-Identifier: MIT
# The tests that run inside the kernel (tests/kernel/): each of their cases is a test here. A
# log without its plan, its results or its verdict is a failure.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

# The reader of such logs, on logs that are wrong in one way each.
my %faulty = (
    'no plan'                 => [ 'ok 1 - a' ],
    'two plans'               => [ '1..1', 'ok 1 - a', '1..1' ],
    'a result that is missing' => [ '1..3', 'ok 1 - a', 'ok 3 - c' ],
    'an end that is missing'  => [ '1..2', 'ok 1 - a' ],
    'a result given twice'    => [ '1..2', 'ok 1 - a', 'ok 1 - a' ],
    'no test at all'          => [ '1..0' ],
    'nothing'                 => [],
);
for my $fault (sort keys %faulty) {
    isnt(@{ read_tap(@{ $faulty{$fault} })->{faults} }, 0, "the reader sees $fault");
}
my $good = read_tap('Muster', '1..2', '# note', 'ok 1 - a', 'smp online=1', 'not ok 2 - b');
is_deeply($good->{faults}, [], 'the reader takes a log that is whole');
is_deeply([ map { $_->{ok} ? 1 : 0 } @{ $good->{results} } ], [ 1, 0 ], 'and sees what failed');

# The kernel's own cases that fail, hang and stop early on purpose.
my $run = launch('TEST=fails', 'TIMEOUT=60');
verdict_is($run, 'failed', 1, 'a case that fails makes the run fail');
my $tap = read_tap(@{ $run->{lines} });
ok((grep { !$_->{ok} } @{ $tap->{results} }), 'and is seen in the log') || show_run($run);

$run = launch('TEST=hangs', 'TIMEOUT=5');
verdict_is($run, 'timeout', 124, 'a case that hangs is ended');

$run = launch('TEST=truncated', 'TIMEOUT=60');
isnt(@{ read_tap(@{ $run->{lines} })->{faults} }, 0, 'a log that stops early is a fault')
    || show_run($run);

$run = launch('TEST=no_such_test', 'TIMEOUT=60');
verdict_is($run, 'failed', 1, 'a test that does not exist is a failure');
like($run->{output}, qr/no_such_test/, 'and is named') || show_run($run);

# Other numbers of processors are in matrix.conf.
$run = launch('TEST=suite', 'CPUS=4', 'TIMEOUT=180');
has_fields($run, 'smp', { processors => 4, online => 4 }, 'CPUS=4: all are online');
report_tap(read_tap(@{ $run->{lines} }), 'CPUS=4');
verdict_is($run, 'ok', 0, 'CPUS=4: verdict ok');

done_testing();

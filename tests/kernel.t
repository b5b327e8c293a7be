# SPDX-License-Identifier: MIT
# The tests that run inside the kernel (tests/kernel/): each of their cases is a test here. A log without its plan,
# its results or its verdict is a failure. And the words of the kernel's command line.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

# The reader of such logs, with logs that are wrong in one way each.
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
is_deeply($good->{faults}, [], 'the reader accepts a complete log');
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

# A test that does not exist ends the run at once. The output names the nearest test, and lists all: they are compared
# with the sources.
$run = launch('TEST=suit', 'TIMEOUT=60');
verdict_is($run, 'failed', 1, 'a test that does not exist is a failure');
is((grep { $_ eq q{there is no test 'suit'; did you mean suite?} } @{ $run->{lines} }), 1,
    'it is named, with the nearest that exists') || show_run($run);
is((grep { /^(?:smp|driver|call) / } @{ $run->{lines} }), 0, 'nothing is started for it') || show_run($run);
my @names = map { my $file = $_; contents(root() . "/tests/kernel/$file") =~ /^ +\{ "([a-z_]+)", (?!NULL)/mg }
    qw(fault_test.c bugcheck_test.c);
cmp_ok(scalar @names, '>', 20, 'there are names of tests in the sources');
my %listed = map { $_ => 1 } map { split ' ', s/^tests[^:]*: //r } grep { /^tests/ } @{ $run->{lines} };
is_deeply([ grep { !$listed{$_} } qw(suite storm apic torture fabric fails), @names ], [],
    'and the list has every test') || show_run($run);

# A name that is near to no test.
$run = launch('TEST=0', 'TIMEOUT=60');
is((grep { $_ eq q{there is no test '0'} } @{ $run->{lines} }), 1, 'where no name is near, none is offered')
    || show_run($run);

# A word that the kernel does not know is named, with the nearest of all options, and ignored.
$run = launch('CPUS=2', 'TIMEOUT=60', 'CMDLINE=maxcpu=1 nosme sed=7 injct=drop:1:1 zzzzzzz');
my @complaints = map { /^command line: option (.*)/ ? $1 : () } @{ $run->{lines} };
is_deeply(
    \@complaints,
    [
        q{'maxcpu=1' is not known and is ignored; did you mean maxcpus=?},
        q{'nosme' is not known and is ignored; did you mean nosmp?},
        q{'sed=7' is not known and is ignored; did you mean seed=?},
        q{'injct=drop:1:1' is not known and is ignored; did you mean inject=?},
        q{'zzzzzzz' is not known and is ignored},
    ],
    'unknown options are named, each with the nearest'
) || show_run($run);
has_fields($run, 'call', { processors => 2 }, 'and ignored');
verdict_is($run, 'ok', 0, 'and the run goes on');

# A verdict that a driver prints ends no run.
$run = launch('DRIVER=tests/drivers/prints_false_verdict.c', 'CPUS=2', 'TIMEOUT=6');
verdict_is($run, 'timeout', 124, 'a driver cannot end its run by printing a verdict');
is((grep { /^Verdict status=ok exit=0\r?$/ } @{ $run->{lines} }), 3, 'its lines are shown with a capital letter')
    || show_run($run);

# Other numbers of processors are in matrix.conf.
$run = launch('TEST=suite', 'CPUS=4', 'TIMEOUT=180');
has_fields($run, 'smp', { processors => 4, online => 4 }, 'CPUS=4: all are online');
report_tap(read_tap(@{ $run->{lines} }), 'CPUS=4');
verdict_is($run, 'ok', 0, 'CPUS=4: verdict ok');

done_testing();

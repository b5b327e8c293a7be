# SPDX-License-Identifier: MIT
# `make run` and the launcher with the sample driver: what a user sees first.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

sub make_run {
    my @words = @_;
    return run_command([ 'make', '--no-print-directory', 'run', @words ]);
}

# Every processor ran the sample driver's worker, at IPI_LEVEL.
sub ran_on_all {
    my ($run, $processors, $name) = @_;
    my %wanted = (processors => $processors, ran => $processors, irql => 14, status => 'ok');
    has_fields($run, 'call', \%wanted, "$name: all ran the worker");
    verdict_is($run, 'ok', 0, "$name: verdict ok");
    return;
}

# --- the console's lines ---

my $number = qr/^[0-9]+$/;
my $hex    = qr/^0x[0-9a-f]+$/;
my $run    = launch('TIMEOUT=60');
has_fields(
    $run, 'smp',
    {
        processors => 4,
        online     => 4,
        apic       => qr/^x2?apic$/,
        ipi        => qr/^[a-z0-9]+$/,
        bringup_us => $number,
    },
    'the smp line'
);
has_fields(
    $run, 'call',
    {
        worker        => 'MyIpiGenericCall',
        calls         => qr/^[1-9][0-9]*$/,
        processors    => 4,
        ran           => 4,
        irql          => 14,
        returned      => $hex,
        round_trip_ns => $number,
        skew_ns       => $number,
        status        => 'ok',
    },
    'the call line'
);
has_fields($run, 'driver', { name => 'my_ipi_generic_call', status => '0x00000000' },
    'the driver line');
has_fields($run, 'verdict', { status => 'ok', exit => 0 }, 'the verdict line');
verdict_is($run, 'ok', 0, 'the verdict comes last');
my @table = grep { /^\s+[0-9]+\s+[0-9]+\s+14\b/ } @{ $run->{lines} };
is(@table, 4, 'the table has a row for each processor') || show_run($run);

# --- processor counts ---

# The others are in matrix.conf.
$run = launch('CPUS=5', 'TIMEOUT=120');
has_fields($run, 'smp', { processors => 5, online => 5 }, 'CPUS=5: all are online');
ran_on_all($run, 5, 'CPUS=5');
for my $thread (qw(single multi)) {
    ran_on_all(launch('CPUS=4', "THREAD=$thread", 'TIMEOUT=120'), 4, "THREAD=$thread");
}

# --- the kernel's command line ---

$run = launch('CMDLINE=maxcpus=2', 'TIMEOUT=60');
has_fields($run, 'smp', { processors => 4, online => 2 }, 'maxcpus=2: two are online');
ran_on_all($run, 2, 'maxcpus=2');

$run = launch('CMDLINE=nosmp', 'TIMEOUT=60');
has_fields($run, 'smp', { processors => 4, online => 1 }, 'nosmp: one is online');
ran_on_all($run, 1, 'nosmp');

$run = launch('CMDLINE=ipi=unicast', 'TIMEOUT=60');
has_fields($run, 'smp', { ipi => 'unicast' }, 'ipi=unicast: the policy is shown');
ran_on_all($run, 4, 'ipi=unicast');

$run = launch('CMDLINE=frobnicate=1 maxcpus=lots', 'TIMEOUT=60');
like($run->{output}, qr/frobnicate/, 'an unknown option is named') || show_run($run);
like($run->{output}, qr/maxcpus.*1\.\.1024/, 'so is a bad value, with what is allowed')
    || show_run($run);
ran_on_all($run, 4, 'options that are not understood are ignored');

$run = launch('CMDLINE=bugcheck=reset', 'CPUS=2', 'TIMEOUT=60');
verdict_is($run, 'ok', 0, 'bugcheck=reset: the verdict counts, though the machine ends in a reset');

for my $case ([ auto => 0 ], [ x2apic => 1 ]) {
    my ($mode, $asked) = @$case;
    $run = launch("CMDLINE=apic=$mode", 'CPUS=1', 'TIMEOUT=60');
    is((grep { /no x2APIC mode/ } @{ $run->{lines} }), $asked, "apic=$mode: the step up is tried") || show_run($run);
}

$run = launch('CPUS=2', 'CMDLINE=phantom=77 timeout_ms=500', 'TIMEOUT=60');
has_fields($run, 'smp', { processors => 3, online => 2 }, 'a processor that never starts is counted');
like($run->{output}, qr/\b77\b/, 'and named') || show_run($run);
has_fields($run, 'call', { processors => 2, ran => 2, status => 'ok' }, 'the others run the driver');
verdict_is($run, 'failed', 1, 'but the verdict is failed');

# --- the driver's lines in a bug check ---

# The line of a driver's source that matches, as the launcher says it.
sub place_in {
    my ($driver, $text) = @_;
    my @lines = split /\n/, contents(root() . "/$driver");
    my ($at) = grep { $lines[ $_ - 1 ] =~ $text } 1 .. @lines;
    return "$driver:$at";
}
my $divide = 'tests/drivers/divide_by_zero.c';
my $here = place_in($divide, qr{Argument / divisor});
$run = launch("DRIVER=$divide", 'TIMEOUT=60');
like($run->{output}, qr/^stopped by .*, at (divide\+0x[0-9a-f]+): /m, 'a bug check has an address in the driver');
my ($address) = $run->{output} =~ /^stopped by .*, at (divide\+0x[0-9a-f]+): /m;
is($run->{errors}, "run: $address is $here\n", 'the launcher says which line that is');
$run = launch("DRIVER=tests/drivers/nested_call.c", 'TIMEOUT=60');
my $nested = place_in('tests/drivers/nested_call.c', qr/^\s+.*KeIpiGenericCall\(nothing/);
like($run->{errors}, qr/\Arun: outer\+0x[0-9a-f]+ is \Q$nested\E\n\z/, 'that of a call is the line of the call')
    || show_run($run);
# A function in one of the driver's headers. (The name of the file comes from the debug information.)
my $image = run_command([ qw(make -s print-image DRIVER=tests/drivers/nested_call.c) ])->{lines}[0];
my ($nothing) = run_command([ 'nm', $image ])->{output} =~ /^([0-9a-f]+) t nothing$/m;
my $script = 'source "$0/tools/lib/places.sh"; root=$0 image=$1; line_of "$(find_addr2line)" "$2"';
$run = run_command([ 'bash', '-c', $script, root(), $image, $nothing ]);
like($run->{output}, qr{\Atests/drivers/check\.h:[0-9]+\n\z},
    'that of a function in a header is in the header') || show_run($run);
{
    my $commands = File::Temp->newdir;
    for my $path (map { glob "$_/*" } grep { length } split /:/, $ENV{PATH}) {
        my ($name) = $path =~ m{([^/]+)\z};
        symlink $path, "$commands/$name" if $name !~ /addr2line/;
    }
    $run = run_command([ root() . '/tools/run', "DRIVER=$divide", 'TIMEOUT=60' ], environment => { PATH => "$commands" });
    verdict_is($run, 'bugcheck', 2, 'without addr2line the run ends as well');
    is($run->{errors}, '', 'and nothing is said');
}

# --- what an emulator forgives ---

# Bochs faults on an MSR that does not exist, as hardware does; on QEMU's TCG it reads as 0.
SKIP: {
    skip 'there is no bochs here: an absent MSR does not fault on QEMU', 2 if !grep { -x "$_/bochs" } split /:/, $ENV{PATH};
    $run = launch('ACCEL=bochs', 'CPUS=2', 'DRIVER=tests/drivers/absent_msr.c', 'TIMEOUT=300');
    has_fields($run, 'bugcheck', { code => '0x1e', name => 'KMODE_EXCEPTION_NOT_HANDLED', p1 => '0xffffffffc0000005' },
        'Bochs: an absent MSR is a general protection fault');
    my $rdmsr = place_in('tests/drivers/absent_msr.c', qr/__readmsr/);
    like($run->{errors}, qr/^run: read_absent(?:\+0x[0-9a-f]+)? is \Q$rdmsr\E$/m, 'and its line is named') || show_run($run);
}

# --- make run ---

$run = make_run('CPUS=2');
has_fields($run, 'smp', { processors => 2, online => 2 }, 'make run takes CPUS');
verdict_is($run, 'ok', 0, 'make run: verdict ok');

for my $case (
    [ 'DRIVER=tests',   qr/DRIVER=tests is a folder: a driver is one C file so far/ ],
    [ 'CALLS=5',        qr/CALLS=5 is a setting of TEST=torture/ ],
    [ 'CPUS=0',         qr/CPUS=0: / ],
    [ 'CPUS=300',       qr/CPUS=300: / ],
    [ 'CPUS=four',      qr/CPUS=four: / ],
    [ 'ACCEL=warp',     qr/ACCEL=warp: give one of/ ],
    [ 'BOOT=floppy',    qr/BOOT=floppy: give one of/ ],
    [ 'DRIVER=none.c',  qr/none\.c: there is no such file/ ],
    [ 'TIMEOUT=0',      qr/TIMEOUT=0: / ],
    [ 'THREAD=several', qr/THREAD=several: / ],
    )
{
    my ($word, $why) = @$case;
    $run = make_run($word);
    my @said = split /^/, $run->{errors};
    my $good =
        $run->{exit} != 0
        && $run->{output} eq "verdict status=failed exit=1\n"
        && $said[0] =~ /^run: /
        && $said[0] =~ $why
        && @said <= 2;
    ok($good, "make run $word: one clear line, and make's own") || show_run($run);
}

done_testing();

# Every fault that can be injected (README), and what must come of it: the exact bug check and the watchdog's
# verdict, or a call that goes as if nothing were. On QEMU all of them, on Bochs five; with MATRIX=full (make
# test-full) all on both.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Monitor;
use Muster;
use Test::More;

my $address = qr/^0x[0-9a-f]{6,16}$/;
my $driver  = 'DRIVER=tests/drivers/prints_from_worker.c';
my @everywhere = ('drop all', 'masked', 'priority', 'worker', 'opcode'); # on Bochs in make test, too

# --- what is run ---

my $bochs_is_here = grep { -x "$_/bochs" } split /:/, $ENV{PATH};
my $full          = ($ENV{MATRIX} // '') eq 'full';

# The engines on which a case runs, each with its settings and the patience that 400 ms become there.
sub engines_for {
    my ($name) = @_;
    my @engines = ([ 'TCG', [ 'TIMEOUT=60' ], '0x320' ]);
    if ($full || grep { $_ eq $name } @everywhere) {
        push @engines, [ 'Bochs', [qw(ACCEL=bochs BOOT=bios TIMEOUT=200)], '0x190' ];
    }
    return @engines;
}

# Runs the driver under `rules` and calls `check` with the run, the name and the patience.
sub under {
    my ($name, $rules, $check, %option) = @_;
    for my $engine (engines_for($name)) {
        my ($engine_name, $settings, $patience) = @$engine;
    SKIP: {
            skip "there is no bochs here: $name", 1 if $engine_name eq 'Bochs' && !$bochs_is_here;
            my $words = join ' ', "timeout_ms=400", map({ "inject=$_" } split / /, $rules), $option{words} // ();
            my $run = launch($option{driver} // $driver, 'CPUS=3', @$settings, "CMDLINE=$words");
            subtest "$name on $engine_name" => sub { $check->($run, $name, $patience) } or show_run($run);
        }
    }
    return;
}

# --- what must come of it ---

# The processors whose routine has run to its end.
sub ran {
    my ($run) = @_;
    return join ' ', sort map { /^prints_from_worker: hello from processor ([0-9]+)$/ ? $1 : () } @{ $run->{lines} };
}

sub one_report {
    my ($run) = @_;
    is((grep { /^bugcheck / } @{ $run->{lines} }), 1, 'one report');
    return verdict_is($run, 'bugcheck', 2, 'verdict');
}

# A call that goes as if nothing were: exactly once on each processor.
sub goes_well {
    my ($run) = @_;
    has_fields($run, 'call', { processors => 3, ran => 3, irql => 14, returned => '0x3', status => 'ok' }, 'the call');
    is(ran($run), '0 1 2', 'exactly once on each processor');
    like($run->{output}, qr/^inject rule=\S+ strikes=[1-9]/m, 'the rule has struck');
    return verdict_is($run, 'ok', 0, 'verdict');
}

# Bug check 0x101 for `culprit`, 2 unless told, with the watchdog's word for it; `ran` is who has run its routine.
sub times_out {
    my ($verdict, $ran, $culprit) = (@_, 2);
    return sub {
        my ($run, $name, $patience) = @_;
        has_fields($run, 'bugcheck',
            { code => '0x101', p1 => $patience, p2 => '0x0', p3 => $address, p4 => "0x$culprit", processor => $culprit },
            'the bug check line');
        # Behind the first line: a call whose caller was told before has its verdicts ahead of it.
        my %report = (%$run, lines => [ split /\n/, $run->{output} =~ s/\A.*?(?=^bugcheck )//msr ]);
        has_fields(\%report, 'watchdog', { processor => $culprit, verdict => $verdict }, "the watchdog's verdict");
        is(ran($run), $ran, $ran eq '' ? 'no routine ran' : "the routine ran on $ran");
        one_report($run);
    };
}

# No bug check, but the watchdog's word for `culprit`, 2 unless told.
sub is_told {
    my ($verdict, $culprit) = (@_, 2);
    return sub {
        my ($run) = @_;
        has_fields($run, 'watchdog', { processor => $culprit, verdict => $verdict }, "the watchdog's verdict");
        like($run->{output}, qr/^posted: first \d, second [56]$/m, 'the completion tells it');
        unlike($run->{output}, qr/^bugcheck /m, 'and the system goes on');
    };
}

sub faults {
    my (%fields) = @_;
    return sub {
        my ($run) = @_;
        has_fields($run, 'bugcheck', { processor => 2, %fields }, 'the bug check line');
        like($run->{output}, qr/^stopped by processor 2, in the worker print_number, at /m, 'the worker is named');
        one_report($run);
    };
}

# --- doorbells ---

under('drop one',        'drop:2:1',           \&goes_well);
under('drop all',        'drop:2:*',           times_out('never-delivered', ''));
under('delay',           'delay:2:1:20000',    \&goes_well);
under('duplicate',       'duplicate:2:1:0',    \&goes_well);
under('duplicate later', 'duplicate:2:1:1000 pause:1:worker:20000', \&goes_well);
under('misdirect',       'misdirect:2:1:1',    \&goes_well);
under('misdirect to the sender', 'misdirect:2:1:0', \&goes_well);
under('drop, halting',   'drop:2:1',           \&goes_well, words => 'wait=halt');

# --- wedges ---

under('masked',   'wedge:2:masked',   times_out('masked',     ''));
under('priority', 'wedge:2:priority', times_out('priority',   ''));
under('nmi',      'wedge:2:nmi',      times_out('no-answer',  ''));
under('entry',    'wedge:2:entry',    times_out('in-service', ''));
under('arrival',  'wedge:2:arrival',  times_out('not-arrived', ''));
under('worker',   'wedge:2:worker',   times_out('in-worker',  '0 1'));
under('the caller in its own', 'wedge:0:worker', times_out('in-worker', '1 2', 0));
under('finish',   'wedge:2:finish',   times_out('not-let-go', '0 1 2'));
under('previous call', 'wedge:2:finish', times_out('previous-call', ''),
    driver => 'DRIVER=tests/drivers/calls_after_stuck.c');
under('worker, halting', 'wedge:2:worker', times_out('in-worker', '0 1'), words => 'wait=halt');

# Of a call that nobody waits for: who leads it did not ring for it.
under("$_->[0], posted", "wedge:2:$_->[0]\@2", is_told($_->[1]), driver => 'DRIVER=tests/drivers/posted.c')
    for [ entry => 'in-service' ], [ arrival => 'not-arrived' ], [ worker => 'in-worker' ];
under('nobody comes, posted', 'wedge:1:masked wedge:2:masked', is_told('not-asked', 1),
    driver => 'DRIVER=tests/drivers/posted.c');

# The leader itself: the others have more patience with it.
my $leader = launch($driver, 'CPUS=3', 'TIMEOUT=60', 'CMDLINE=timeout_ms=100 inject=pause:0:collect:60000000');
times_out('at-barrier', '', 0)->($leader, 'pause of the leader for ever', '0xc8') || show_run($leader);

# One that comes back in time: later than the watchdog's questions, earlier than its end.
under("$_ for a while", "wedge:2:$_:600", \&goes_well) for qw(masked priority entry worker finish);

# --- faults ---

under('page', 'fault:2:page', faults(code => '0xa', p1 => '0x700000001000', p2 => '0xe', p3 => '0x1', p4 => $address));
under('protection', 'fault:2:protection', faults(code => '0x1e', p1 => '0xffffffffc0000005', p2 => $address));
under('opcode', 'fault:2:opcode', faults(code => '0x1e', p1 => '0xffffffffc000001d', p2 => $address));
under('divide', 'fault:2:divide', faults(code => '0x7f', p1 => '0x0'));
under('stack',  'fault:2:stack',  faults(code => '0x7f', p1 => '0x8'));
under('double', 'fault:2:double', faults(code => '0x7f', p1 => '0x8'));
under('an unmaskable interrupt that nobody sent', 'fault:2:nmi', faults(code => '0x80'));

# --- pauses and storms ---

under("pause at $_", "pause:2:$_:20000", \&goes_well) for qw(entry arrival worker finish);
under('pause of the leader', 'pause:0:collect:20000', \&goes_well);

# Thousands of unmaskable interrupts in the middle of calls, each answered and returned from.
for my $target (0, 2) {
    my $run = launch('TEST=storm', 'CPUS=3', 'TIMEOUT=60', "CMDLINE=inject=storm:$target:1000000");
    my $strikes = (fields({ lines => [ grep { /strikes=/ } @{ $run->{lines} } ] }, 'inject') // {})->{strikes} // 0;
    cmp_ok($strikes, '>', 1000, "a storm on processor $target: answered and returned from");
    report_tap(read_tap(@{ $run->{lines} }), "a storm on processor $target");
    verdict_is($run, 'ok', 0, "a storm on processor $target: verdict") || show_run($run);
}

# --- machine checks, by QEMU's monitor ---

# An uncorrected error whose context is lost: VAL, UC, EN and PCC; MCIP.
my $error = '1 0xb200000000000000 0x4 0 0';

build_image();
for my $case ([ 'of one', "mce 2 $error", qr/2/ ], [ 'of all', "mce -b 2 $error", qr/[012]/ ]) {
    my ($name, $command, $processor) = @$case;
    my $machine = start_kernel(
        name => "machine check $name", cpus => 3,
        words => 'bugcheck=halt timeout_ms=600000 inject=wedge:2:masked');
    await($machine, qr/^inject armed=wedge:2:masked/m);
    my @cr4 = monitor($machine, 'info registers -a') =~ /\bCR4=([0-9a-f]+)/g;
    is(join(' ', map { hex() >> 6 & 1 } @cr4), '1 1 1', "machine check $name: CR4.MCE is on everywhere");
    monitor($machine, $command);
    my $said = await($machine, qr/^verdict /m);
    like($said, qr/^bugcheck code=0x9c name=MACHINE_CHECK_EXCEPTION .* processor=$processor$/m,
        "machine check $name: the bug check line names the processor") || diag($said);
    is(scalar(() = $said =~ /^bugcheck /mg), 1, "machine check $name: one report");
    like($said, qr/^verdict status=bugcheck exit=2$/m, "machine check $name: verdict");
    stop_machine($machine);
}

# --- words that make no sense ---

my $run = launch('CPUS=2', 'TIMEOUT=60',
    'CMDLINE=' . join ' ', map { "inject=$_" } qw(squall:1 wedge:1:mask drop:1:0 drop:5:1 wedge:0:masked pause:1:worker:1));
my $said = $run->{output};
like($said, qr/^command line: inject=squall:1: expected drop\|delay\|.*: ignored$/m, 'an unknown kind');
like($said, qr/^command line: inject=wedge:1:mask: expected wedge:K:masked\|priority\|.*: ignored$/m, 'an unknown place');
like($said, qr/^command line: inject=drop:1:0: expected drop\[-wake\]:K:N: ignored$/m, 'a number that is none');
like($said, qr/^inject=drop:5:1: there is no such processor online: ignored$/m, 'an unknown processor');
like($said, qr/^inject=wedge:0:masked: .*: ignored$/m, 'a processor that cannot wait for itself');
has_fields($run, 'inject', { armed => 'pause:1:worker:1' }, 'what is right is armed');
verdict_is($run, 'ok', 0, 'and the run goes on');

$run = launch('CPUS=2', 'TIMEOUT=60', 'CMDLINE=' . join ' ', ('inject=drop:1:99') x 9);
is((grep { /^command line: inject=drop:1:99: expected no more than 8 of them: ignored$/ } @{ $run->{lines} }),
    1, 'the ninth rule is refused');
is((grep { $_ eq 'inject rule=drop:1:99 strikes=0' } @{ $run->{lines} }), 8, 'the others tell that they never struck');

done_testing();

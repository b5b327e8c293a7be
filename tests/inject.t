# SPDX-License-Identifier: MIT
# Every fault that can be injected (docs/faults.md), and its result: the exact bug check and the watchdog's verdict,
# or a call that goes as if nothing had happened. All of them run on QEMU and five on Bochs; with MATRIX=full
# (make test-full), all run on both.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Monitor;
use Muster;
use Test::More;

my $address = qr/^0x[0-9a-f]{6,16}$/;
my $driver  = 'DRIVER=tests/drivers/prints_from_worker.c';
my $thrice  = 'DRIVER=tests/drivers/calls_thrice.c';
my @everywhere = ('drop all', 'masked', 'priority', 'worker', 'opcode'); # in make test, on Bochs too
my $doorbell = '0xe1'; # the vector
my $ms       = 1_000_000;

# --- what is run ---

my $bochs_is_here = grep { -x "$_/bochs" } split /:/, $ENV{PATH};
my $full          = ($ENV{MATRIX} // '') eq 'full';
my @used; # every rule that was tried

# The engines on which a case runs, each with its settings and the patience there for timeout_ms=400.
sub engines_for {
    my ($name) = @_;
    my @engines = ([ 'TCG', [ 'TIMEOUT=60' ], 800 ]);
    if ($full || grep { $_ eq $name } @everywhere) {
        push @engines, [ 'Bochs', [qw(ACCEL=bochs BOOT=bios TIMEOUT=200)], 400 ];
    }
    return @engines;
}

# Runs the driver under `rules` and calls `check` with the run, the name, the patience and the rules. "WHILE" in
# a rule stands for a time in ms at which the watchdog has asked, but has not yet given up.
sub under {
    my ($name, $rules, $check, %option) = @_;
    for my $engine (engines_for($name)) {
        my ($engine_name, $settings, $patience) = @$engine;
    SKIP: {
            skip "there is no bochs here: $name", 1 if $engine_name eq 'Bochs' && !$bochs_is_here;
            my @rules = split / /, $rules =~ s/WHILE/$patience * 3 \/ 4/er;
            my $words = join ' ', 'timeout_ms=400 trace=2', map({ "inject=$_" } @rules), $option{words} // ();
            my $run = launch($option{driver} // $driver, 'CPUS=3', @$settings, "CMDLINE=$words");
            push @used, @rules;
            subtest "$name on $engine_name" => sub { $check->($run, $name, $patience, @rules) } or show_run($run);
        }
    }
    return;
}

# --- what the console says ---

# The processors whose routine has run to its end.
sub ran {
    my ($run) = @_;
    return join ' ', sort map { /^\w+: (?:hello from|call [1-3] on) processor ([0-9]+)$/ ? $1 : () } @{ $run->{lines} };
}

# The events of a processor in the flight recorder: [name, value, ns].
sub events {
    my ($run, $processor) = @_;
    return map { [ /^(\w+)=(.*)@(\d+)$/ ] } map { split ' ', s/^trace processor=\d+ //r }
        grep { /^trace processor=$processor / } @{ $run->{lines} };
}

sub events_named {
    my ($name, @events) = @_;
    return grep { $_->[0] eq $name } @events;
}

# A processor's row in the table of the driver's latest call: arrived, started and finished, in ns.
sub moments {
    my ($run, $processor) = @_;
    my ($row) = $run->{output} =~ /^ +$processor +\d+ +14 +(\d+ +\d+ +\d+)  /m;
    my %moments;
    @moments{qw(arrived started finished)} = split ' ', $row // '0 0 0';
    return \%moments;
}

# What the watchdog says about one processor after the bug check line: the fields, the sentence, the state of its
# APIC. (Verdicts on an earlier call, of which the caller got a status, stand before that line.)
sub watchdog_says {
    my ($run, $processor) = @_;
    my $report = $run->{output} =~ s/\A.*?(?=^bugcheck )//msr;
    my ($line, $sentence, $rest) = $report =~ /^(watchdog processor=$processor .*)\n(.*)\n(.*)$/m
        or return ({}, '', {});
    my %apic;
    @apic{qw(irql if ppr irr isr)} =
        $rest =~ /^  IRQL (\d+), IF ([01]), PPR class (\d+), ESR 0, IRR (.*), ISR (.*)$/;
    return ({ $line =~ /(\S+?)=(\S*)/g }, $sentence, \%apic);
}

# --- the expected results ---

sub one_report {
    my ($run) = @_;
    is((grep { /^bugcheck / } @{ $run->{lines} }), 1, 'one report');
    like($run->{output}, qr/^frozen [12] of 2 others/m, 'the others are frozen, as far as they can be');
    return verdict_is($run, 'bugcheck', 2, 'verdict');
}

my $climbs = 0; # cases in which the watchdog has rung again

# The processors that were rung again, by the flight recorder, are exactly those reported to go on, with the right
# time. Returns how often processor 2 was rung again.
sub says_which_go_on {
    my ($run) = @_;
    my @events = events($run, 0);
    my %rung;
    push @{ $rung{ $_->[1] } }, $_->[2] for events_named('resent', @events);
    my ($over) = map { $_->[2] } reverse events_named('done', @events);
    my %after  = $run->{output} =~ /^processor (\d+) goes on, (\d+) ms after it was first rung again$/mg;
    is(join(' ', sort keys %after), join(' ', sort keys %rung), 'those that were rung again are reported to go on');
    for my $processor (grep { defined $after{$_} } sort keys %rung) {
        my ($first, $last) = @{ $rung{$processor} }[ 0, -1 ];
        my ($least, $most) = (($last - $first) / $ms - 1, ($over - $first) / $ms + 1);
        ok($after{$processor} >= $least && $after{$processor} <= $most, "processor $processor: after how long");
    }
    $climbs++ if %rung;
    return scalar @{ $rung{2} // [] };
}

# A call that goes as if nothing had happened: exactly once on each processor. Options: strikes => {RULE => how many}
# (default: some); rung => the least number of times that processor 2 was rung again; slow => sub that returns the
# time in ns, or the count, that shows the effect of the rule, and least => its least value; calls => how many.
sub goes_well {
    my (%option) = @_;
    return sub {
        my ($run, $name, $patience, @rules) = @_;
        my $calls = $option{calls} // 1;
        has_fields($run, 'call',
            { calls => $calls, processors => 3, ran => 3, irql => 14, returned => '0x3', status => 'ok' }, 'the call');
        is(ran($run), join(' ', map { ($_) x $calls } 0 .. 2), 'exactly once on each processor');
        for my $rule (@rules) {
            my ($strikes) = $run->{output} =~ /^inject rule=\Q$rule\E strikes=(\d+)$/m;
            like($strikes, $option{strikes}{$rule} // qr/^[1-9]/, "$rule has struck");
        }
        cmp_ok(says_which_go_on($run), '>=', $option{rung} // 0, 'processor 2 was rung again');
        cmp_ok($option{slow}->($run), '>=', $option{least}, 'it took as long as it must') if $option{slow};
        return verdict_is($run, 'ok', 0, 'verdict');
    };
}

# Each verdict: where the processor is, the sentence, and what its APIC must show.
my %verdicts = (
    'never-delivered' => [ qr/^\w/, 'doorbell never delivered',
        sub { $_->{if} == 1 && $_->{irql} == 0 && $_->{irr} !~ /$doorbell/ && $_->{isr} !~ /$doorbell/ } ],
    'masked' => [ qr/^injected_hang/, 'doorbell pending, interrupts off (IF=0)',
        sub { $_->{if} == 0 && $_->{irr} =~ /$doorbell/ && $_->{isr} !~ /$doorbell/ } ],
    'priority' => [ qr/^injected_hang/, 'doorbell pending, held by priority (TPR/PPR)',
        sub { $_->{if} == 1 && $_->{irql} == 15 && $_->{ppr} == 15 && $_->{irr} =~ /$doorbell/ } ],
    'no-answer'  => [ qr/^-$/, 'no answer to NMI (dead)', sub { !defined $_->{irql} } ],
    'in-service' => [ qr/^injected_hang/, 'doorbell in service, EOI missing', sub { $_->{isr} =~ /$doorbell/ } ],
    'not-arrived' => [ qr/^injected_hang/, 'doorbell taken, but not arrived in time',
        sub { $_->{irql} == 14 && $_->{isr} !~ /$doorbell/ } ],
    'in-worker'  => [ qr/^injected_hang/, 'in the worker print_number',            sub { $_->{irql} == 14 } ],
    'not-let-go' => [ qr/^injected_hang/, 'has finished its worker, but has not left the call',
        sub { $_->{irql} == 14 } ],
    'at-barrier'    => [ qr/^injected_hang/, 'at a barrier of the call', sub { $_->{irql} == 14 } ],
    'previous-call' => [ qr/^injected_hang/, 'in a previous call nothing', sub { $_->{irql} == 14 } ],
);

# Bug check 0x101 for `culprit` (default: 2) with this verdict. `ran` are the processors that have run their routine,
# `worker` is the worker in the verdict.
sub times_out {
    my ($verdict, $ran, %option) = @_;
    my $culprit = $option{culprit} // 2;
    return sub {
        my ($run, $name, $patience) = @_;
        has_fields($run, 'bugcheck', {
            code => '0x101', p1 => sprintf('%#x', $patience), p2 => '0x0', p3 => $address, p4 => "0x$culprit",
            processor => $culprit
        }, 'the bug check line');
        my ($says, $sentence, $apic) = watchdog_says($run, $culprit);
        my ($at, $text, $proof) = @{ $verdicts{$verdict} };
        my $call = (map { $_->[1] } events_named('sent', events($run, 0)))[-1] // 'none';
        is($says->{verdict}, $verdict, 'the verdict');
        is($says->{worker}, $option{worker} // '-', 'the worker');
        is($says->{call}, $call, 'the call');
        like($says->{at}, $option{at} // $at, 'where it is');
        is($sentence, "  processor $culprit: $text" . ($says->{at} eq '-' ? '' : ", at $says->{at}"), 'the sentence');
        ok((grep { $proof->() } $apic), 'the state of its APIC');
        unlike($run->{output}, qr/^processor $culprit goes on/m, 'it is not reported to go on');
        is((grep { /^watchdog processor=/ } @{ $run->{lines} }), $option{verdicts} // 1, 'no other verdict');
        is(ran($run), $ran, $ran eq '' ? 'no routine ran' : "the routine ran on $ran");
        one_report($run);
    };
}

# No bug check, but the watchdog's verdict on `culprit` (default: 2).
sub is_reported {
    my ($verdict, $culprit) = (@_, 2);
    return sub {
        my ($run) = @_;
        has_fields($run, 'watchdog', { processor => $culprit, verdict => $verdict }, "the watchdog's verdict");
        like($run->{output}, qr/^posted: first (?:ok|absent), second (?:absent|stuck)$/m, 'the status is right');
        unlike($run->{output}, qr/^bugcheck /m, 'and the system goes on');
    };
}

# The bug check for a fault in the routine on processor 2; `at` is the instruction and the exception's name.
sub faults {
    my ($at, %fields) = @_;
    return sub {
        my ($run) = @_;
        has_fields($run, 'bugcheck', { processor => 2, p2 => '0x0', p3 => '0x0', p4 => '0x0', %fields },
            'the bug check line');
        like($run->{output}, qr/^stopped by processor 2, in the worker (?:print_number|tell_call), at $at$/m,
            'the worker, the instruction and the fault');
        one_report($run);
    };
}

# --- doorbells ---

my $arrived = sub { moments($_[0], 2)->{arrived} };
under('drop one', 'drop:2:1',   goes_well(rung => 1));
under('drop two', 'drop:2:1-2', goes_well(rung => 2, strikes => { 'drop:2:1-2' => qr/^2$/ }));
under('drop all', 'drop:2:*',   times_out('never-delivered', ''));
under('delay',    'delay:2:1:20000', goes_well(slow => $arrived, least => 20 * $ms));
under('duplicate', 'duplicate:2:1:0', goes_well());
under('misdirect', 'misdirect:2:1:1', goes_well(rung => 1));
under('drop, halting', 'drop:2:1', goes_well(rung => 1), words => 'wait=halt');

# The number of doorbells that the processor has taken since the latest call was sent.
sub doorbells {
    my ($run, $processor) = @_;
    my ($sent) = map { $_->[2] } reverse events_named('sent', events($run, 0));
    return scalar grep { $_->[2] > $sent } events_named('interrupt', events($run, $processor));
}
under('duplicate later', 'duplicate:2:1:20000 pause:1:worker:40000',
    goes_well(slow => sub { doorbells($_[0], 2) }, least => 2));
under('misdirect to the sender', 'misdirect:2:1:0',
    goes_well(rung => 1, slow => sub { doorbells($_[0], 0) }, least => 1));

# The leader is held up until the others have halted, and its wake for processor 1 goes astray. Then the alarm ends
# the halt, an eighth of the patience after its beginning.
my $woken = sub { moments($_[0], 1)->{started} };
my $sleep = 'pause:0:collect:60000';
for my $case (
    [ 'drop-wake:1:*',            100 ],
    [ 'misdirect-wake:1:*:2',     100 ],
    [ 'delay-wake:1:*:30000',     90 ],
    [ 'duplicate-wake:1:*:30000', 60 ])
{
    my ($rule, $least) = @$case;
    under($rule =~ s/:.*//r, "$rule $sleep", goes_well(slow => $woken, least => $least * $ms), words => 'wait=halt');
}

# --- wedges ---

my @named = (worker => 'print_number');
under('masked',   'wedge:2:masked',   times_out('masked',      ''));
under('priority', 'wedge:2:priority', times_out('priority',    ''));
under('nmi',      'wedge:2:nmi',      times_out('no-answer',   ''));
under('entry',    'wedge:2:entry',    times_out('in-service',  ''));
under('arrival',  'wedge:2:arrival',  times_out('not-arrived', ''));
under('worker',   'wedge:2:worker',   times_out('in-worker',   '0 1', @named));
under('finish',   'wedge:2:finish',   times_out('not-let-go',  '0 1 2'));
under('the caller in its own', 'wedge:0:worker', times_out('in-worker', '1 2', @named, culprit => 0));
under('the caller in its own, masked', 'pause:0:worker:600000000', times_out('in-worker', '1 2', @named, culprit => 0));
under('previous call', 'wedge:2:finish', times_out('previous-call', '', worker => 'nothing', verdicts => 2),
    driver => 'DRIVER=tests/drivers/calls_after_stuck.c');
under('worker, halting', 'wedge:2:worker', times_out('in-worker', '0 1', @named), words => 'wait=halt');
under('arrival, the second', 'wedge:2:arrival@2', times_out('not-arrived', '0 1 2'), driver => $thrice);

# Not asked, since the call's own deadline passes while its leader itself is held up. The system goes on.
under('not asked', 'wedge:2:masked pause:0:collect:20000', sub {
    my ($run) = @_;
    has_fields($run, 'watchdog', { processor => 2, verdict => 'not-asked', worker => '-', at => '-' }, 'the verdict');
    like($run->{output}, qr/^  processor 2: did not arrive, and there was no time to ask why$/m, 'the sentence');
    verdict_is($run, 'ok', 0, 'verdict');
}, driver => 'DRIVER=tests/drivers/gives_up_early.c');

# The call has a deadline of its own, which is shorter than a halt: the leader wakes in time to ask.
under('asked, halting', 'drop:2:*', sub {
    my ($run) = @_;
    has_fields($run, 'watchdog', { processor => 2, verdict => 'never-delivered', worker => '-' }, 'the verdict');
    cmp_ok(scalar(events_named('resent', events($run, 0))), '>=', 2, 'rung again');
    verdict_is($run, 'ok', 0, 'verdict');
}, driver => 'DRIVER=tests/drivers/gives_up.c', words => 'wait=halt timeout_ms=20000');

# A call that nobody waits for: its leader is not the processor that rang.
under("$_->[0], posted", "wedge:2:$_->[0]\@2", is_reported($_->[1]), driver => 'DRIVER=tests/drivers/posted.c')
    for [ entry => 'in-service' ], [ arrival => 'not-arrived' ], [ worker => 'in-worker' ];
under('nobody comes, posted', 'wedge:1:masked wedge:2:masked', sub {
    my ($run) = @_;
    is_reported('not-asked', 1)->($run);
    like($run->{output}, qr/^trace processor=0 sent=\d+\@\d+ withdrawn=/m, 'the recorder shows the withdrawal');
}, driver => 'DRIVER=tests/drivers/posted.c');

# The leader itself is silent: the others wait longer for it.
my $leader = launch($driver, 'CPUS=3', 'TIMEOUT=60', 'CMDLINE=timeout_ms=100 inject=pause:0:collect:60000000');
subtest 'pause of the leader for ever' =>
    sub { times_out('at-barrier', '', culprit => 0)->($leader, 'pause of the leader for ever', 200) }
    or show_run($leader);

# A processor that comes back in time: after the watchdog's questions, before the deadline.
under("$_ for a while", "wedge:2:$_:WHILE", goes_well())
    for qw(masked priority nmi entry arrival worker finish);
cmp_ok($climbs, '>=', 5, 'some late processors are reported to go on');

# --- faults ---

my $raised = qr/arch_raise_fault\+0x[0-9a-f]+/;
under('page', 'fault:2:page',
    faults(qr/$raised: page fault/, code => '0xa', p1 => '0x700000001000', p2 => '0xe', p3 => '0x1', p4 => $address));
under('protection', 'fault:2:protection', faults(qr/$raised: general protection/,
    code => '0x1e', p1 => '0xffffffffc0000005', p2 => $address, p4 => '0xffffffffffffffff'));
under('opcode', 'fault:2:opcode',
    faults(qr/$raised: invalid opcode/, code => '0x1e', p1 => '0xffffffffc000001d', p2 => $address));
under('divide', 'fault:2:divide', faults(qr/$raised: divide error/, code => '0x7f', p1 => '0x0'));
under('stack',  'fault:2:stack',  faults(qr/overflow_stack\S*: double fault/, code => '0x7f', p1 => '0x8'));
under('double', 'fault:2:double', faults(qr/$raised: double fault/, code => '0x7f', p1 => '0x8'));
under('an unmaskable interrupt that nobody sent', 'fault:2:nmi', faults(qr/\S+: NMI/, code => '0x80', p1 => '0x0'));
under('divide, the third time', 'fault:2:divide@3', sub {
    faults(qr/$raised: divide error/, code => '0x7f', p1 => '0x0')->(@_);
    like(ran($_[0]), qr/^0 0 0? ?1 1 1? ?2 2$/, 'twice it went well');
}, driver => $thrice);

# --- pauses and storms ---

my %pause = (
    entry   => $arrived,
    arrival => $arrived,
    worker  => sub { moments($_[0], 2)->{finished} - moments($_[0], 2)->{started} },
    finish  => sub { fields($_[0], 'call')->{round_trip_ns} - moments($_[0], 2)->{finished} },
);
under("pause at $_", "pause:2:$_:20000", goes_well(slow => $pause{$_}, least => 20 * $ms))
    for qw(entry arrival worker finish);
under('pause of the leader', 'pause:0:collect:20000',
    goes_well(slow => sub { moments($_[0], 0)->{started} - moments($_[0], 0)->{arrived} }, least => 20 * $ms));
under('pauses, the second and the third', 'pause:2:finish@2-3:20000',
    goes_well(calls => 3, strikes => { 'pause:2:finish@2-3:20000' => qr/^2$/ }), driver => $thrice);

# Thousands of unmaskable interrupts in the middle of calls: each is answered, and its handler returns.
for my $engine (engines_for('storm')) {
    my ($engine_name, $settings) = @$engine;
    for my $target (0, 2) {
    SKIP: {
            my $name = "a storm on processor $target on $engine_name";
            my $rule = "storm:$target:1000000";
            push @used, $rule;
            skip "there is no bochs here: $name", 1 if $engine_name eq 'Bochs' && !$bochs_is_here;
            my $run = launch('TEST=storm', 'CPUS=3', @$settings, "CMDLINE=inject=$rule");
            my ($strikes) = $run->{output} =~ /^inject rule=\Q$rule\E strikes=(\d+)$/m;
            cmp_ok($strikes // 0, '>', 1000, "$name: the interrupts were answered");
            report_tap(read_tap(@{ $run->{lines} }), $name);
            verdict_is($run, 'ok', 0, "$name: verdict") || show_run($run);
        }
    }
}

# --- machine checks, from QEMU's monitor ---

# An uncorrected error with a lost context: VAL, UC, EN and PCC; MCIP.
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

# --- the grammar ---

# The kernel's complaints contain the form of each kind of rule. By these forms, every kind, place, fault and point
# was tried above, with a number and with a time where these are allowed.
my @forms = contents(root() . '/kernel/inject/rule.c') =~ /\{ "\w+", "([^"]+)",/g;
cmp_ok(scalar @forms, '>=', 8, 'the forms of the rules are found');
for my $form (@forms) {
    my ($kind, $wake, $words, $number, $time) = $form =~ /^(\w+)(\[-wake\])?:K:([^:\[]+)(\[\@N\])?(\[:MS\])?/;
    my @wanted = map { qr/^\Q$kind$_\E:/ } '', $wake ? '-wake' : ();
    if ($words =~ /\|/) {
        push @wanted, map { (qr/^$kind:\d:$_\b/, $time ? qr/^$kind:\d:$_(?:\@\d)?:\d+$/ : ()) } split /\|/, $words;
        push @wanted, qr/^$kind:\d:\w+\@\d/ if $number;
    }
    for my $wanted (@wanted) {
        ok((grep { $_ =~ $wanted } @used), "there is a case of $wanted") || diag("form: $form");
    }
}

# --- rules that are refused ---

# A run that ends without the driver: before the processors are started, or after that.
sub refuses {
    my ($name, $said, $before_start, @words) = @_;
    my $run = launch('CPUS=2', 'TIMEOUT=60', 'CMDLINE=' . join ' ', @words);
    is((grep { $_ =~ $said } @{ $run->{lines} }), 1, "$name: one line says why") || show_run($run);
    is((grep { /: refused$/ } @{ $run->{lines} }), 1, "$name: and no other") || show_run($run);
    my @started = grep { /^smp / } @{ $run->{lines} };
    is(scalar @started, $before_start ? 0 : 1, "$name: how far the run came");
    is((grep { /^driver |^call / } @{ $run->{lines} }), 0, "$name: the driver does not run") || show_run($run);
    verdict_is($run, 'failed', 1, "$name: verdict");
    return;
}

my $reads = qr/^command line: inject=/;
refuses('an unknown kind',  qr/${reads}squall:1: expected drop\|delay\|.*: refused$/, 1, 'inject=squall:1');
refuses('an unknown place', qr/${reads}wedge:1:mask: expected wedge:K:masked\|priority\|.*: refused$/, 1,
    'inject=wedge:1:mask', 'inject=pause:1:worker:1');
refuses('a number that is none', qr/${reads}drop:1:0: expected drop\[-wake\]:K:N: refused$/, 1, 'inject=drop:1:0');
refuses('a rule that is too long', qr/^command line: option 'inject=w{25}\.\.\.' is too long: refused$/, 1,
    'inject=' . 'w' x 80);
refuses('the ninth rule', qr/${reads}drop:1:99: expected no more than 8 rules: refused$/, 1,
    ('inject=drop:1:99') x 9);
refuses('a processor that is not online',
    qr/^inject=drop:5:1: it is about a processor that is not online: refused$/, 0,
    'inject=pause:1:worker:1', 'inject=drop:5:1');
refuses('a processor that cannot wait for itself',
    qr/^inject=wedge:0:masked: processor 0, which arms it, cannot wait for itself: refused$/, 0,
    'inject=wedge:0:masked');
refuses('a processor that is wedged already',
    qr/^inject=wedge:1:priority: another rule has wedged that processor: refused$/, 0,
    'inject=wedge:1:masked', 'inject=wedge:1:priority');

my $run = launch('CPUS=2', 'TIMEOUT=60', 'CMDLINE=' . join ' ', ('inject=drop:1:99') x 8);
has_fields($run, 'inject', { armed => join ',', ('drop:1:99') x 8 }, 'eight rules are armed');
is((grep { $_ eq 'inject rule=drop:1:99 strikes=0' } @{ $run->{lines} }), 8, 'each reports that it never struck');
verdict_is($run, 'ok', 0, 'and the run goes well');

done_testing();

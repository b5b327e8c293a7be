# SPDX-License-Identifier: MIT
# The bug check itself: its report, the callbacks that drivers register, faults during the report, and how it ends.
# faults.t and drivers.t test which fault ends in which bug check.

use strict;
use warnings;
no warnings 'portable'; # addresses have 64 bits

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $bochs = grep { -x "$_/bochs" } split /:/, $ENV{PATH};

sub run_driver {
    my ($name, @words) = @_;
    return launch("DRIVER=tests/drivers/$name.c", 'TIMEOUT=100', @words);
}

# The report of a run, from its first line on.
sub report {
    my ($run) = @_;
    my ($report) = $run->{output} =~ /^(bugcheck .*)/ms;
    return $report // '';
}

sub says {
    my ($run, $pattern, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return like(report($run), $pattern, $name) || show_run($run);
}

sub never_says {
    my ($run, $pattern, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return unlike($run->{output}, $pattern, $name) || show_run($run);
}

# One test: a bug check with this code, reported once, with the verdict of a bug check.
sub stops_with {
    my ($run, $code, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @lines = grep { /^bugcheck / } @{ $run->{lines} };
    my $good = @lines == 1 && $lines[0] =~ /^bugcheck code=\Q$code\E / && $run->{exit} == 2
        && $run->{lines}[-1] eq 'verdict status=bugcheck exit=2';
    return ok($good, $name) || show_run($run);
}

# --- the codes ---

my $header = contents(root() . '/include/bugcodes.h');
my $source = contents(root() . '/kernel/stop/report.c');
my @codes  = $header =~ /^#define (\w+) +\(\(ULONG\)/mg;
cmp_ok(scalar @codes, '>', 20, 'bugcodes.h has codes');
is_deeply([ grep { $source !~ /\bCODE\($_\)/ } @codes ], [], 'each has its name in the report');

# Each code that the kernel raises has a sentence. Each of these codes, and each verdict of the watchdog, has its
# entry in the page for people, and the page has no other entries.
my $page   = contents(root() . '/docs/bugchecks.md');
my @raised = contents(root() . '/kernel/upcall.h') =~ /^ +BUGCHECK_(\w+ = 0x[0-9a-f]+),/mg;
my @explained = contents(root() . '/kernel/stop/meaning.c') =~ /^ +\{ BUGCHECK_(\w+), say_/mg;
my @words = contents(root() . '/kernel/silence/verdict.c') =~ /^ +\[VERDICT_\w+\] =\s+\{ "([a-z-]+)",/mg;
my ($codes_part, $verdicts_part) = $page =~ /^## Codes\n(.*)^## Watchdog verdicts\n(.*)/ms;
cmp_ok(scalar @raised, '>', 10, 'the kernel raises codes of its own');
cmp_ok(scalar @words,  '>', 10, 'the watchdog has verdicts');
is_deeply([ sort @explained ], [ sort map { s/ = .*//r } @raised ], 'each has a sentence');
is_deeply(
    [ sort map { /(\w+) (\w+)/ ? "$2 = $1" : $_ } $codes_part =~ /^### (.*)$/mg ],
    [ sort @raised ],
    'each has its entry in docs/bugchecks.md, and there is no other'
);
is_deeply([ sort $verdicts_part =~ /^### (.*)$/mg ], [ sort @words ], 'so does each verdict');
my @entries    = $page =~ /^### (.*?)(?=^###? |\z)/msg;
my @incomplete = grep { join(' ', /^- ([^:]+): \S/mg) !~ /^(Means Usual cause Next step ?)+$/ } @entries;
is_deeply([ map { s/\n.*//sr } @incomplete ], [], 'and has a meaning, a usual cause and a next step');

# --- who, where, what: B1, B2, B5, B6, B7 ---

my $run = run_driver('divide_by_zero', 'CPUS=4');
says($run, qr/^stopped by processor 3, in the worker \w+, at divide\+0x[0-9a-f]+: divide error$/m,
    'B5: one sentence names the processor, the worker, the instruction and the exception');
says($run, qr/^frozen 3 of 3 others$/m, 'and the others are counted');

$run = run_driver('page_fault', 'CPUS=1');
says($run, qr/^stopped by processor 0, in the worker \w+, at \w+\+0x[0-9a-f]+: page fault$/m,
    'B5: also on one processor');
never_says($run, qr/^frozen/m, 'where there is no processor to freeze');

# tests/host/meaning_test.c has a sentence for every code and condition. These runs show that the parameters are those
# that the sentences expect, and that addresses have their symbols.
my $misuse = 'misuse\+0x[0-9a-f]+';
for my $case (
    [ call_at_ipi_level => "$misuse asked for a call of \\w+ at IRQL 14: it must be below IPI_LEVEL" ],
    [ nested_call       => 'outer\+0x[0-9a-f]+ asked for a call of nothing at IRQL 14: .*, and not inside a worker' ],
    [ nested_after_lowering => '\w+\+0x[0-9a-f]+ asked for a call of \w+ inside a worker: calls do not nest' ],
    [ leaves_at_clock_level => 'leave_at_clock_level returned at IRQL 13 instead of 14' ],
    [ null_routine          => "$misuse called KeIpiGenericCall without a routine: it is NULL" ],
    [ noncanonical_routine  => "$misuse called KeIpiGenericCall with 0x[0-9a-f]+ as its routine: no code can" ],
    [ raise_irql            => "$misuse asked to raise the IRQL from 2 to 1: KeRaiseIrql .* cannot lower it" ],
    [ raise_above_high      => "$misuse asked to raise the IRQL from 0 to 16: the highest is 15" ],
    [ lower_irql            => "$misuse asked to lower the IRQL from 0 to 2: KeLowerIrql .* cannot raise it" ],
    [ acquire_above_dispatch => "$misuse asked to raise the IRQL from \\d+ to 2: .*KeAcquireSpinLock cannot lower it" ],
    [ offline_at_dispatch    => "$misuse called processor_offline at IRQL 2: it is allowed at PASSIVE_LEVEL" ],
    [ online_from_routine    => '\w+\+0x[0-9a-f]+ called processor_online .*' ],
    [ page_fault             => '\w+\+0x[0-9a-f]+ wrote to 0x700000001000: no memory is mapped there, or' ],
    [ assertion              => 'an assertion failed at \w+\+0x[0-9a-f]+' ],
    [ divide_by_zero         => 'nothing handles exception 0 \(divide error\), raised at divide\+0x[0-9a-f]+' ],
    [ callbacks_many         => '\w+\+0x[0-9a-f]+ called KeBugCheckEx: code and parameters are its own' ],
    )
{
    my ($name, $sentence) = @$case;
    $run = run_driver($name, 'CPUS=2');
    says($run, qr/^bugcheck .*\nreason: $sentence.*\nstopped by processor /m, "$name: the reason");
}

# --- callbacks ---

for my $engine ([], $bochs ? [ 'ACCEL=bochs', 'BOOT=bios' ] : ()) {
    my $on = @$engine ? 'Bochs' : 'QEMU';
    $run = run_driver('callbacks', 'CPUS=3', @$engine);
    stops_with($run, '0xe2', "$on: callbacks: the bug check");
    is(
        join("\n", grep { /^callback|^callbacks: (?!\d)/ } split /\n/, report($run)),
        <<'END' =~ s/\n\z//r, "$on: callbacks: those that are registered, once each, in order, at HIGH_LEVEL"
callback say_first of "one"
callbacks: first, call 1, processor 2, IRQL 15, IF 0, buffer 20, length 4
callback say_second of "two"
callbacks: second, call 2, processor 2, IRQL 15, IF 0, buffer 300, length 77
callbacks: withdrawn from within: 1, again: 0
END
        )
        || show_run($run);
    like($run->{output}, qr/^callbacks: \d+ checks, 0 failed$/m, "$on: callbacks: registration answers")
        || show_run($run);

    # A callback has a fifth of the patience, which is doubled under a hypervisor: a second.
    $run = run_driver('callbacks_bad', 'CPUS=3', 'CMDLINE=timeout_ms=2500', @$engine);
    bad_callbacks($run, $on);
}
diag('there is no bochs here: callbacks are not called there') if !$bochs;
bad_callbacks(run_driver('callbacks_bad', 'CPUS=1', 'CMDLINE=timeout_ms=2500'), 'one processor');

# Each is reported by name, with the instruction, and the one after it runs.
sub bad_callbacks {
    my ($run, $on) = @_;
    my %reported = (
        fault            => 'page fault, code 0xd1 p1 0x700000001000, at fault\+',
        divide           => 'divide error, code 0x7f p1 0, at divide\+',
        loop             => 'it did not return in time, at loop',
        memory           => 'it did not return in time, at loop_on_memory\+',
        overflow         => 'double fault, code 0x7f p1 0x8, at deeper',
        'overflow-again' => 'double fault, code 0x7f p1 0x8, at deeper',
        halt             => 'it halts the processor, at halt',
        stop             => 'DRIVER_DEFINED, code 0xabcd p1 0x7, at stop_again\+',
        call             => 'IRQL_NOT_LESS_OR_EQUAL, code 0xa p1 0x[0-9a-f]+, at \w+\+',
        lock             => 'it did not return in time, at ',
        escape           => 'it did not return in time, at escape',
        print            => 'it did not return in time, at ',
    );
    stops_with($run, '0xe2', "$on: callbacks_bad: the bug check");
    for my $name (sort keys %reported) {
        says($run,
            qr/^a fault in the bug check itself, while in the callback \w+ of "$name": $reported{$name}.*; going on$/m,
            "$on: callback $name: the fault is reported");
    }
    is((grep { /^a fault in the bug check/ } @{ $run->{lines} }), keys %reported, "$on: and nothing else")
        || show_run($run);
    my @after = map { /^callbacks_bad: after (\d+), IRQL 15$/ ? $1 : () } @{ $run->{lines} };
    is_deeply(\@after, [ 0 .. 14 ], "$on: after each bad callback the next one ran") || show_run($run);
    says($run, qr/^callbacks_bad: not finished, ?$/m, "$on: an unfinished line is printed");
    says($run, qr/^a callback is left out: its record, .*, was overwritten$/m,
        "$on: a record that was overwritten is left out");
    never_says($run, qr/that nobody registered/, "$on: and not called");
    says($run, qr/^callback nowhere of ""$/m, "$on: a name that cannot be read is shown as empty");
}

$run = run_driver('callbacks_reason', 'CPUS=2');
stops_with($run, '0xe2', 'callbacks_reason: the bug check');
is_deeply(
    [ map { /^callback (.*)/ ? $1 : () } @{ $run->{lines} } ],
    [
        'give_small of "small"',
        'add_pages of "pages"',
        'give_unreadable of "unreadable"',
        'add_for_ever of "for-ever"',
        'fault_at_end of "faulty"',
        'write_out of "output"',
        'give_too_much of "much"',
        'give_own of "own"',
        'say_plain of "plain"',
    ],
    'callbacks_reason: in the order of registration, the plain one last'
) || show_run($run);
my $guid = '{01234567-89ab-cdef-0102-0304050607ff}';
says($run, qr/^callbacks_reason: reason 2, length 0, IRQL 15, record 1, room 4096 of 4096
  20 bytes of 20, \Q$guid\E
  0000: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f
  0010: 10 11 12 13$/m, 'KbCallbackSecondaryDumpData: the data is printed under its GUID');
says($run, qr/^  16 bytes of 16, \Q$guid\E\n  0000: aa( 00){14} bb$/m, 'from a buffer of its own, too');
says($run, qr/^  64 bytes of 64, \Q$guid\E\n  0000: cannot be read\ncallback /m,
    'a buffer that cannot be read is reported');
says($run, qr/^  4096 bytes of 5000, \Q$guid\E\n(  0[0-9a-f]{3}:( 00){16}\n){255}  0ff0:( 00){16}\ncallback /m,
    'and one that is too long is cut short');
says($run, qr/^callbacks_reason: pages for code 0xe2
  2 pages at virtual 0xffff800000123000
callbacks_reason: pages for code 0xe2
  3 pages at physical 0x5000$/m, 'KbCallbackAddPages: ranges are asked for one after another');
says($run, qr/^callbacks_reason: 32 ranges asked for$/m, 'but not for ever');
my ($headline) = grep { /^bugcheck / } @{ $run->{lines} };
my $length = length $headline;
says($run, qr/^callbacks_reason: type 1, offset -1, $length bytes \[\Q$headline\E\]$/m,
    'KbCallbackDumpIo: it gets the first line');
says($run, qr/^callbacks_reason: type 4, offset -1, 0 bytes \[\]$/m, 'and the end');
says($run, qr/^a fault in the bug check itself, while in the callback fault_at_end of "faulty": page fault/m,
    'one that faults is reported');
never_says($run, qr/withdrawn, but called/, 'one that was deregistered is not called');

$run = run_driver('callbacks_damaged', 'CPUS=2');
stops_with($run, '0xe2', 'callbacks_damaged: the bug check');
is_deeply(
    [ map { /^callbacks_damaged: (\w+ \d)$/ ? $1 : () } @{ $run->{lines} } ],
    [ 'reason 0', 'reason 1', 'plain 0', 'plain 1' ],
    'callbacks_damaged: those that can be reached are called once'
) || show_run($run);
says($run, qr/^the list of callbacks leads to 0x700000001000, where no record can be: it ends there$/m,
    'and the end of the list is reported');

$run = run_driver('callbacks_many', 'CPUS=2');
stops_with($run, '0xe2', 'callbacks_many: the bug check');
my @addresses = map { /^a fault in .*: page fault, code 0xd1 p1 0x([0-9a-f]+), at fault/ ? hex $1 : () }
    @{ $run->{lines} };
is_deeply(
    [ map { ($_ - 0x700000000000) / 4096 } @addresses ],
    [ 0 .. 511, 513 .. 1024 ],
    'callbacks_many: each is called, in order, and its own fault is reported'
) || show_run($run);

# --- freezing ---

$run = launch('TEST=no_answer', 'CPUS=3', 'TIMEOUT=60');
stops_with($run, '0xe2', 'no_answer: the bug check');
says($run, qr/^frozen 1 of 2 others; no answer from 2$/m, 'no_answer: the one that did not freeze is named');
says($run, qr/^ +2  did not answer within \d+ ms$/m, 'and is in the table');

$run = launch('TEST=no_answer_but_prints', 'CPUS=3', 'TIMEOUT=60');
stops_with($run, '0xe2', 'no_answer_but_prints: the bug check');
says($run, qr/^frozen 2 of 2 others$/m, 'no_answer_but_prints: freezes when it prints');
my ($rest) = report($run) =~ /^frozen (.*)/ms;
unlike($rest // '', qr/still here/, 'and nothing else is printed into the report')
    || show_run($run);

for my $engine ([], $bochs ? [ 'ACCEL=bochs', 'BOOT=bios' ] : ()) {
    my $on = @$engine ? 'Bochs' : 'QEMU';
    $run = launch('TEST=different_codes', 'CPUS=3', 'TIMEOUT=100', @$engine);
    my $line = fields($run, 'bugcheck') // {};
    my $one = $line->{processor} // 'none';
    stops_with($run, "0xe000000$one", "$on: different_codes: one report, the code is the reporter's");
    is($line->{name}, 'DRIVER_DEFINED', "$on: a code that Windows does not have is the driver's");
    says($run, qr/^frozen 2 of 2 others$/m, "$on: and the others froze");
    is_deeply(
        [ map { /^ +([012])  stop_with_own_code < arch_call_worker < run_phase < / ? $1 : () } @{ $run->{lines} } ],
        [ grep { $_ ne $one } 0 .. 2 ],
        "$on: and their callers are shown"
    ) || show_run($run);
}

# --- faults in the report ---

$run = launch('TEST=damaged_processors', 'CPUS=4', 'TIMEOUT=60');
stops_with($run, '0xe2', 'damaged_processors: the bug check');
# Freezing and the log do not use the structures of the processors.
is_deeply(
    [ map { /^a fault in the bug check itself, while (.*): general protection, code 0x1e .*; going on$/ ? $1 : () }
            @{ $run->{lines} } ],
    [ 'printing the table of processors', 'printing the last events' ],
    'damaged_processors: each fault is reported once'
) || show_run($run);
says($run, qr/^frozen 3 of 3 others$/m, 'the others were frozen all the same');
is_deeply([ map { /^ +(\d) +\d+ +[01]  - / ? $1 : () } @{ $run->{lines} } ], [ 0, 2, 3 ],
    'and are in the table, except one') || show_run($run);

# The others cannot be frozen. They must only not disturb the report and the end.
$run = launch('TEST=no_controller', 'CPUS=3', 'TIMEOUT=60');
stops_with($run, '0xe2', 'no_controller: the bug check');
is_deeply(
    [ map { /^a fault in the bug check itself, while (.*): general protection, / ? $1 : () } @{ $run->{lines} } ],
    [ 'looking at the processor that stopped', 'freezing the other processors' ],
    'no_controller: each fault is reported'
) || show_run($run);
says($run, qr/^stopped by processor 0 at no_controller\+0x[0-9a-f]+\nfrozen 0 of 2 others; no answer from 1 2$/m,
    'so are the place, and that no processor froze');

$run = launch('TEST=damaged_late', 'CPUS=4', 'TIMEOUT=60');
stops_with($run, '0xe2', 'damaged_late: the bug check');
says($run, qr/^the list of processors is damaged now$/m, 'damaged_late: the list was damaged');

$run = launch('TEST=corrupt_frame', 'CPUS=2', 'TIMEOUT=60');
stops_with($run, '0x1e', 'corrupt_frame: the bug check');
says($run, qr/^backtrace:\n  0x[0-9a-f]+ corrupt_frame\+0x[0-9a-f]+\n  processor /m,
    'corrupt_frame: the backtrace ends at the bad frame pointer');
never_says($run, qr/^a fault in/m, 'corrupt_frame: without a fault');

$run = launch('TEST=frozen_in_registration', 'CPUS=3', 'TIMEOUT=60');
stops_with($run, '0xe2', 'frozen_in_registration: the bug check');
says($run, qr/^registered: 1, again: 0, deregistered: 1$/m,
    'frozen_in_registration: no callback waits for a lock that a frozen processor holds');
never_says($run, qr/^called although/m, 'and what was deregistered is not called');

$run = launch('TEST=interrupted_reporter', 'CPUS=2', 'TIMEOUT=60');
stops_with($run, '0xe2', 'interrupted_reporter: the bug check');
says($run, qr/^interrupted, and still here at IRQL 15$/m, 'interrupted_reporter: an NMI changes nothing');

# --- the end ---

# QEMU's exit status: 5 is from the exit port, 0 from a reset; 124 means that it did not end before the time limit.
my ($command) = @{ launch('CPUS=2', 'DRIVER=tests/drivers/divide_by_zero.c', 'PRINT=1')->{lines} };
for my $case ([ exit => 5, 60 ], [ reset => 0, 60 ], [ halt => 124, 10 ]) {
    my ($end, $status, $limit) = @$case;
    $run = run_driver('divide_by_zero', 'CPUS=2', "CMDLINE=bugcheck=$end", 'TIMEOUT=60');
    stops_with($run, '0x7f', "bugcheck=$end: the launcher knows how it ended");
    like($run->{errors}, qr/\A(?:run: divide\+\S+ is \S+\n)?\z/, "bugcheck=$end: and says nothing more");
    my $bare = $command =~ s/-append ''/-append bugcheck=$end/r;
    isnt($bare, $command, "bugcheck=$end: the command has the word");
    $run = run_command([ 'timeout', $limit, 'sh', '-c', "exec $bare" ]);
    is($run->{exit}, $status, "bugcheck=$end: the machine does it") || show_run($run);
}

done_testing();

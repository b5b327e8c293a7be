# SPDX-License-Identifier: MIT
# The drivers in tests/drivers: what drivers may do, and how each misuse ends.

use strict;
use warnings;

use File::Copy qw(copy);
use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $drivers = 'tests/drivers';

sub run_driver {
    my ($name, @words) = @_;
    return launch("DRIVER=$drivers/$name.c", 'TIMEOUT=60', @words);
}

# --- drivers that end well ---

for my $cpus (1 .. 9, 17, 33, 64, 130) {
    my $run = run_driver('siblings', "CPUS=$cpus");
    has_fields($run, 'call', { processors => $cpus, ran => $cpus, irql => 14, status => 'ok' },
        "siblings at $cpus: all ran at once");
    has_fields($run, 'driver', { name => 'siblings', status => '0x00000000' },
        "siblings at $cpus: the driver line");
    verdict_is($run, 'ok', 0, "siblings at $cpus: verdict ok");
}

my $run;
for my $name (qw(routines intrinsics inexact_types sse stack_argument)) {
    verdict_is(run_driver($name), 'ok', 0, "$name ends well");
}
for my $name (qw(dialect long_has_32_bits own_integer_types)) {
    $run = run_driver($name);
    verdict_is($run, 'ok', 0, "$name ends well");
    is($run->{errors}, '', "$name: without a warning");
}

$run = run_driver('formats');
my @formats = map { /got=\[(.*)\] want=\[(.*)\]/ ? [ $1, $2 ] : () } @{ $run->{lines} };
isnt(@formats, 0, 'formats: there are results') || show_run($run);
is($_->[0], $_->[1], "formats: [$_->[1]]") for @formats;
verdict_is($run, 'ok', 0, 'formats ends well');
is($run->{errors}, '', 'formats: without a warning');

# The comment above a call is the warning that the build prints for it.
my @source = split /^/, contents(root() . "/$drivers/wrong_formats.c");
my @wanted = map { $source[$_] =~ m{^    /\* (.*) \*/$} ? $_ + 2 . ": warning: $1" : () } 0 .. $#source;
isnt(@wanted, 0, 'wrong_formats: there are mistakes');
$run = run_driver('wrong_formats');
is_deeply([ map { m{/wrong_formats\.c:(\d+: warning: .*)$} ? $1 : () } split /\n/, $run->{errors} ],
    \@wanted, 'wrong_formats: each mistake is reported, and nothing else') || show_run($run);
verdict_is($run, 'ok', 0, 'wrong_formats: warnings only');

# On a machine that is too slow to tell whether its clocks agree, the driver is refused and says so.
for my $cpus (1, 4) {
    my $name = "begins_at_a_moment at $cpus";
    my $run  = run_driver('begins_at_a_moment', "CPUS=$cpus");
    has_fields($run, 'clocks', { processors => $cpus, status => qr/^(?:agree|unknown)$/, apart_ns => qr/^\d+$/ },
        "$name: the clocks line");
    verdict_is($run, 'ok', 0, "$name: verdict ok");
SKIP: {
        if ($run->{output} =~ /^begins_at_a_moment: the clocks are not known to agree$/m) {
            diag("SKIPPED: $name: the clocks of this machine are not known to agree");
            skip 'the clocks are not known to agree', 1;
        }
        is(scalar(grep { /^processor \d+: released -?\d+ ns before the moment, begins \d+ ns after it$/ }
            @{ $run->{lines} }), $cpus, "$name: no processor begins before it") || show_run($run);
    }
}

for my $cpus (1, 2, 5) {
    my $run = run_driver('offline', "CPUS=$cpus");
    has_fields($run, 'driver', { name => 'offline', status => '0x00000000' },
        "offline at $cpus: calls reach the online processors");
    verdict_is($run, 'ok', 0, "offline at $cpus: verdict ok");
}

$run = run_driver('prints_from_worker', 'CPUS=8');
my @greetings = map { /^prints_from_worker: hello from processor ([0-9]+)$/ ? $1 : () }
    @{ $run->{lines} };
is_deeply([ sort { $a <=> $b } @greetings ], [ 0 .. 7 ],
    'prints_from_worker: a whole line from each processor') || show_run($run);
verdict_is($run, 'ok', 0, 'prints_from_worker ends well');

$run = run_driver('prints_in_order');
my @in_order = map { /^prints_in_order: line ([0-9]+)$/ ? $1 : () } @{ $run->{lines} };
is_deeply(\@in_order, [ 0 .. 11 ], 'prints_in_order: lines come out in the order in which they were printed')
    || show_run($run);
like($run->{output}, qr/^prints_in_order: begun before, ended after$/m,
    'prints_in_order: a worker does not break up an unfinished line') || show_run($run);
verdict_is($run, 'ok', 0, 'prints_in_order ends well');

# --- drivers that fail ---

$run = run_driver('fails');
verdict_is($run, 'failed', 1, 'an error status from DriverEntry is a failed run');
has_fields($run, 'driver', { name => 'fails', status => qr/^0xc[0-9a-f]{7}$/ },
    'and the driver line shows it');

$run = run_driver('returns_raised');
verdict_is($run, 'failed', 1, 'returns_raised: a driver that does not restore the IRQL is a failed run');
like($run->{output}, qr/^DriverEntry returned at IRQL 2, expected 0/m, 'and one line says so')
    || show_run($run);

my $waits = qr/^hangs: waiting for ever$/m;
$run = given_time(5, $waits, sub { run_driver('hangs', 'CPUS=1', "TIMEOUT=$_[0]") });
verdict_is($run, 'timeout', 124, 'a driver that hangs is ended');
like($run->{output}, $waits, 'and what it printed before is on the console')
    || show_run($run);

$run = run_driver('returns_masked');
verdict_is($run, 'failed', 1, 'returns_masked: a driver that leaves interrupts disabled is a failed run');
like($run->{output}, qr/^DriverEntry returned with interrupts disabled$/m, 'and one line says so')
    || show_run($run);

$run = run_driver('kernel_symbol');
verdict_is($run, 'failed', 1, "kernel_symbol: a driver cannot use the kernel's own names");
like($run->{errors}, qr/^run: kernel_symbol\.c declares but does not define: processor_count$/m,
    'and the name is given') || show_run($run);

$run = run_driver('broken');
verdict_is($run, 'failed', 1, 'a driver that does not compile is a failed run');
my @said = split /^/, $run->{errors};
like($said[-1], qr/^run: broken\.c does not compile \(see above\)$/, 'one line says so');
ok(@said >= 2 && @said <= 21, 'after at most twenty lines from the compiler') || show_run($run);
is((grep { /^make/ } @said), 0, 'and none from make') || show_run($run);
is($run->{output}, "verdict status=failed exit=1\n", 'nothing was run');

refused(run_driver('no_such_driver'), qr/no_such_driver\.c: there is no such file/,
    'a missing driver file is refused');

# --- bug checks ---

my $last = 3;                          # of the four processors
my $code = qr/^0x[0-9a-f]{8,16}$/;    # an address
for my $case (
    [ divide_by_zero        => { code => '0x7f', p1 => '0x0', processor => $last } ],
    [ nested_call           => { code => '0xa', p1 => $code, p2 => '0xe', p3 => '0x0' } ],
    [ leaves_at_clock_level => { code => '0xc8', p1 => '0xd0e02', p2 => $code, p3 => '0x7' } ],
    [ extension_nested      => { code => '0xa', p1 => $code, p2 => '0xe', p3 => '0x0', p4 => $code } ],
    [ null_routine          => { code => '0xa', p1 => '0x0', p2 => '0x0', p3 => '0x8' } ],
    [ call_at_ipi_level     => { code => '0xa', p1 => $code, p2 => '0xe', p3 => '0x0', p4 => $code } ],
    [ offline_at_dispatch   => { code => '0xa', p1 => $code, p2 => '0x2', p3 => '0x0', p4 => $code } ],
    [ online_at_apc         => { code => '0xa', p1 => $code, p2 => '0x1', p3 => '0x0', p4 => $code } ],
    [ online_from_routine   => { code => '0xa', p1 => $code, p2 => '0x0', p3 => '0x0', p4 => $code } ],
    [ call_at_high_level    => { code => '0xa', p1 => $code, p2 => '0xf', p3 => '0x0', p4 => $code } ],
    [ nested_after_lowering => { code => '0xa', p1 => $code, p2 => '0x0', p3 => '0x0', p4 => $code } ],
    [ leaves_at_high_level  => { code => '0xc8', p1 => '0xf0e02', p2 => $code, p3 => '0x7' } ],
    [
        noncanonical_routine => {
            code => '0xa',
            p1   => '0x8000000000000000',
            p2   => '0x2',
            p3   => '0x8',
            p4   => $code,
        }
    ],
    [ raise_above_high       => { code => '0x9', p1 => '0x0', p2 => '0x10', p4 => $code } ],
    [ release_to_higher_irql => { code => '0xa', p1 => '0x2', p2 => '0x5', p4 => $code } ],
    [ acquire_above_dispatch => { code => '0x9', p1 => '0x5', p2 => '0x2', p4 => $code } ],
    [ lower_irql            => { code => '0xa', p1 => '0x0', p2 => '0x2' } ],
    [ assertion             => { code => '0x1e', p1 => '0xffffffffc0000420', processor => $last } ],
    [ big_frame             => { code => '0x7f', p1 => '0x8', processor => 0 } ],
    [ own_section           => { code => '0xd1', p1 => '0x700000001000', p2 => '0xe', p3 => '0x1' } ],
    [ raise_irql            => { code => '0x9', p1 => '0x2', p2 => '0x1' } ],
    [
        page_fault => {
            code      => '0xd1',
            p1        => '0x700000001000',
            p2        => '0xe',
            p3        => '0x1',
            processor => $last,
        }
    ],
    )
{
    my ($name, $fields) = @$case;
    $run = run_driver($name, 'CPUS=4');
    has_fields($run, 'bugcheck', { name => qr/^[A-Z0-9_]+$/, %$fields }, "$name: the bug check");
    verdict_is($run, 'bugcheck', 2, "$name: verdict bugcheck");
}

# --- X: the extension ---

# The turn belongs to the call without waiting: its leader is the culprit, not the processor that began it.
$run = run_driver('stuck_posted', 'CMDLINE=timeout_ms=100');
has_fields($run, 'bugcheck', { code => '0x101', p4 => '0x3', processor => 3 },
    'stuck_posted: the leader is named') || show_run($run);

# B4: the caller cannot notice it, and all others have finished.
$run = run_driver('stuck_masked', 'CPUS=3', 'CMDLINE=timeout_ms=100');
has_fields($run, 'bugcheck', { code => '0x101', p4 => '0x0', processor => 0 }, 'stuck_masked: the caller is named')
    || show_run($run);
has_fields($run, 'watchdog', { processor => 0, verdict => 'in-worker', worker => 'stay_on_the_first' },
    'stuck_masked: the verdict');

# The watchdog's verdict is about the culprit in the blocking call, whatever was reported about it before.
for my $case (
    [ stuck_again      => 3, { verdict => 'in-worker', worker => 'never_return' } ],
    [ takes_lock_twice => 0, { verdict => 'outside',   worker => '-' } ],
    )
{
    my ($name, $culprit, $fields) = @$case;
    $run = run_driver($name, 'CMDLINE=timeout_ms=100');
    has_fields($run, 'bugcheck', { code => '0x101', processor => $culprit }, "$name: the bug check");
    my @watchdog = grep { /^watchdog / } split /\n/, $run->{output} =~ s/\A.*?(?=^bugcheck )//msr;
    has_fields({ lines => \@watchdog }, 'watchdog', { processor => $culprit, %$fields },
        "$name: the watchdog's verdict") || show_run($run);
    my ($latest) = sort { $b <=> $a } $run->{output} =~ / (?:sent|arrived)=(\d+)@/g;
    has_fields({ lines => \@watchdog }, 'watchdog', { call => $latest }, "$name: it is about the latest call");
}

$run = run_driver('stops_while_offline');
has_fields($run, 'bugcheck', { code => '0xdeadbeef', processor => 0 }, 'stops_while_offline: the bug check');
like($run->{output}, qr/^ +2  offline$/m, 'and the report says which processor is offline') || show_run($run);

for my $cpus (1, 4) {
    $run = launch("DRIVER=" . root() . '/examples/rendezvous.c', "CPUS=$cpus");
    my @views = grep { /^processor [0-9]+: part 7, changed [01], setting 2$/ } @{ $run->{lines} };
    is(scalar @views, $cpus, "examples/rendezvous.c: all $cpus went through the phases")
        || show_run($run);
    is(scalar(grep { /changed 1/ } @views), 1, 'and one of them changed it');
    like($run->{output}, qr/^rendezvous: status 0 without waiting/m, 'and a call was made without waiting');
    unlike($run->{errors}, qr/warning/, 'without a warning');
    verdict_is($run, 'ok', 0, 'examples/rendezvous.c: verdict ok');
}

$run = run_driver('returns_during_call', 'CPUS=2');
like($run->{output}, qr/^the driver returned while a call of its own was not over$/m,
    'returns_during_call: it is reported') || show_run($run);
verdict_is($run, 'failed', 1, 'returns_during_call: verdict failed');

# --- R3: lines printed by workers in a run that does not end well ---

my $printed = qr/^prints_then_hangs: processor 0$/m;
$run = given_time(5, $printed, sub { run_driver('prints_then_hangs', 'CPUS=1', "TIMEOUT=$_[0]") });
like($run->{output}, $printed, 'R3: printed although the driver hangs')
    || show_run($run);

$run = run_driver('faults_while_printing', 'CPUS=8');
has_fields($run, 'bugcheck', { code => '0xd1', processor => 0 },
    'R3: the bug check line begins a line of its own');
my @whole = grep { /^line [0-9]+ of processor [0-7], .* end$/ } @{ $run->{lines} };
is(scalar @whole, 8 * 60, 'R3: a bug check loses no line and tears none for good') || show_run($run);

# Lines printed before a bug check stand before it. A driver's own code is shown unchanged.
$run = run_driver('prints_then_stops');
my ($before) = split /^bugcheck /m, $run->{output};
my @stopped = map { /^prints_then_stops: processor ([0-9]+)$/ ? $1 : () } split /\n/, $before;
is_deeply([ sort { $a <=> $b } @stopped ], [ 0 .. $last ],
    'prints_then_stops: no line is lost in a bug check') || show_run($run);
has_fields(
    $run,
    'bugcheck',
    {
        code      => '0xdeadbeef',
        p1        => '0x1',
        p2        => '0x2',
        p3        => '0x3',
        p4        => '0xfedcba9876543210',
        processor => $last,
    },
    'prints_then_stops: the bug check'
);
verdict_is($run, 'bugcheck', 2, 'prints_then_stops: verdict bugcheck');

# --- a driver from elsewhere ---

my $elsewhere = File::Temp->newdir;
copy(root() . '/examples/my_ipi_generic_call.c', "$elsewhere/elsewhere.c") or die "copy: $!";
$run = launch("DRIVER=$elsewhere/elsewhere.c", 'TIMEOUT=60');
has_fields($run, 'driver', { name => 'elsewhere', status => '0x00000000' },
    'a driver outside the tree runs');
verdict_is($run, 'ok', 0, 'and ends well');

# Writes a driver and runs it. Returns the run.
sub run_text {
    my ($name, $text) = @_;
    open my $file, '>', "$elsewhere/$name.c" or die "$name.c: $!";
    print {$file} $text;
    close $file;
    return launch("DRIVER=$elsewhere/$name.c", 'TIMEOUT=60');
}

# A driver that is refused: the launcher's last line gives the reason.
sub is_refused {
    my ($name, $text, $reason) = @_;
    $run = run_text($name, $text);
    verdict_is($run, 'failed', 1, "$name is a failed run");
    my ($last) = $run->{errors} =~ /([^\n]*)\n\z/;
    is($last, "run: $name.c $reason", "$name: the reason") || show_run($run);
    return;
}

is_refused('asks_too_much', <<'END', 'needs what Muster does not have: ZwYieldExecution');
#include <ntddk.h>

NTSTATUS ZwYieldExecution(void);

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return ZwYieldExecution();
}
END

# Routines, types and constants that are declared nowhere: all in one line.
my @devices = map { "IoDevice$_" } 1 .. 12;
is_refused('wants_devices',
    join("\n", '#include <ntddk.h>', map({ "void use_$_(void) { $_(); }" } @devices),
        ''),
    'needs what Muster does not have: ' . join(', ', @devices));

# A misspelt name of the driver's own is not blamed on Muster. One in capitals may be either's.
is_refused('misspells', <<'END',
#include <ntddk.h>
static KDPC dpc;
ULONG missing(void) { IoCreateDeviceX(); return my_helper_typo() + MyHelperTypo() + MY_OWN_TYPO + my_typo; }
ULONG elsewhere(void) { return UINT8_MAX + (ULONG)(uint64_t)0; }
ULONG parameter(void) { return value; }
END
    'needs what Muster does not have: IoCreateDeviceX; '
        . 'does not include the header of: UINT8_MAX (stdint.h), uint64_t (stdint.h); '
        . q{uses names that neither it nor Muster's headers declare: }
        . 'KDPC, my_helper_typo, MyHelperTypo, MY_OWN_TYPO, my_typo, value');

is_refused('only_declares', <<'END', 'declares but does not define: my_helper');
#include <ntddk.h>
ULONG my_helper(void);
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return my_helper();
}
END

# Exception handling, in either spelling, in C.
for my $words ([qw(__try __except)], [qw(try except)]) {
    my ($try, $except) = @$words;
    is_refused("wants_$try", <<"END", 'needs what Muster does not have: structured exception handling (__try)');
#include <ntddk.h>
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    $try {
        DriverObject->Size = 0;
    } $except (EXCEPTION_EXECUTE_HANDLER) {
        return GetExceptionCode();
    }
    return STATUS_SUCCESS;
}
END
    like($run->{errors}, qr/wants_$try\.c:5:.*error: .*no structured exception handling/,
        'and the place') || show_run($run);
}

# Headers that are nowhere: all of them, each with advice.
is_refused('wants_headers', <<'END', 'includes what Muster does not have: '
#include <Wdm.h>
#include <wdf.h>
#include <ntstrsafe.h>
#include <windows.h>
#include <WDM.H>
#include "own.h"
#include <stdint.h>
#include <limits.h>
END
    . join ', ', 'wdf.h (there is no driver framework: write the driver with ntddk.h)',
    'ntstrsafe.h (print with DbgPrint; make strings with RtlInitUnicodeString)',
    'windows.h (for user-mode programs; a driver includes ntddk.h)',
    'WDM.H (file names are case-sensitive here: include wdm.h)',
    q{own.h (neither in the driver's folder nor in Muster's include/: remove what needs it)});

done_testing();

# SPDX-License-Identifier: MIT
# Faults in a worker or of a processor, and the bug check in which each must end: the tests of
# tests/kernel/fault_test.c, and processors that never start.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $address = qr/^0x[0-9a-f]{6,16}$/;

# name => fields of the bug check line; the fault is on the last processor unless `processor` says otherwise.
my %expected = (
    invalid_opcode     => { code => '0x1e', p1 => '0xffffffffc000001d', p2 => $address },
    general_protection => { code => '0x1e', p1 => '0xffffffffc0000005', p2 => $address },
    breakpoint         => { code => '0x1e', p1 => '0xffffffff80000003', p2 => $address },
    page_fault         => { code => '0xa', p1 => '0x700000001000', p2 => '0xe', p3 => '0x1', p4 => $address },
    page_fault_passive => { code => '0x50', p1 => '0x700000001000', p2 => '0x2', p3 => $address, processor => 0 },
    write_to_text      => { code => '0xa', p1 => $address, p2 => '0xe', p3 => '0x1' },
    write_to_constant  => { code => '0xa', p1 => $address, p2 => '0xe', p3 => '0x1' },
    execute_data       => { code => '0xa', p1 => $address, p2 => '0xe', p3 => '0x8' },
    stack_overflow     => { code => '0x7f', p1 => '0x8' },
    machine_check      => { code => '0x9c' },
    nmi                => { code => '0x80' },
    never_returns      => { code => '0x101', p1 => '0x258', p2 => '0x0', p3 => $address, p4 => '0x2' },
    never_arrives      => { code => '0x101', p1 => '0x258', p2 => '0x0', p3 => $address, p4 => '0x2' },
    stuck_beside_interrupt => { code => '0x101', p1 => '0x258', p2 => '0x0', p3 => $address, p4 => '0x2' },
    change_at_dispatch => { code => '0xa', p1 => $address, p2 => '0x2', p3 => '0x0', p4 => $address, processor => 0 },
    change_in_worker   => { code => '0xa', p1 => $address, p2 => '0x0', p3 => '0x0', p4 => $address },
    everywhere         => { code => '0x1e', p1 => '0xffffffffc000001d', processor => qr/^[012]$/ },
);

for my $name (sort keys %expected) {
    my $run = launch("TEST=$name", 'CPUS=3', 'TIMEOUT=60', 'CMDLINE=timeout_ms=300');
    has_fields($run, 'bugcheck', { processor => 2, %{ $expected{$name} } }, "$name: the bug check line");
    is((grep { /^bugcheck / } @{ $run->{lines} }), 1, "$name: one report only") || show_run($run);
    unlike($run->{output}, qr/a worker ran although/, "$name: no worker ran that may not");
    is((grep { /^ +[012] +[0-9]+ +[01]  / } @{ $run->{lines} }), 3, "$name: every processor is shown")
        || show_run($run);
    verdict_is($run, 'bugcheck', 2, "$name: verdict");
}

# The worker's name is in the backtrace of the processor that is stuck in it.
my $run = launch('TEST=never_returns', 'CPUS=3', 'TIMEOUT=60', 'CMDLINE=timeout_ms=300');
like($run->{output}, qr/^processor 2:\n.*\bnever_return\b.*\bfault_on_last\b/ms,
    'never_returns: the report shows where the processor is') || show_run($run);
like($run->{output}, qr/^watchdog processor=2 verdict=in-worker worker=fault_on_last /m,
    'never_returns: the verdict names the worker');

# Bochs runs the processors so evenly that all of them fault before the unmaskable interrupt arrives.
SKIP: {
    skip 'there is no bochs here: faults on all processors at once are not tested', 1
        if !grep { -x "$_/bochs" } split /:/, $ENV{PATH};
    $run = launch('ACCEL=bochs', 'BOOT=bios', 'TEST=everywhere', 'CPUS=3');
    is((grep { /^ +[012] .* in the worker .* fault_on_all(?:\+0x[0-9a-f]+)?$/ } @{ $run->{lines} }),
        3, 'everywhere: each is shown where it faulted, not where it stopped')
        || show_run($run);
}

# B4: all wait in the worker for something that its caller does only after the call; also with one processor.
for my $cpus (1, 4) {
    $run = launch('DRIVER=tests/drivers/waits_for_caller.c', "CPUS=$cpus", 'TIMEOUT=60', 'CMDLINE=timeout_ms=300');
    has_fields($run, 'bugcheck', { code => '0x101', p1 => '0x258', p2 => '0x0', p4 => '0x0', processor => 0 },
        "waits_for_caller on $cpus: the bug check line");
    has_fields($run, 'watchdog', { processor => 0, verdict => 'in-worker', worker => 'wait_for_caller' },
        "waits_for_caller on $cpus: the verdict");
    is((grep { / verdict=in-worker worker=wait_for_caller / } @{ $run->{lines} }), $cpus,
        "waits_for_caller on $cpus: there is one for each processor that waits there");
    like($run->{output}, qr/^stopped by processor 0, in the worker wait_for_caller, at wait_for_caller\+\S+: alarm$/m,
        "waits_for_caller on $cpus: the place in its worker");
    like($run->{output}, qr/^backtrace:\n  \S+ wait_for_caller\+.*\n(?:.*\n)*?  \S+ driver_entry\+/m,
        "waits_for_caller on $cpus: and how it got there");
    verdict_is($run, 'bugcheck', 2, "waits_for_caller on $cpus: no hang");
}

# The doorbell of a processor with interrupts off is pending, not in service.
$run = launch('TEST=never_arrives', 'CPUS=3', 'TIMEOUT=60', 'CMDLINE=timeout_ms=300');
like($run->{output}, qr/^ +2 +0 +0  - +yes +no /m, 'never_arrives: the doorbell is pending') || show_run($run);

# C1: a processor that waits with interrupts disabled for another one to start takes part in the calls of others.
$run = launch('TEST=silent_change', 'CPUS=3', 'TIMEOUT=60', 'CMDLINE=timeout_ms=500');
verdict_is($run, 'ok', 0, 'silent_change: calls go on');

# C4: an offline processor is not sent the unmaskable interrupt, and nobody waits for it.
$run = launch('TEST=one_offline', 'CPUS=3', 'TIMEOUT=60');
has_fields($run, 'bugcheck', { code => '0x1e', processor => 2 }, 'one_offline: the bug check line');
like($run->{output}, qr/^ +0 +14 .*\n +1  offline\n +2 +14 /m, 'one_offline: the report says which one is')
    || show_run($run);
like($run->{output}, qr/^begun on processor 1$/m, 'one_offline: and what it left behind is printed')
    || show_run($run);
verdict_is($run, 'bugcheck', 2, 'one_offline: verdict');

# B8: a processor that the firmware lists and that does not exist.
$run = launch('CPUS=4', 'TIMEOUT=60', 'CMDLINE=phantom=77 timeout_ms=300');
has_fields($run, 'smp', { processors => 5, online => 4, ipi => 'unicast' }, 'B8: four of five are online');
like($run->{output}, qr/^processor with APIC id 77: never ran the trampoline$/m, 'B8: the missing one is named');
has_fields($run, 'call', { processors => 4, ran => 4, status => 'ok' }, 'B8: the run goes on without it');
verdict_is($run, 'failed', 1, 'B8: the verdict is failed');

# Ids that the xAPIC cannot address get no message: one to 256 would reach 0, the boot processor.
$run = launch('CPUS=2', 'TIMEOUT=60', 'CMDLINE=phantom=256 phantom=257 maxcpus=4 timeout_ms=300');
has_fields($run, 'smp', { processors => 4, online => 2 }, 'B8: processors with ids beyond xAPIC are not started');
like($run->{output}, qr/^processor with APIC id 256: out of reach in xAPIC mode$/m, 'B8: and named');
verdict_is($run, 'failed', 1, 'B8: and missed');

# A machine without ACPI tables: the console says so while there is only the boot processor.
my ($command) = @{ launch('CPUS=2', 'PRINT=1')->{lines} };
$command =~ s/-machine \S+/-machine microvm,acpi=off/;
launch('CPUS=1'); # the image is there
$run = run_command([ 'timeout', '60', 'sh', '-c', "$command | tr -d '\\r'" ]);
like($run->{output}, qr/^firmware: no usable ACPI processor list; one processor is used$/m,
    'no ACPI: a line says so') || show_run($run);
like($run->{output}, qr/^smp processors=1 online=1 .*^verdict status=ok exit=0$/ms, 'no ACPI: one processor runs')
    || show_run($run);

# R3: a ring that overflows says how much it lost.
$run = launch('DRIVER=tests/drivers/overflow.c', 'CPUS=3', 'TIMEOUT=60');
my $printed = grep { /^overflow: line [0-9]+ of processor [0-2]$/ } @{ $run->{lines} };
my $lost = 0;
$lost += $_ for map { /^log: processor [0-9]+ lost ([0-9]+) lines/ ? $1 : () } @{ $run->{lines} };
cmp_ok($lost, '>', 0, 'R3: a worker that prints too much loses lines');
is($printed + $lost, 3 * 2000, 'R3: none of them silently');
verdict_is($run, 'ok', 0, 'R3: and nothing hangs');

done_testing();

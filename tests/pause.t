# SPDX-License-Identifier: MIT
# A host that stops its virtual machine for longer than the deadline of a call: by QEMU's monitor (`stop`, later
# `cont`; the guest's clock stands still), and by stopping QEMU itself (the clock goes on). No processor is to blame
# for that: there is no bug check, no check of the torture fails, and a waiting processor says that it did not run.
# The times here are part of what is done to the machine; no time is used to wait for something else.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Monitor;
use Muster;
use Test::More;
use Time::HiRes qw(sleep);

my $full = ($ENV{MATRIX} // '') eq 'full';

# Number of processors, wait policy, deadline in ms (doubled on TCG), pause in seconds.
my @cases = ([ 8, 'halt', 1000, 3 ], [ 8, 'spin', 1000, 3 ]);
push @cases, [ 8, 'halt', 5000, 20 ], [ 8, 'spin', 5000, 20 ], [ 64, 'halt', 5000, 20 ] if $full;

# The pauses that the kernel has noticed, in ms.
sub noticed {
    my ($said) = @_;
    return $said =~ /^processor \d+ did not run for (\d+) ms: its wait begins anew$/mg;
}

# One run. Returns true if a processor noticed that QEMU did not run.
sub torture_with_pauses {
    my ($name, $cpus, $wait, $deadline_ms, $pause_s) = @_;
    my $machine = start_kernel(
        name => $name, cpus => $cpus, thread => 'multi', patience => 600,
        words => "bugcheck=halt test=torture seconds=" . ($pause_s + 3) . " wait=$wait timeout_ms=$deadline_ms");
    await($machine, qr/^smp /m);
    sleep 0.5; # calls are under way

    monitor($machine, 'stop');
    sleep $pause_s;
    monitor($machine, 'cont');
    sleep 0.5;
    my $so_far = () = noticed(contents($machine->{serial}));

    pause_process($machine, $pause_s);
    my $said = await($machine, qr/^verdict /m);
    unlike($said, qr/^bugcheck /m, "$name: no false alarm");
    like($said, qr/^torture processors=$cpus calls=[1-9]\d* failed=0 status=ok$/m, "$name: no check has failed");
    like($said, qr/^verdict status=ok exit=0$/m, "$name: verdict") || diag($said);
    note("$name: $_") for grep { /^processor \d+ did not run|^torture / } split /\n/, $said;
    stop_machine($machine);
    my @noticed = noticed($said);
    return grep { $_ >= 950 * $pause_s } @noticed[ $so_far .. $#noticed ];
}

# On a busy host there may be no processor in a call when the pause begins, but not every time.
build_image();
for my $case (@cases) {
    my ($cpus, $wait, $deadline_ms, $pause_s) = @$case;
    my $name = "$cpus processors, wait=$wait, $pause_s s";
    my $seen = 0;
    for (my $attempt = 1; !$seen && $attempt <= 10; $attempt++) {
        $seen = torture_with_pauses($name, @$case);
    }
    ok($seen, "$name: a waiting processor noticed that it did not run");
}

done_testing();

# SPDX-License-Identifier: MIT
# The fabric test and the conformance test of the local APIC, on every available engine; that both can fail; and that
# docs/apic.md has the kernel's table of deviations.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

# One run: checks the last line of the test and the verdict.
sub check_run {
    my ($test, $name, $wanted, @words) = @_;
    my $run = launch("TEST=$test", 'TIMEOUT=200', @words);
    has_fields($run, $test, { failed => 0, status => 'ok', %$wanted }, "$name: no failure");
    verdict_is($run, 'ok', 0, "$name: verdict");
    return $run;
}

sub check_fabric {
    my ($name, $cpus, @words) = @_;
    my $run = check_run('fabric', "fabric, $name", { processors => $cpus, pairs => $cpus * $cpus },
        "CPUS=$cpus", @words);
    my $side = $cpus < 16 ? $cpus : int(($cpus - 1) / int(($cpus + 15) / 16)) + 1;
    is((grep { /^ +[0-9]+(?:-[0-9]+)?(?: +-?[0-9]+){$side}$/ } @{ $run->{lines} }), $side,
        "fabric, $name: a matrix of $side by $side") || show_run($run);
    return $run;
}

sub check_apic {
    my ($name, @words) = @_;
    my $run = check_run('apic', "apic, $name", { checks => qr/^[0-9]{2}$/ }, @words);
    my $tap = read_tap(@{ $run->{lines} });
    is_deeply($tap->{faults}, [], "apic, $name: the plan was kept") || show_run($run);
    my $line    = fields($run, 'apic') // {};
    my @run     = grep { !defined $_->{skip} } @{ $tap->{results} };
    my @todo    = grep { !$_->{ok} && defined $_->{todo} } @run;
    is(@run, $line->{checks} // -1, "apic, $name: as many checks as the last line says");
    is(@todo, $line->{expected_failures} // -1, "apic, $name: each expected failure says why")
        || show_run($run);
    return $run;
}

# The number of matching lines of the run.
sub count_of {
    my ($run, $pattern) = @_;
    return scalar grep { /$pattern/ } @{ $run->{lines} };
}

# ---- each engine ----

check_fabric("TCG, $_ processors", $_) for 1, 2, 4, 8, 65;
check_fabric('TCG, 2 processors at once', 2, 'THREAD=multi');
check_apic("TCG, $_ processors", "CPUS=$_") for 1, 2, 4, 8;

SKIP: {
    skip 'bochs is not installed: its local APIC is not checked', 10
        if !grep { -x "$_/bochs" } split /:/, $ENV{PATH};
    for my $mode ('xapic', 'x2apic') {
        my @words = ('ACCEL=bochs', $mode eq 'x2apic' ? 'CMDLINE=apic=x2apic' : ());
        my $run = check_fabric("Bochs, $mode", 3, @words);
        has_fields($run, 'smp', { apic => $mode }, "Bochs: it is $mode mode");
        check_apic("Bochs, $mode", 'CPUS=3', @words);
    }
}

SKIP: {
    my $run = launch('ACCEL=kvm', 'PRINT=1');
    skip 'no KVM, its local APIC is not checked: ' . $run->{errors} =~ s/^run: |\n\z//gr, 10
        if $run->{exit} != 0;
    for my $mode ('xapic', 'x2apic') {
        my @words = ('ACCEL=kvm', $mode eq 'x2apic' ? 'CMDLINE=apic=x2apic' : ());
        my $fabric = check_fabric("KVM, $mode", 4, @words);
        has_fields($fabric, 'smp', { apic => $mode }, "KVM: it is $mode mode");
        is(count_of($fabric, qr/^fabric: 80 messages arrived by cluster$/), $mode eq 'x2apic' ? 1 : 0,
            "KVM, $mode: messages to clusters arrive as the others do") || show_run($fabric);
        check_apic("KVM, $mode", 'CPUS=4', @words);
    }
}

# Not every processor is online: broadcasts are not tried, and the reason is given.
my $run = launch('TEST=fabric', 'CPUS=4', 'CMDLINE=maxcpus=3');
has_fields($run, 'fabric', { processors => 3, failed => 0 }, 'a processor that was not started: the rest works');
is(count_of($run, qr/^fabric: .* not tried: not every processor .* is online$/), 3,
    'and nothing is broadcast') || show_run($run);

# ---- that they can fail ----

my %faults = (
    loses   => qr/^fabric: from processor 0 to 3 by unicast: 1 messages arrived, 2 were expected$/,
    doubles => qr/^fabric: from processor 0 to 3 by unicast: 3 messages arrived, 2 were expected$/,
    strays  => qr/^fabric: from processor 0 to 0 by unicast: 6 messages arrived, 5 were expected$/,
);
for my $fault (sort keys %faults) {
    $run = launch("TEST=fabric_$fault", 'CPUS=4', 'CMDLINE=timeout_ms=300');
    has_fields($run, 'fabric', { failed => 1, status => 'failed' }, "a fabric that $fault a message fails");
    is(count_of($run, $faults{$fault}), 1, "and says where ($fault)") || show_run($run);
    verdict_is($run, 'failed', 1, "and so is the verdict ($fault)");
}

# TCG without its rows, as if it were a real machine: the same failures are now unexpected.
$run = launch('TEST=apic', 'CPUS=2', 'QEMU=-cpu max,-hypervisor', 'CMDLINE=bugcheck=exit');
is(count_of($run, qr/^apic: engine hardware, xapic mode$/), 1, 'an engine that says nothing is hardware')
    || show_run($run);
has_fields($run, 'apic', { failed => qr/^[1-9]/, expected_failures => 0, status => 'failed' },
    'without a known deviation, a failure counts');
verdict_is($run, 'failed', 1, 'and so is the verdict');

# ---- the table ----

# Its rows in the kernel: a list of [engine, check, what, source].
sub rows_of_kernel {
    my $text = contents(root() . '/tests/kernel/apic_deviations.c');
    my %constant = $text =~ /^static const char (\w+)\[\] = "([^"]*)";$/mg;
    my $string   = qr/"([^"]*)"/;
    my @rows;
    while ($text =~ /\{\s*$string,\s*$string,\s*$string,\s*(?:$string|(\w+))\s*\}/g) {
        push @rows, [ $1, $2, $3, $4 // $constant{$5} ];
    }
    return @rows;
}

sub rows_of_document {
    my @rows;
    for my $line (split /\n/, contents(root() . '/docs/apic.md')) {
        my @cells = map { s/^\s+|\s+$|`//gr } split /\|/, $line;
        push @rows, [ @cells[ 1 .. 4 ] ] if @cells == 5 && $cells[1] =~ /^(?:TCG|Bochs|KVM)/;
    }
    return @rows;
}

my @rows = rows_of_kernel();
cmp_ok(scalar @rows, '>', 10, 'the kernel has a table of deviations');
is_deeply([ rows_of_document() ], \@rows, 'docs/apic.md has the same rows, in the same order');

# Every check has its row in the document's list, and every row of the table is about a check.
my %known;
for my $file (glob root() . '/tests/kernel/apic_*_test.c') {
    $known{$_} = 1 for contents($file) =~ /^    \{ "([a-z0-9.-]+)",/mg;
}
my %listed = map { $_ => 1 } contents(root() . '/docs/apic.md') =~ /^\| `([a-z0-9.-]+)` \|/mg;
is_deeply([ sort keys %listed ], [ sort keys %known ], 'docs/apic.md lists every check');
is_deeply([ grep { !$known{ $_->[1] } } @rows ], [], 'every deviation belongs to an existing check');

done_testing();

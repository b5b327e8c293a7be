# SPDX-License-Identifier: MIT
# The cells of tests/matrix.conf: loaders, machines and engines. One test per cell, and a table at the end.
# MATRIX=full (make test-full) runs all cells, MATRIX=TEXT those whose line contains the text.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;
use Time::HiRes qw(time);

my @columns = qw(part engine boot machine cpus run words settings smp qemu);

# Reads the table: a list of hashes; `line` is the line number.
sub read_cells {
    my ($path) = @_;
    my @cells;
    open my $file, '<', $path or die "$path: $!";
    while (my $line = <$file>) {
        next if $line =~ /^\s*(?:#|$)/;
        my %cell = (line => $., text => $line);
        my @values = map { s/^\s+|\s+$//gr } split /\|/, $line, -1;
        die "$path:$.: there are " . @values . ' columns, not ' . @columns . "\n"
            if @values != @columns;
        @cell{@columns} = @values;
        push @cells, \%cell;
    }
    return @cells;
}

sub is_wanted {
    my ($cell) = @_;
    my $wanted = $ENV{MATRIX} // 'quick';
    return 1 if $wanted eq 'full';
    return $cell->{part} eq 'quick' if $wanted eq 'quick';
    return index($cell->{text}, $wanted) >= 0;
}

# The words for the launcher.
sub words_of {
    my ($cell) = @_;
    my @words = ("ACCEL=$cell->{engine}", "BOOT=$cell->{boot}", "CPUS=$cell->{cpus}");
    push @words, "MACHINE=$cell->{machine}" if $cell->{machine} ne '';
    push @words, "TEST=$cell->{run}"        if $cell->{run} ne 'driver';
    push @words, "CMDLINE=$cell->{words}"   if $cell->{words} ne '';
    push @words, "QEMU=$cell->{qemu}"       if $cell->{qemu} ne '';
    # A torture may take as long as its calls need.
    push @words, 'TIMEOUT=300' if $cell->{engine} eq 'tcg' && $cell->{run} ne 'torture';
    return (@words, split ' ', $cell->{settings});
}

# A line that identifies the cell.
sub name_of {
    my ($cell) = @_;
    my @parts = grep { $_ ne '' } @$cell{qw(engine boot machine cpus run words settings qemu)};
    return join ' ', @parts;
}

# Every call was made, and no check failed.
sub torture_faults {
    my ($run, $cpus, $calls) = @_;
    my %wanted = (processors => $cpus, calls => $calls // 10000, failed => 0, status => 'ok');
    my $got    = fields($run, 'torture') // {};
    return map { "torture: $_ is " . ($got->{$_} // 'missing') . ", not $wanted{$_}" }
        grep { ($got->{$_} // '') ne $wanted{$_} } sort keys %wanted;
}

# Everything that is wrong with the run, one line each.
sub faults_of {
    my ($cell, $run) = @_;
    my @faults;
    my $verdict = $run->{lines}[-1] // 'no verdict';
    push @faults, $verdict if $run->{exit} != 0 || $verdict ne 'verdict status=ok exit=0';
    my %wanted = (processors => $cell->{cpus}, online => $cell->{cpus});
    %wanted = (%wanted, $cell->{smp} =~ /(\S+?)=(\S+)/g);
    my $smp = fields($run, 'smp') // {};
    for my $key (sort keys %wanted) {
        my $got = $smp->{$key} // 'missing';
        push @faults, "smp: $key is $got, not $wanted{$key}" if $got ne $wanted{$key};
    }
    if ($cell->{run} eq 'fabric') {
        push @faults, 'no line that says: fabric ... failed=0 status=ok'
            if !grep { /^fabric processors=.* failed=0 status=ok$/ } @{ $run->{lines} };
    }
    elsif ($cell->{run} eq 'torture') {
        push @faults, torture_faults($run, $cell->{cpus}, $cell->{settings} =~ /\bCALLS=(\d+)/);
    }
    elsif ($cell->{run} ne 'driver') {
        my $tap = read_tap(@{ $run->{lines} });
        my @failed = grep { !$_->{ok} && !defined $_->{todo} } @{ $tap->{results} };
        push @faults, @{ $tap->{faults} }, map { "not ok: $_->{name}" } @failed;
    }
    return @faults;
}

# Why KVM's cells cannot run here; undef if they can.
sub kvm_is_missing {
    my $run = launch('ACCEL=kvm', 'PRINT=1');
    return $run->{exit} == 0 ? undef : $run->{errors} =~ s/^run: |\n\z//gr;
}

my @cells   = read_cells(root() . '/tests/matrix.conf');
my @wanted  = grep { is_wanted($_) } @cells;
my $no_kvm  = (grep { $_->{engine} eq 'kvm' } @wanted) ? kvm_is_missing() : undef;
my %counted = (passed => 0, FAILED => 0, skipped => 0);
my @table;
isnt(@wanted, 0, 'there are cells to run');
for my $cell (@wanted) {
    my $name    = name_of($cell);
    my $started = time;
    my ($result, $note) = ('passed', '');
    if ($cell->{engine} eq 'kvm' && defined $no_kvm) {
        ($result, $note) = ('skipped', $no_kvm);
        Test::More->builder->skip("$name: $no_kvm");
    }
    else {
        my $run    = launch(words_of($cell));
        my @faults = faults_of($cell, $run);
        ($result, $note) = ('FAILED', join '; ', @faults) if @faults;
        ok(!@faults, $name) || diag(map { "$_\n" } @faults) || show_run($run);
    }
    $counted{$result}++;
    push @table, sprintf '%-7s %6.1f s  %s%s', $result, time - $started, $name, $note && ": $note";
}
diag("\nmatrix:\n", map { "  $_\n" } @table);
diag(sprintf 'matrix: %d cells: %d passed, %d failed, %d skipped; %d more in make test-full',
    scalar @wanted, @counted{qw(passed FAILED skipped)}, @cells - @wanted);

done_testing();

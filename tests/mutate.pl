#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
# The command to tests/lib/Mutation.pm, which says what an entry is.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Mutation qw(read_suite read_sources apply_entry);

my $usage = <<'END_OF_USAGE';
usage: tests/mutate.pl list SUITE [KEY...]
       tests/mutate.pl apply SUITE NAME FOLDER...
       tests/mutate.pl check SUITE FOLDER...

SUITE is a file of entries or a folder with such files, FOLDER one with C sources (at any depth).

    list      a line for each entry: its name, the value of each KEY (or -) and its title, with tabs between
    apply     breaks the sources in the folders as the entry says; prints the paths that changed
    check     does each entry apply? The folders stay as they are

Exit status: 0 done, 1 an entry does not apply (standard error says why), 2 wrong use.
END_OF_USAGE

my %commands = (list => \&list, apply => \&apply, check => \&check);

sub list {
    my ($suite, @keys) = @_;
    for my $entry (read_suite($suite)) {
        print join("\t", $entry->{name}, (map { $entry->{$_} // '-' } @keys), $entry->{title}), "\n";
    }
    return 0;
}

sub apply {
    my ($suite, $name, @folders) = @_;
    misused() if !@folders;
    my ($entry) = grep { $_->{name} eq $name } read_suite($suite);
    die "no entry of $suite is called $name\n" if !$entry;
    my $changed = apply_entry($entry, read_sources(@folders));
    for my $path (sort keys %$changed) {
        open my $file, '>:raw', $path or die "$path: $!\n";
        print {$file} $changed->{$path};
        close $file or die "$path: $!\n";
        print "$path\n";
    }
    return 0;
}

sub check {
    my ($suite, @folders) = @_;
    misused() if !@folders;
    my $sources = read_sources(@folders);
    my @entries = read_suite($suite);
    my $failed  = 0;
    for my $entry (@entries) {
        next if eval { apply_entry($entry, $sources) };
        print STDERR $@;
        $failed++;
    }
    printf "entries=%d apply=%d\n", scalar @entries, @entries - $failed;
    return $failed ? 1 : 0;
}

sub misused {
    print STDERR $usage;
    exit 2;
}

my ($command, @arguments) = @ARGV;
if (($command // '') eq '--help') {
    print $usage;
    exit 0;
}
my $action = $commands{ $command // '' };
misused() if !$action || !@arguments;
my $status = eval { $action->(@arguments) };
if (!defined $status) {
    print STDERR $@;
    exit 1;
}
exit $status;

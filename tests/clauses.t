# SPDX-License-Identifier: MIT
# README's table of clauses is complete, and what it names is there: files, cases, scenarios, targets, drivers that
# some test runs.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $root = root();
my @places = ($root, map { "$root/$_" } qw(tests tests/kernel tests/threads tests/drivers));

# The rows: clause => what tests it. A row may be of several.
my (%row, @twice);
for my $line (split /\n/, contents("$root/README.md")) {
    my ($clauses, $tests) = $line =~ /^\| ([BCKPRX]\d*(?:, [BCKPRX]\d+)*) \| [^|]+ \| (.+) \|$/ or next;
    for my $clause (split /, /, $clauses) {
        push @twice, $clause if exists $row{$clause};
        $row{$clause} = $tests;
    }
}

my @wanted = (
    (map { "K$_" } 1 .. 13), (map { "P$_" } 1 .. 4), (map { "C$_" } 1 .. 6), (map { "B$_" } 1 .. 8), 'R3', 'X'
);
is(join(' ', grep { !exists $row{$_} } @wanted), '', 'each clause has a row');
is("@twice", '', 'and one only');

# The files that a row means by `name`.
sub files_of {
    my ($name) = @_;
    return grep { -f } map { glob "$_/$name" } @places;
}

my $scripts = join '', map { contents($_) } glob "$root/tests/*.t";
my $scenarios = join '', map { contents($_) } glob "$root/tests/sim/*scenarios.c";
my $makefile = contents("$root/Makefile");

# What is wrong with a row.
sub faults_of {
    my ($clause, $tests) = @_;
    my @faults = $tests =~ /`/ ? () : ('it names no test');
    push @faults, map { "there is no $_" } grep { !files_of($_) } $tests =~ /`([\w.\/*-]+\.(?:c|t|conf))`/g;
    while ($tests =~ /`(\w+_test\.c)`((?: [BCKPRX]\d+)+)/g) {
        my ($file, @clauses) = ($1, split ' ', $2);
        my $cases = join "\n", map { contents($_) =~ /"([^"\n]+)",\s*test_/g } files_of($file);
        push @faults, map { "$file has no case of $_" } grep { $cases !~ /\b$_\b/ } @clauses;
    }
    while ($tests =~ /`make explore` \(([^)]*)\)/g) { # each by its name, or by what several names begin with
        push @faults, map { "there is no scenario $_" }
            grep { $scenarios !~ /(?:\{ |[A-Z_]+\()"\Q$_\E/ } split /, /, $1;
    }
    push @faults, map { "there is no make $_" } grep { $makefile !~ /^$_:/m } $tests =~ /`make (\w+)`/g;
    for my $file (map { files_of($_) } $tests =~ /`((?:drivers\/)?[\w*]+\.c)`/g) {
        my ($driver) = $file =~ m{/drivers/(\w+)\.c\z} or next;
        push @faults, "no test runs $driver" if $scripts !~ /\b$driver\b/;
    }
    return @faults;
}

for my $clause (sort keys %row) {
    my @faults = faults_of($clause, $row{$clause});
    ok(!@faults, "$clause: what tests it is there") || diag(join "\n", @faults);
}

done_testing();

# SPDX-License-Identifier: MIT
# docs/contract.md is complete, and what it names is there: files, cases, scenarios, targets, drivers that some test
# runs. Whatever cites a clause cites one that the page has, and no test claims a clause that does not hold yet.

use strict;
use warnings;

use File::Find ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $root = root();
my $page = contents("$root/docs/contract.md");

# ---- reading the page ----

# A section for each clause: clause => {tests, later}. `tests` is the paragraph "Tests: ..."; `later` says that
# the whole clause is marked "Not yet".
my (%clause, @twice);
for my $section (split /^(?=##)/m, $page) {
    my ($id, $text) = $section =~ /\A##+ ([BCKPRX]\d*)(?: [^\n]*)?\n(.*)\z/s or next;
    push @twice, $id if exists $clause{$id};
    my ($tests) = $text =~ /^Tests: (.*?)(?:\n\n|\z)/ms;
    $clause{$id} = {
        tests => defined $tests ? $tests =~ s/\s+/ /gr : undef,
        later => scalar($text =~ /\A\n\*\*Not yet\.\*\*/),
    };
}

my @wanted = (
    (map { "K$_" } 1 .. 13), (map { "P$_" } 1 .. 4), (map { "C$_" } 1 .. 6), (map { "B$_" } 1 .. 11), 'B',
    (map { "R$_" } 1 .. 4), 'X'
);
is(join(' ', grep { !exists $clause{$_} } @wanted), '', 'each clause has a section');
is("@twice", '', 'and one only');
my %known = map { $_ => 1 } @wanted;
is(join(' ', grep { !$known{$_} } sort keys %clause), '', 'there is no other');

# ---- the tests of each clause ----

my @places = ($root, map { "$root/$_" } qw(tests tests/kernel tests/threads tests/drivers));

# The files that the page means by `name`.
sub files_of {
    my ($name) = @_;
    return grep { -f } map { glob "$_/$name" } @places;
}

my $scripts = join '', map { contents($_) } glob "$root/tests/*.t";
my $scenarios = join '', map { contents($_) } glob "$root/tests/sim/*scenarios.c";
my $makefile = contents("$root/Makefile");

# What is wrong with the tests of a clause.
sub faults_of {
    my ($tests) = @_;
    my @faults = $tests =~ /`/ ? () : ('no test is named');
    push @faults, map { "there is no $_" } grep { !files_of($_) } $tests =~ /`([\w.\/*-]+\.(?:c|t|conf))`/g;
    while ($tests =~ /`(\w+_test\.c)`((?: [BCKPRX]\d*\b)+)/g) {
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

for my $id (grep { exists $clause{$_} } @wanted) {
    if ($clause{$id}{later}) {
        is($clause{$id}{tests}, undef, "$id does not hold yet, and names no tests");
        next;
    }
    my @faults = faults_of($clause{$id}{tests} // '');
    ok(!@faults, "$id: what tests it is there") || diag(join "\n", @faults);
}

# ---- who cites a clause ----

# An id in a comment of the sources. C11 is the language, R8 to R15 are registers. P1 to P4 are also the parameters
# of a bug check, and in tests/sim P0, P1, ... are processors.
my $id = qr/\b(?!C11\b|R(?:[89]|1[0-5])\b)[BCKR]\d+\b/;

sub comments_of {
    my ($text) = @_;
    return join "\n", $text =~ m{/\*.*?\*/}gs;
}

my @sources;
File::Find::find(sub { push @sources, $File::Find::name =~ s{^\Q$root\E/}{}r if -f },
    map { "$root/$_" } qw(kernel arch boot include lib tests examples));

my (%cited_by, %later_in);
for my $path (sort grep { /\.(?:[chS]|pml|t|p[lm]|txt)\z/ && $_ ne 'tests/clauses.t' } @sources) {
    my $text = contents("$root/$path");
    # Of a suite of mutations (.txt) those that an entry may break, else the comments.
    my $said = $path =~ /\.[chS]\z/ ? comments_of($text) : join "\n", $text =~ /^(\s*#.*|\s*\/\*.*|Clause: .*)/mg;
    my @ids  = ($said =~ /$id/g, $said =~ /(?:contract|clauses?) ([BCKPRX]\d+)/g);
    push @{ $cited_by{$_} }, $path for @ids;
    # A name of a test: a string that begins with clauses.
    my @claimed = map { /[BCKPRX]\d+/g } $text =~ /["']((?:[BCKPRX]\d+[ :])+)/g;
    push @{ $later_in{$_} }, $path for grep { $path =~ m{\Atests/} && $clause{$_} && $clause{$_}{later} } @claimed;
}
cmp_ok(scalar keys %cited_by, '>', 20, 'the sources cite clauses');
is(join("\n", map { "$_ in @{ $cited_by{$_} }" } grep { !$clause{$_} } sort keys %cited_by), '',
    'each clause that the sources cite is in the page');
is(join("\n", map { "$_ in @{ $later_in{$_} }" } sort keys %later_in), '', 'no test claims a clause that does not hold yet');

done_testing();

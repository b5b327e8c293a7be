# SPDX-License-Identifier: MIT
# The model of the rendezvous (tests/model/): its small configurations are correct, its broken variants are not, and
# the script that searches them reports both.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $script = 'tests/model/run.sh';

sub search {
    my @options = @_;
    return run_command([ $script, @options ]);
}

my $run = search('--quick');
is($run->{exit}, 0, 'every quick search ended as expected') || show_run($run);
my $summary = fields($run, 'model');
is($summary->{status}, 'ok', 'and the summary says so');
my @results = map { /^(\S+)(?: +[0-9.]+){5}  (\w*): / ? [ $1, $2 ] : () } @{ $run->{lines} };
is(@results, $summary->{configurations}, 'each configuration has a row');
is($_->[1],  'ok',                       "$_->[0] holds") for @results;
my @variants = map { /^([a-z0-9-]+) +[0-9]+ +[0-9]+  ([A-Za-z].*)/ ? [ $1, $2 ] : () } @{ $run->{lines} };
is(@variants, $summary->{broken}, 'each broken variant has a row');
like($_->[1], qr/^(?:[A-Z][0-9]*|stuck|starved)$/, "$_->[0] is caught") for @variants;
is($summary->{caught}, $summary->{broken}, 'all of them');
cmp_ok($summary->{states}, '>', 500_000, 'there was something to search');

$run = search('irql-kept', 'sets');
is($run->{exit}, 0, 'only the named ones are searched');
has_fields($run, 'model', { configurations => 1, broken => 1, caught => 1, status => 'ok' },
    'one of each kind');

for my $word ('--fast', 'nothing') {
    $run = search($word);
    is($run->{exit}, 2, "'$word' is refused");
    like($run->{errors}, qr/\Amodel: [^\n]*'\Q$word\E'[^\n]*\n\z/, 'in one line');
}
like(search('--help')->{output}, qr/^usage: /, '--help');

done_testing();

# SPDX-License-Identifier: MIT
# `make instructions`: the table of a call in exact instructions, which is the same in every run. A failing run, and
# two runs that differ, are detected; there a script replaces QEMU.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $script = root() . '/tests/instructions.sh';

my $run = run_command([ qw(make -s instructions), 'CPUS=1 2' ]);
is($run->{exit}, 0, 'the table is made') || show_run($run);
is($run->{errors}, '', 'and nothing else is printed, since there is no terminal');
has_fields($run, 'instructions', { processors => '1,2', status => 'ok' }, 'two runs of each had the same figures');
my @rows = map { [ split ' ' ] } grep { /^ *[0-9]/ } @{ $run->{lines} };
is_deeply([ map { $_->[0] } @rows ], [ 1, 2 ], 'a row for each number of processors') || show_run($run);
is_deeply([ grep { !/\A(?:0|[1-9][0-9]*)\z/ } map { @$_ } @rows ], [], 'of whole numbers');
for my $row (@rows) {
    my ($processors, $call, $least_call, $skew, $least_skew) = @$row;
    ok($call >= $least_call && $least_call > 0, "$processors: a call takes instructions");
    ok($skew >= $least_skew && ($least_skew > 0) == ($processors > 1), "$processors: one alone begins at one moment");
}
cmp_ok($rows[1][1], '>', $rows[0][1], 'two processors need more than one');

# --- runs that go wrong ---

my $directory = File::Temp->newdir;

# The table by a script that prints the figures; the shell's $$ among them differs in each run.
sub table_of {
    my ($status, $figures) = @_;
    open my $file, '>', "$directory/qemu-system-x86_64" or die "$directory: $!";
    print {$file} "#!/bin/sh\n";
    print {$file} "echo \"metric name=$_ value=$figures->{$_} unit=instructions\"\n" for sort keys %$figures;
    print {$file} "echo verdict status=ok exit=0\nexit $status\n";
    close $file;
    chmod 0755, "$directory/qemu-system-x86_64";
    return run_command([ $script, 3 ], environment => { PATH => "$directory:$ENV{PATH}" });
}

my %figures = (call_p50 => 30, call_min => 20, skew_p50 => 10, skew_min => 5);
$run = table_of(1, \%figures);
like($run->{output}, qr/^ +3 +30 +20 +10 +5$/m, 'the measured figures are shown') || show_run($run);
is($run->{exit}, 0, 'and the exit status is 0');

$run = table_of(1, { %figures, skew_p50 => '$$' });
like($run->{output}, qr/^ +3 .* another run: skew_p50=[0-9]+$/m, 'a figure of two runs that differ is named') || show_run($run);
has_fields($run, 'instructions', { processors => 3, status => 'failed' }, 'and counted');
is($run->{exit}, 1, 'exit status 1');

delete $figures{call_min};
$run = table_of(1, \%figures);
like($run->{output}, qr/ another run: call_min=-$/m, 'so is a missing figure') || show_run($run);
is($run->{exit}, 1, 'exit status 1');

$run = table_of(5, \%figures);
like($run->{errors}, qr/\Ainstructions: a run with 3 processors has failed:\n/, 'a failing run is reported') || show_run($run);
has_fields($run, 'instructions', { processors => 3, status => 'failed' }, 'and counted');
is($run->{exit}, 1, 'exit status 1');

# --- wrong use ---

for my $words ('0', '256', '1 x', '01', '-1', '2,8', '--wrong') {
    $run = run_command([ $script, $words ]);
    ok($run->{exit} == 2 && $run->{output} eq '' && $run->{errors} =~ /\Ainstructions: '\S+': give numbers [^\n]*\n\z/,
        "'$words' is refused by one line")
        || show_run($run);
}

done_testing();

# SPDX-License-Identifier: MIT
# The cost model (tests/sim/cost/): results that can be worked out by hand, the figures of a call on the five
# machines compared with tests/data/cost.txt, and how the comparison fails.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my @phases = qw(publish_ns icr_ns delivery_ns arrive_ns release_ns worker_ns done_ns return_ns);
my %processors = (desktop => 8, mesh => 64, epyc => 64, epyc2 => 256, projected => 4096);

my $build = run_command([qw(make -s print-build)]);
my $folder = "$build->{lines}[0]/cost";
sub cost {
    my @options = @_;
    return run_command([ 'timeout', '60', "$folder/cost", @options ]);
}

# The `cost machine=` lines by machine, each as a hash.
sub figures {
    my ($run) = @_;
    my %figures;
    for my $line (grep { /^cost machine=/ } @{ $run->{lines} }) {
        my %fields = $line =~ /(\S+?)=(\S*)/g;
        $figures{ $fields{machine} } = \%fields;
    }
    return \%figures;
}

# One matching line on stderr, and this exit status.
sub complains {
    my ($run, $exit, $why, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $good = $run->{exit} == $exit && $run->{errors} =~ /\Acost: [^\n]*\n\z/ && $run->{errors} =~ $why;
    return ok($good, $name) || show_run($run);
}

# The figures of this build with call_ns changed by SUB, in a file.
my $written = File::Temp->new;

sub changed_record {
    my ($change) = @_;
    my $file = File::Temp->new;
    my $text = contents($written->filename);
    $text =~ s/( call_ns=)([0-9]+)/$1 . int($change->($2))/ge;
    print {$file} $text;
    $file->flush;
    return $file;
}

# ---- the model ----

for my $name (qw(lines_test order_test)) {
    my $run = run_command([ 'timeout', '60', "$folder/$name" ],
        environment => { CMOCKA_MESSAGE_OUTPUT => 'TAP' });
    report_tap(read_tap(@{ $run->{lines} }), $name);
    is($run->{exit}, 0, "$name: ended well") || show_run($run);
}

# ---- the figures ----

my $run = run_command([qw(make -s cost)]);
is($run->{exit}, 0, 'no call has become slower than recorded') || show_run($run);
is($run->{lines}[-1], 'cost machines=5 status=ok', 'the last line is the verdict');
note($_) for grep { /: (?:better|worse|[0-9])/ } @{ $run->{lines} };

my $figures = figures($run);
is_deeply({ map { $_ => $figures->{$_}{processors} } keys %$figures },
    \%processors, 'every machine has a line with its processors');
for my $machine (sort keys %$figures) {
    my $sum = 0;
    $sum += $figures->{$machine}{$_} for @phases;
    is($sum, $figures->{$machine}{call_ns}, "$machine: the phases are the whole call");
}
is_deeply(figures(cost()), $figures, 'a second run has the same figures');

# ---- the path ----

my $steps = cost('--machine=epyc2', '--steps');
is($steps->{exit}, 0, 'the path is shown') || show_run($steps);
my ($path_ns, $next_ns, @gaps) = (0, 0);
for (grep { /^\s+\d+\s+\d+\s+(?:publish|icr|delivery|arrive|release|worker|done|return)\s/ }
    @{ $steps->{lines} })
{
    my ($at, $ns) = split;
    push @gaps, $at if $at != $next_ns;
    $next_ns = $at + $ns;
    $path_ns += $ns;
}
is($path_ns, $figures->{epyc2}{call_ns}, 'the steps of the path are the whole call');
is_deeply(\@gaps, [], 'each step begins where the one before ends');
like($steps->{output}, qr/ advance +takes current_round\+/, 'the path names functions and variables');
like($steps->{output}, qr/ loads seat of processor \d+ from \d+/, 'and processors');

# ---- the guard ----

is(cost("--record=$written")->{exit}, 0, 'figures are recorded');
my $again = cost("--recorded=$written");
is($again->{exit}, 0, 'and compare equal') || show_run($again);
unlike($again->{output}, qr/better|worse| after /, 'without a remark');

my $faster = changed_record(sub { $_[0] * 0.97 });
my $worse  = cost("--recorded=$faster");
is($worse->{exit}, 1, 'a call that is 3 % slower than recorded fails') || show_run($worse);
is($worse->{lines}[-1], 'cost machines=5 status=failed', 'the verdict says so');
is(scalar(grep { /: worse, / } @{ $worse->{lines} }), 5, 'each machine is named');

my $nearly = changed_record(sub { $_[0] * 0.99 });
is(cost('--machine=epyc', "--recorded=$nearly")->{exit}, 0, 'a call that is 1 % slower passes');

my $slower = changed_record(sub { $_[0] * 1.03 });
my $better = cost('--machine=epyc', "--recorded=$slower");
is($better->{exit}, 0, 'a call that is faster than recorded passes') || show_run($better);
like($better->{output}, qr/^epyc: better, .*make cost RECORD=1/m, 'and should be recorded');

my $empty = File::Temp->new;
my $unknown = cost('--machine=mesh', "--recorded=$empty");
is($unknown->{exit}, 1, 'a machine without a recorded figure fails') || show_run($unknown);
like($unknown->{output}, qr/^mesh: nothing is recorded/m, 'and is named');

# ---- bad input ----

complains(cost('--recorded=/nowhere/cost.txt'), 1, qr{/nowhere/cost\.txt}, 'no file to compare with');
complains(cost('--record=/nowhere/cost.txt'), 1, qr{/nowhere/cost\.txt}, 'no file to write');
complains(cost('--machine=abacus'), 2, qr/abacus: no such machine/, 'an unknown machine');
complains(cost('--machine'), 2, qr/--machine: /, 'an option without its value');
complains(cost('--fast'), 2, qr/--fast: /, 'an unknown option');
complains(cost('mesh'), 2, qr/mesh: /, 'a word that is not an option');
complains(cost('--record=x', '--machine=mesh'), 2, qr/all machines/, 'a record of one machine');
like(cost('--help')->{output}, qr/\Ausage: cost /, '--help');

done_testing();

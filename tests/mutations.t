# Small breaks of the protocol, one at a time: the schedule explorer catches each. `make explore` runs them
# with all scenarios, this with the one that each patch names.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $mutate  = root() . '/tests/sim/mutate.sh';
my @patches = map { m{([^/]+)\.patch\z} } glob root() . '/tests/sim/mutations/*.patch';
cmp_ok(scalar(@patches), '>=', 12, 'there are at least 12');

my $run = run_command([ $mutate, '--quick' ]);
for my $name (@patches) {
    my ($line) = grep { /^\Q$name\E\s/ } @{ $run->{lines} };
    like($line // 'no line', qr/^\S+ \s+ (?:\S+\ )*\S+ \s+ \S+ \s+ [a-z0-9-]+ \s+ \d+ \z/x, "$name is caught");
}
has_fields($run, 'mutations', { applied => scalar(@patches), caught => scalar(@patches), status => 'ok' },
    'the line for programs');
is($run->{exit}, 0, 'exit status 0') || show_run($run);

# --- a patch that catches nothing is seen ---

my $folder = File::Temp->newdir;

sub is_refused {
    my ($name, $text, $pattern) = @_;
    my $path = "$folder/$name.patch";
    open my $file, '>', $path or die "$path: $!";
    print $file "$name\nClause: K1\nScenario: values\n\n$text";
    close $file or die "$path: $!";
    my $run = run_command([ $mutate, '--quick', $path ]);
    like($run->{output}, $pattern, "$name: told") || show_run($run);
    has_fields($run, 'mutations', { applied => 1, caught => 0, status => 'failed' }, "$name: counted");
    is($run->{exit}, 1, "$name: exit status 1");
    return;
}

my $head = "--- a/kernel/tlb.c\n+++ b/kernel/tlb.c\n\@\@ -1,1 +1,1 \@\@\n";
is_refused('outdated', "$head-no such line\n+another\n", qr/NOT CAUGHT: does not apply/);
is_refused('broken', "$head-/*\n+#error\n", qr/NOT CAUGHT: does not compile/);
is_refused('harmless', "$head-/*\n+/* \n", qr/NOT CAUGHT: every schedule went well/);

$run = run_command([ $mutate, 'no-such-name' ]);
is($run->{exit}, 2, 'a name that no patch has: exit status 2');

done_testing();

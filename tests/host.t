# SPDX-License-Identifier: MIT
# The host's unit tests (tests/host/, with cmocka), which `make host-tests` builds. Each of their cases is a test here.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $build = run_command([qw(make -s print-build)]);
is($build->{exit}, 0, 'make names the build folder') || show_run($build);
my $built = "$build->{lines}[0]/host";
my @programs = grep { -x && -f } glob "$built/*_test";
isnt(@programs, 0, "there are host tests in $built (make host-tests)");

for my $program (@programs) {
    my ($name) = $program =~ m{([^/]+)\z};
    my $run = run_command([ 'timeout', '120', $program ],
        environment => { CMOCKA_MESSAGE_OUTPUT => 'TAP' });
    report_tap(read_tap(@{ $run->{lines} }), $name);
    is($run->{exit}, 0, "$name: ended well") || show_run($run);
}

done_testing();

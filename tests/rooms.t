# SPDX-License-Identifier: MIT
# The rooms of kernel/ (kernel/rooms.txt, tools/rooms.pl): the tree as it is passes. An include or a symbol that points
# upwards, a machine that uses too much, and files that use each other do not pass.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Path     qw(make_path);
use File::Temp     ();
use FindBin        ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $build = run_command([qw(make -s print-build)])->{lines}[0];
my $make  = run_command([qw(make -s image)]);
is($make->{exit}, 0, 'the kernel is built') || show_run($make);

# A copy of the sources and the objects, with additional files: path => text.
sub rooms_with {
    my (%added) = @_;
    my $folder = File::Temp->newdir;
    my $copied = run_command([ 'cp', '-r', map({ root() . "/$_" } qw(kernel arch boot include lib)), $folder ]);
    is($copied->{exit}, 0, 'copied') || show_run($copied);
    make_path("$folder/build");
    run_command([ 'cp', '-r', map({ "$build/$_" } qw(kernel arch boot lib)), "$folder/build" ]);
    for my $path (sort keys %added) {
        make_path(dirname("$folder/$path"));
        open my $file, '>', "$folder/$path" or die "$path: $!";
        print {$file} $added{$path};
        close $file;
        next if $path !~ /\.c\z/;
        my $compiled = run_command([ qw(gcc -std=gnu11 -ffreestanding -mcmodel=kernel -fno-pic -c -I), $folder,
            '-I', "$folder/include", '-I', "$folder/arch/x86_64/include", '-o', "$folder/build/$path.o",
            "$folder/$path" ]);
        is($compiled->{exit}, 0, "$path compiles") || show_run($compiled);
    }
    return run_command([ 'sh', '-c', "cd '$folder' && perl '@{[ root() ]}/tools/rooms.pl' build" ]);
}

sub is_refused {
    my ($what, $pattern, %added) = @_;
    my $run = rooms_with(%added);
    is($run->{exit}, 1, "$what: status 1") || show_run($run);
    is(scalar(@{ $run->{lines} }), 1, "$what: one line") || show_run($run);
    like($run->{output}, $pattern, "$what: reported with its place");
    return;
}

my $run = rooms_with();
is($run->{exit}, 0, 'the tree as it is') || show_run($run);
is($run->{output}, '', 'nothing is reported');

is_refused('an include that points upwards',
    qr{^kernel/console/stray\.h:2: includes kernel/stop/bugcheck\.h: console may not$}m,
    'kernel/console/stray.h' => "\n#include \"kernel/stop/bugcheck.h\"\n");
is_refused('a symbol that points upwards',
    qr{^kernel/rendezvous/stray\.c: asks for processor_release_all of kernel/processors/life\.c: rendezvous may not}m,
    'kernel/rendezvous/stray.c' => "void processor_release_all(void);\nvoid stray(void);\n"
        . "void stray(void)\n{\n    processor_release_all();\n}\n");
is_refused('an include by another spelling',
    qr{^kernel/console/stray\.h:1: includes "\.\./stop/bugcheck\.h": write "kernel/\.\.\.", so that it can be checked$}m,
    'kernel/console/stray.h' => "#include \"../stop/bugcheck.h\"\n");
is_refused('a weak symbol that points upwards',
    qr{^kernel/rendezvous/stray\.c: asks for processor_release_all of kernel/processors/life\.c: rendezvous may not}m,
    'kernel/rendezvous/stray.c' => "void processor_release_all(void) __attribute__((weak));\nvoid stray(void);\n"
        . "void stray(void)\n{\n    processor_release_all();\n}\n");
is_refused('lib/ that calls the kernel',
    qr{^lib/stray\.c: asks for log_drain of kernel/console/log\.c: lib may not use console$}m,
    'lib/stray.c' => "void log_drain(void);\nvoid stray(void);\nvoid stray(void)\n{\n    log_drain();\n}\n");
is_refused('a machine that includes what it may not',
    qr{^arch/x86_64/stray\.h:1: includes kernel/rendezvous/round\.h: the machine may not$}m,
    'arch/x86_64/stray.h' => "#include \"kernel/rendezvous/round.h\"\n");
is_refused('a machine that calls what it may not',
    qr{^arch/x86_64/stray\.c: asks for log_drain of kernel/console/log\.c, which no header for the machine has$}m,
    'arch/x86_64/stray.c' => "#include \"kernel/upcall.h\"\nvoid stray(void);\n"
        . "void stray(void)\n{\n    log_drain();\n}\n");
is_refused('a room that asks the machine for more than arch.h has',
    qr{^kernel/console/stray\.c: asks for lapic_send of arch/x86_64/lapic\.c, which kernel/arch\.h does not have$}m,
    'kernel/console/stray.c' => "void lapic_send(void);\nvoid stray(void);\nvoid stray(void)\n{\n    lapic_send();\n}\n");
is_refused("a file in no room", qr{^kernel/attic/stray\.h:1: is in no room}m, "kernel/attic/stray.h" => "\n");
is_refused('files that use each other',
    qr{^these files use each other, .* gives no reason: kernel/silence/one\.c kernel/silence/other\.c$}m,
    'kernel/silence/one.c' => "void other(void);\nvoid one(void);\nvoid one(void)\n{\n    other();\n}\n",
    'kernel/silence/other.c' => "void one(void);\nvoid other(void);\nvoid other(void)\n{\n    one();\n}\n");

done_testing();

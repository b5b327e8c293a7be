# SPDX-License-Identifier: MIT
# A first run in any user's shell: variables of the environment, slips on make's command line, compilers, where the
# tree lies and whose it is.

use strict;
use warnings;

use Cwd qw(getcwd);
use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $directory = File::Temp->newdir;
chmod 0755, $directory;

sub write_file {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "$path: $!";
    print {$file} $text;
    close $file or die "$path: $!";
    return $path;
}

sub make {
    my @words = @_;
    return run_command([ 'make', @words ]);
}

# One test: make refuses in one line on stderr, which matches, before anything runs. (With -n nothing runs where it
# does not refuse.)
sub make_refuses {
    my ($words, $why, $name, %environment) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $run  = run_command([ 'make', '-n', @$words ], environment => \%environment);
    my $good = $run->{exit} != 0 && $run->{output} eq '' && $run->{errors} =~ /\A[^\n]*\n\z/ && $run->{errors} =~ $why;
    return ok($good, $name) || show_run($run);
}

# ---- the names of options ----

# What the documentation's tables have in rows that begin with `| `NAME=`.
my @documented;
for my $page (root() . '/README.md', glob(root() . '/docs/*.md')) {
    for my $row (grep { /^\| `[A-Z_]+=/ } split /\n/, contents($page)) {
        my ($cell) = $row =~ /^\| ([^|]+) \|/;
        push @documented, $cell =~ /`([A-Z_]+)=/g;
    }
}
# (DEBUG is for `make debug`.)
@documented = sort grep { $_ ne 'DEBUG' } @documented;
cmp_ok(scalar @documented, '>', 15, 'the documentation has a table of options');

# All that the Makefile sets, as make sees it.
my $database = make(qw(-pn help))->{output};
my %set = map { $_ => 1 } $database =~ /^# (?:makefile|'override' directive)[^\n]*\n(?:define )?([A-Za-z_.]+)(?: *(?:[:?+]|::)?=|$)/mg;
ok($set{KERNEL_CFLAGS} && $set{BUILD}, "make's own list of variables can be read");
is(join(' ', grep { $set{$_} } @documented), 'DRIVER', 'the Makefile sets no option, except the default of DRIVER');

my ($run_options) = $database =~ /^RUN_OPTIONS :?= (.*)$/m;
is(join(' ', sort 'LLVM', grep { $_ ne 'DEBUG' } split ' ', $run_options // ''), join(' ', @documented),
    'the Makefile knows the same options');
my %help = map { $_ => 1 } run_command([ 'tools/run', '--help' ])->{output} =~ /^ {4}([A-Z]+)=/mg;
delete $help{DEBUG};
is(join(' ', sort keys %help), join(' ', @documented), 'and so does tools/run --help');
my $run = run_command([ 'tools/run', '--check', map { "$_=" } @documented ]);
is("$run->{exit}$run->{output}$run->{errors}", '0', 'tools/run takes each of them') || show_run($run);

# ---- slips on make's command line ----

my @targets = make('help')->{output} =~ /^  make ([a-z-]+)/mg;
cmp_ok(scalar @targets, '>', 12, 'make help lists the targets');
make_refuses([ $_, 'cpus=8' ], qr/'cpus=8' is not known: did you mean CPUS=8\?/, "make $_ cpus=8") for @targets;
for my $case (
    [ 'CPU=8',        qr/did you mean CPUS=8\?/ ],
    [ 'test=torture', qr/did you mean TEST=torture\?/ ],
    [ 'Driver=a.c',   qr/did you mean DRIVER=a\.c\?/ ],
    [ 'ACCELL=kvm',   qr/did you mean ACCEL=kvm\?/ ],
    [ 'SEDE=7',       qr/did you mean SEED=7\?/ ],
    [ 'MEM=1G',       qr/did you mean MEMORY=1G\?/ ],
    [ 'LINK=static',  qr/'LINK=static' is not known: docs/ ],
    [ 'FROBNICATE=1', qr/'FROBNICATE=1' is not known: docs/ ],
    map { [ "$_=1", qr/$_=1: $_ is not an option: the Makefile sets it itself/ ] }
    qw(BUILD SIZE CODE OUT ROOT IMAGE VERSION OBJECTS SIM_CFLAGS)
    )
{
    my ($word, $why) = @$case;
    make_refuses([ 'run', $word ], $why, "make run $word is refused");
}
$run = make(qw(run CALLS=5));
like($run->{errors}, qr/\Arun: CALLS=5 is a setting of TEST=torture/,
    'make run CALLS=5: without that test it is refused') || show_run($run);
$run = make(qw(-n run CROSS_COMPILE= LLVM= HOSTCC=gcc T=x DUMP= CALL=1 STEPS=1 RECORD=1 MATRIX=full CC=gcc));
is($run->{exit}, 0, "make's other options are known") || show_run($run);
$run = make('-n', 'run', q{CMDLINE=a 'b'  c}, 'CPUS=3');
like($run->{output}, qr/^tools\/run +CPUS='3' +CMDLINE='a '\\''b'\\''  c'/m, 'values reach tools/run as they are')
    || show_run($run);

make_refuses([qw(run DRIVER=examples/rendezvous.c examples/my_ipi_generic_call.c)],
    qr/examples\/my_ipi_generic_call\.c is not a target: a driver is one C file/, 'a second file is not lost');
like(make(qw(-s print-image DRIVER=))->{output}, qr/\/my_ipi_generic_call-\d+\/muster\.elf$/,
    'DRIVER= means the default');

# ---- compilers ----

my $wrapper = write_file("$directory/gcc", qq{#!/bin/sh\nexec gcc "\$\@"\n});
chmod 0755, $wrapper;
SKIP: {
    skip 'there is no clang here', 1 if !grep { -x "$_/clang" } split /:/, $ENV{PATH};
    make_refuses([qw(run CC=clang)], qr/CC=clang: .*use LLVM=1/, 'CC=clang');
}
make_refuses([qw(run CC=no-such-compiler)], qr/there is no C compiler called no-such-compiler/, 'CC=no-such-compiler');
make_refuses([ 'run', 'CC=gcc -m32' ], qr/CC=gcc -m32: .*does not compile for x86-64/, 'CC=gcc -m32');
make_refuses([qw(run CC=gcc LLVM=1)], qr/exclude each other/, 'CC and LLVM');
make_refuses(['run'], qr/CROSS_COMPILE=none-: .*none-gcc/,
    'CROSS_COMPILE in the environment', CROSS_COMPILE => 'none-');

# A change of the compiler or of a flag makes an object again.
my $build = make(qw(-s print-build))->{lines}[0] =~ s{^\Q${\root()}\E/}{}r;
for my $case ([ 'lib/string.c.o', 'CC' ], [ 'host/lib/string.o', 'HOSTCC' ]) {
    my ($object, $variable) = @$case;
    make('-s', "$build/$object");
    my $count = sub { scalar grep { / -c -o / } @{ make('-n', "$build/$object", @_)->{lines} } };
    is($count->(), 0, "$object: nothing has changed");
    is($count->("$variable=$wrapper"), 1, "$object: $variable has changed");
    is($count->("$variable=gcc -DNOTHING"), 1, "$object: a flag inside $variable has changed");
}
for my $object (qw(lib/string.c.o portable/lib/string.o)) {
    make('-s', "$build/$object");
    my $remade = grep { / -c -o / } @{ make('-n', "$build/$object", 'WARNINGS=-Wall')->{lines} };
    is($remade, 1, "$object: a flag has changed");
}

# ---- names that other programs use, too ----

for my $case (
    [ 'cost',  qr{--steps|--record=},    STEPS => 1, RECORD => 1 ],
    [ 'cost',  qr{--machine},            MACHINE => 'epyc2' ],
    [ 'test',  qr{there is no tests/},   T => 'none' ],
    [ 'test',  qr{prove -j2 tests/run.t}, T => 'run' ],
    [ 'trace', qr{CALL=|trace=64},       CALL => 3 ],
    )
{
    my ($target, $trace, %environment) = @$case;
    my @words = map { "$_=$environment{$_}" } sort keys %environment;
    my $in_environment = run_command([ 'make', '-n', $target ], environment => \%environment);
    unlike("$in_environment->{output}$in_environment->{errors}", $trace,
        "@words in the environment: not for make $target");
    like(make('-n', $target, @words)->{output}, $trace, "but make $target @words");
}
like(run_command([qw(make -n trace)], environment => { DUMP => 'none.txt' })->{output}, qr/^tools\/run /m,
    'DUMP in the environment: make trace runs the machine');
unlike(make(qw(-n trace DUMP=none.txt))->{output}, qr/^tools\/run /m, 'but make trace DUMP=none.txt does not');

# ---- one boot with each ----

mkdir "$directory/a b" or die "a b: $!";
my $noise = write_file("$directory/noise.sh", "echo noise\ncd /\ngrep() { return 1; }\nset -e\n");

# The console is whole: no letter is lost, nothing is added.
sub boots {
    my ($command, $name, %environment) = @_;
    my $run = run_command($command, environment => \%environment);
    verdict_is($run, 'ok', 0, "$name: verdict ok");
    has_fields($run, 'call', { worker => 'MyIpiGenericCall', processors => 2, ran => 2 },
        "$name: the console is whole");
    is($run->{errors}, '', "$name: nothing is said") || show_run($run);
    return $run;
}

my @make_run = qw(make --no-print-directory run CPUS=2 TIMEOUT=120);
my %shell = (
    CDPATH          => '.:..:/',
    POSIXLY_CORRECT => 1,
    CPATH           => '/usr/include',
    GREP_OPTIONS    => '-v',
    GREP_COLORS     => 'mt=01;31',
    CLICOLOR_FORCE  => 1,
    IFS             => '/',
    LANG            => 'tr_TR.UTF-8',
    LC_ALL          => 'tr_TR.UTF-8',
    MAKEFLAGS       => '-j8',
    TMPDIR          => "$directory/a b",
    BASH_ENV        => $noise,
    ENV             => $noise,
    SHELLOPTS       => 'errexit:noglob:posix',
    'BASH_FUNC_cd%%'   => '() { return 1; }',
    'BASH_FUNC_grep%%' => '() { return 1; }',
    PERL5OPT        => '-Mnothing',
    GIT_DIR         => '/',
);
$run = boots(\@make_run, "a shell's variables", %shell);
my $version_of = sub {
    my ($version) = run_command([qw(make -pn help)], environment => {@_})->{output} =~ /^GIT_HASH := (.*)$/m;
    return $version // '';
};
my %git = (GIT_DIR => '/', GIT_WORK_TREE => '/', GIT_INDEX_FILE => '/none');
is($version_of->(%git), $version_of->(), "a repository of the shell's does not change the version");
isnt($version_of->(), '', 'which can be read');
boots([ 'env', '-u', 'HOME', '-u', 'TERM', @make_run ],
    'variables of make, of other programs, and none', map { $_ => 1 }
        qw(SEED CALLS SECONDS BUILD SIZE OUT ROOT CODE IMAGE LINK VERSION CFLAGS LDFLAGS LD NM DEBUG KVM MAKELEVEL));
# (With C_INCLUDE_PATH as well, gcc would drop CPATH's folder as a duplicate.)
boots(\@make_run, 'CC in the environment', CC => 'clang', HOSTCC => 'clang', C_INCLUDE_PATH => '/usr/include');

# ---- where make is started, and how ----

symlink root(), "$directory/link" or die "link: $!";
for my $case (
    [ "make -C '$directory/link' run PRINT=1",   'make -C' ],
    [ "cd '$directory/link' && make run PRINT=1", 'by a symbolic link' ],
    [ "cd '$directory/link/tests' && ../tools/run PRINT=1", 'tools/run from another folder' ],
    [ "cd tools && bash run PRINT=1",            'bash run' ],
    [ 'make -j8 run PRINT=1',                    'make -j8' ],
    [ 'make -w run PRINT=1',                     'make -w' ],
    [ 'umask 077 && make run PRINT=1',           'umask 077' ],
    )
{
    my ($command, $name) = @$case;
    $run = run_command([ 'sh', '-c', $command ]);
    my @words = grep { /^qemu-system/ } @{ $run->{lines} };
    ok($run->{exit} == 0 && @words == 1 && $words[0] =~ m{/muster\.elf }, "$name works") || show_run($run);
}
$run = run_command([ 'make', '-C', "$directory/link", 'explore', 'SEED=calls-2/2:r1' ]);
like($run->{output}, qr/^replay scenario=calls-2 steps=[0-9]+ status=ok$/m, 'make -C ... explore SEED= replays a seed')
    || show_run($run);
$run = make(qw(explore SEED=1));
like($run->{errors}, qr/\Aexplore: not a seed: 1 \(one is calls-2\/2:r1\)\nmake: /,
    'what is none is refused in one line') || show_run($run);
make_refuses([ '--no-print-directory', '-C', "$directory", '-f', root() . '/Makefile', 'run' ],
    qr/use make -C DIRECTORY/, 'make -f Makefile from elsewhere');

for my $command ('make run PRINT=1', 'make help', 'tools/trace docs/none') {
    isnt(run_command([ 'sh', '-c', "$command >/dev/full" ])->{exit}, 0, "$command >/dev/full fails");
}

# ---- the tree: a path with a space, another owner ----

mkdir "$directory/it's" or die "it's: $!";
symlink root() . "/$_", "$directory/it's/$_" for qw(Makefile tools tests);
make_refuses([ '--no-print-directory', '-C', "$directory/it's", 'run' ],
    qr/the path of this directory contains ', which the build cannot handle: move it/, 'a path with a quote');

my $tree = "$directory/a b/tree";
mkdir $tree or die "$tree: $!";
is(
    system(
        'sh', '-c',
        'cp -a Makefile arch boot docs examples include kernel lib linker.ld tests tools "$1" && mkdir -p "$1/$2" &&'
            . ' for part in arch boot kernel lib tests kernel.commands; do cp -a "$2/$part" "$1/$2"; done &&'
            . ' cd "$1" && git init -q && git -c user.name=a -c user.email=a commit -q --allow-empty -m a',
        'sh', $tree, $build
    ),
    0,
    'a copy of the tree, in a folder whose name has a space'
);
my $here = getcwd();
chdir $tree or die "$tree: $!";
my $hash = `git rev-parse --short HEAD`;
chdir $here;
chomp $hash;
$run = boots([ qw(make --no-print-directory -C), $tree, @make_run[ 2 .. $#make_run ] ],
    'it', GIT_TEST_ASSUME_DIFFERENT_OWNER => 1);
like($run->{output}, qr/^Muster [0-9.]+ \(\Q$hash\E(?:-dirty)?\)$/m,
    'a tree of another user has its version') || show_run($run);

# ---- the machine ----

$run = run_command([ 'timeout', 100, 'tools/run', 'CPUS=2', 'QEMU=-cpu max,-hypervisor', 'TIMEOUT=86400' ]);
verdict_is($run, 'ok', 0, 'a machine that does not look like an emulator is ended after its verdict');
is($run->{errors}, '', 'and nothing is said');
refused(launch('QEMU=-cpu no-such-model'), qr/unable to find CPU model 'no-such-model'/,
    'a CPU model that QEMU does not know');
for my $boot (qw(direct bios)) {
    $run = launch('QEMU=-cpu pentium3', "BOOT=$boot", 'TIMEOUT=100');
    verdict_is($run, 'failed', 1, "BOOT=$boot: a processor without long mode is no time-out");
    like($run->{errors}, qr/\Arun: this machine cannot run Muster; the last line was: Muster needs a 64-bit [^\n]*\n\z/,
        'and one line says so');
}

done_testing();

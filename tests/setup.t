# SPDX-License-Identifier: MIT
# tools/setup.sh: what it does when something is missing, and what each target of the Makefile asks for. Scripts
# stand for apt-get and sudo, and the commands of this machine are linked one by one, so that some can be left out.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

my $qemu = 'qemu-system-x86_64';

sub write_script {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "$path: $!";
    print {$file} "#!/bin/bash\n$text";
    close $file;
    chmod 0755, $path;
    return;
}

# A folder with this machine's commands, without QEMU, Bochs, GRUB, apt-get and sudo, but with all else
# that `make run` needs; without those that match a pattern, too.
sub commands {
    my ($without) = @_;
    my $directory = File::Temp->newdir;
    chmod 0755, $directory;
    for my $path (map { glob "$_/*" } grep { length } split /:/, $ENV{PATH}) {
        my ($name) = $path =~ m{([^/]+)\z};
        next if $name =~ /^(?:qemu-.*|bochs|grub-mkrescue|apt-get|sudo)$/ || defined $without && $name =~ $without;
        symlink $path, "$directory/$name";
    }
    return $directory if defined $without;
    for my $name (qw(gcc ld make)) {
        write_script("$directory/$name", '') if !-e "$directory/$name";
    }
    return $directory;
}

sub setup {
    my ($directory, @options) = @_;
    return setup_for({}, $directory, @options);
}

# The same with settings of the launcher in the environment.
sub setup_for {
    my ($settings, $directory, @options) = @_;
    return run_command([ root() . '/tools/setup.sh', @options ],
        environment => { %$settings, PATH => "$directory" });
}

# Logs how it is called; says what it would download; installing gives the machine what INSTALLED names.
sub add_apt_get {
    my ($directory, $installed) = @_;
    my $log = "$directory/apt-get.log";
    write_script("$directory/sudo", "echo sudo >>'$log'\nexec \"\$@\"\n");
    write_script("$directory/apt-get", <<"END");
echo "\$DEBIAN_FRONTEND: \$*" >>'$log'
if [[ \$* == *--print-uris* ]]; then
    printf '%s\\n' 'Need to get 13.2 MB of archives.' 'After this operation, 61 MB of additional disk space will be used.'
    exit
fi
[[ \$* == *install* ]] || exit 0
for name in $installed; do
    ln -s /bin/true '$directory'/\$name
done
END
    return $log;
}

sub lines_of {
    my ($path) = @_;
    open my $file, '<', $path or return [];
    chomp(my @lines = <$file>);
    return [ grep { $_ ne 'sudo' && !/--print-uris/ } @lines ];
}

my $machine = commands();
my $run     = setup($machine, '--run');
is($run->{exit}, 1, 'without apt-get it fails');
like($run->{errors}, qr/^setup: missing qemu-system-x86: runs the kernel$/m, 'and names the package');
is($run->{output}, '', 'on stderr');

my $log = add_apt_get($machine, $qemu);
$run = setup($machine, '--run');
is($run->{exit}, 0, 'with apt-get it installs') || show_run($run);
is_deeply(
    lines_of($log),
    [
        'noninteractive: -qq update',
        'noninteractive: -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends qemu-system-x86'
    ],
    'what is missing and nothing else'
);
like($run->{output}, qr/^setup: installing with .*apt-get:\nsetup:     qemu-system-x86: /,
    'and says so before');
like($run->{output}, qr/^setup: Need to get 13\.2 MB of archives\. After this operation, 61 MB .*\nsetup: done$/m,
    'with the size');
my $asked_sudo = grep { /^sudo$/ } do { open my $file, '<', $log or die; <$file> };
is($asked_sudo ? 1 : 0, $> == 0 ? 0 : 1, 'with sudo when not root');

$run = setup($machine, '--run');
is($run->{exit} . $run->{output} . $run->{errors}, '0', 'with all there it is silent');
is(@{ lines_of($log) }, 2, 'and leaves apt-get alone');
is(setup($machine, '--run', '-v')->{output}, "setup: nothing is missing\n", 'with -v it says so');

# What `make run` needs depends on what it is asked for.
for my $case (
    [ { BOOT => 'direct' },                 qr/\A\z/ ],
    [ { BOOT => 'bios' },                   qr/grub-common/, qr/bochs/ ],
    [ { BOOT => 'usb-uefi' },               qr/grub-common/, qr/bochs/ ],
    [ { ACCEL => 'bochs' },                 qr/grub-common.*missing bochs: /s ],
    [ { ACCEL => 'bochs', BOOT => 'bios' }, qr/grub-common.*missing bochs: /s ],
    )
{
    my ($settings, $wanted, $unwanted) = @$case;
    my $name = join ' ', map { "$_=$settings->{$_}" } sort keys %$settings;
    unlink "$machine/apt-get";
    $run = setup_for($settings, $machine, '--run');
    like($run->{errors}, $wanted, "$name: what it needs is missing");
    unlike($run->{errors}, $unwanted, "$name: and no more") if defined $unwanted;
}
$run = setup($machine, '--iso');
like($run->{errors}, qr/grub-common/, 'make iso needs GRUB');
unlike($run->{errors}, qr/missing (?:bochs|ovmf|clang)/, 'and no emulator');
like(setup($machine)->{errors}, qr/grub-common.*missing bochs: /s, 'make test needs all');

$machine = commands();
add_apt_get($machine, '');
$run = setup($machine, '--run');
is($run->{exit}, 1, 'an installation that brings nothing is a failure');
like($run->{errors}, qr/^setup: still missing .*: qemu-system-x86$/, 'and says what is missing');

write_script("$machine/apt-get", "exit 100\n");
$run = setup($machine, '--run');
is($run->{exit}, 1, 'a failure of apt-get is a failure');
like($run->{errors}, qr/^setup: apt-get could not install qemu-system-x86$/m, 'and is named');

# Not as root. (A root that runs this becomes nobody for it.)
SKIP: {
    my @as_user = $> == 0 ? qw(setpriv --reuid=65534 --regid=65534 --clear-groups) : ();
    my @setup   = (@as_user, root() . '/tools/setup.sh', '--run');
    skip 'nobody cannot read this tree, or there is no setpriv here', 4
        if @as_user && run_command([ @as_user, 'cat', root() . '/tools/setup.sh' ])->{exit};
    my $run_setup = sub { run_command(\@setup, environment => { PATH => "$machine" }) };
    write_script("$machine/sudo", "exit 1\n");
    $run = $run_setup->();
    is($run->{exit}, 1, 'a sudo that wants a password, and no terminal: it fails');
    my $install = 'apt-get install --no-install-recommends qemu-system-x86';
    like($run->{errors}, qr/\Asetup: sudo wants a password .*type: sudo $install\n\z/,
        'in one line, with what to type');
    unlink "$machine/sudo";
    $run = $run_setup->();
    is($run->{exit}, 1, 'without sudo it fails');
    like($run->{errors}, qr/\Asetup: you are not root and sudo is missing; as root: $install\n\z/, 'in one line');
}

# What each target sets up, on a machine that has next to nothing.
{
    my $bare = commands(qr/gcc|clang|llvm|^(?:ld|ld\..*|spin|gdb|shellcheck|prove|git)$/);
    my $asks_for = sub {
        my ($target, %settings) = @_;
        my $errors = setup_for(\%settings, $bare, "--$target")->{errors};
        return join ' ', sort $errors =~ /^setup: missing ([^\s:]+):/mg;
    };
    # Files such as stdio.h and cmocka.h are there or not: they do not count.
    my $names = sub { join ' ', grep { !/^lib|^bochs|^(?:make|mtools|xorriso|ovmf|seabios|grub-.*-bin)$/ } split ' ', $_[0] };
    my @compiler = qw(binutils gcc);
    for my $case (
        [ build        => [@compiler] ],
        [ run          => [ @compiler, 'qemu-system-x86' ] ],
        [ debug        => [ @compiler, 'gdb', 'qemu-system-x86' ] ],
        [ iso          => [ @compiler, 'grub-common' ] ],
        [ instructions => [ @compiler, 'qemu-system-x86' ] ],
        [ cost         => [@compiler] ],
        [ explore      => [ @compiler, 'perl' ] ],
        [ model        => [ 'gcc', 'spin' ] ],
        [ check        => [ @compiler, 'clang-format', 'git', 'perl', 'shellcheck' ] ],
        )
    {
        my ($target, $wanted) = @$case;
        is($names->($asks_for->($target)), join(' ', sort @$wanted), "make $target sets up what it needs, and no more");
        my $recipe = run_command([ qw(make -n), $target eq 'build' ? 'all' : $target ])->{output};
        like($recipe, qr{^tools/setup\.sh --$target\n}, "make $target begins with that");
    }
    is($names->($asks_for->('run', LLVM => 1)), 'clang lld llvm qemu-system-x86', 'make LLVM=1 run needs clang, and no gcc');
    is($names->($asks_for->('model', LLVM => 1)), 'gcc spin', 'make LLVM=1 model needs gcc, and no clang');
    for my $target (qw(check test)) {
        like($asks_for->($target, LLVM => 1), qr/^(?=.*\bclang ).*\bgcc /, "make LLVM=1 $target needs both");
    }
    like($asks_for->('run', LLVM => '-77'), qr/^clang-77 lld-77 llvm-77 /, 'LLVM=-77 that of the suffix');
    like(setup_for({ LLVM => '/none/' }, $bare, '--run')->{errors}, qr{^setup: LLVM=/none/: there is no /none/clang\n\z},
        'LLVM=/none/ is refused where there is none');
    unlike($asks_for->('run', ACCEL => 'bochs'), qr/qemu/, 'ACCEL=bochs needs no QEMU');
    like($asks_for->('test'), qr/\bgcc-mingw-w64-x86-64\b.*\bspin\b/, 'make test needs all');
}

$run = setup($machine, '--fast');
is($run->{exit}, 1, 'an unknown option is refused');
like($run->{errors}, qr/^setup: unknown option '--fast'.*\n\z/, 'in one line');
like(setup($machine, '--help')->{output}, qr/^usage: /, '--help');

done_testing();

# SPDX-License-Identifier: MIT
# tools/setup.sh: what it does when something is missing. Scripts stand for apt-get and sudo, and the
# commands of this machine are linked one by one, so that some can be left out.

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
# that `make run` needs.
sub commands {
    my $directory = File::Temp->newdir;
    for my $path (map { glob "$_/*" } grep { length } split /:/, $ENV{PATH}) {
        my ($name) = $path =~ m{([^/]+)\z};
        symlink $path, "$directory/$name" if $name !~ /^(?:qemu-.*|bochs|grub-mkrescue|apt-get|sudo)$/;
    }
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

# Logs how it is called; installing gives the machine what INSTALLED names.
sub add_apt_get {
    my ($directory, $installed) = @_;
    my $log = "$directory/apt-get.log";
    write_script("$directory/sudo", "echo sudo >>'$log'\nexec \"\$@\"\n");
    write_script("$directory/apt-get", <<"END");
echo "\$DEBIAN_FRONTEND: \$*" >>'$log'
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
    return [ grep { $_ ne 'sudo' } @lines ];
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
        'noninteractive: -qq install -y --no-install-recommends qemu-system-x86'
    ],
    'what is missing and nothing else'
);
like($run->{output}, qr/^setup: installing with .*apt-get:\nsetup:     qemu-system-x86: /,
    'and says so before');
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

SKIP: {
    skip 'root needs no sudo', 2 if $> == 0;
    unlink "$machine/sudo";
    $run = setup($machine, '--run');
    is($run->{exit}, 1, 'without sudo it fails');
    like($run->{errors}, qr/^setup: you are not root and sudo is missing.*\n\z/, 'in one line');
}

$run = setup($machine, '--fast');
is($run->{exit}, 1, 'an unknown option is refused');
like($run->{errors}, qr/^setup: unknown option '--fast'.*\n\z/, 'in one line');
like(setup($machine, '--help')->{output}, qr/^usage: /, '--help');

done_testing();

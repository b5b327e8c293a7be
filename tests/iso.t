# SPDX-License-Identifier: MIT
# `make iso` and tools/iso.sh: what is on the medium, when it is made again, what is refused, what it does
# without a key. tests/matrix.conf has the rest of the loaders.

use strict;
use warnings;

use File::Copy qw(copy);
use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use POSIX ();
use Test::More;

my $directory = File::Temp->newdir;

sub iso {
    my @words = @_;
    return run_command([ root() . '/tools/iso.sh', @words ]);
}

# A file of the medium; undef when it is not there.
sub read_from {
    my ($medium, $path) = @_;
    my $copy = "$directory/copy";
    unlink $copy;
    run_command([ 'xorriso', '-osirrox', 'on', '-indev', $medium, '-extract', $path, $copy ]);
    return -e $copy ? contents($copy) : undef;
}

sub write_file {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "$path: $!";
    print {$file} $text;
    close $file;
    return $path;
}

# --- what is on it ---

my $image  = write_file("$directory/image", "an image\n");
my $madt   = write_file("$directory/table", "APIC and more\n");
my $medium = "$directory/medium.iso";
my $run    = iso($image, $medium);
is($run->{exit} . $run->{output} . $run->{errors}, '0', 'an ISO is made in silence') || show_run($run);
is(read_from($medium, '/boot/muster.elf'), "an image\n", 'the image is on it');
is(read_from($medium, '/boot/settings.cfg'), '', 'no settings');
like(read_from($medium, '/boot/grub/grub.cfg'), qr/^menuentry /m, 'the menu');
my $report = run_command([ 'xorriso', '-indev', $medium, '-report_el_torito', 'plain' ])->{output};
like($report, qr/boot img .* BIOS  y/, 'BIOS boots it from CD');
like($report, qr/boot img .* UEFI  y/, 'UEFI too');
$report = run_command([ 'xorriso', '-indev', $medium, '-report_system_area', 'plain' ])->{output};
like($report, qr/^System area summary: MBR .*grub2-mbr.*GPT/m, 'BIOS boots it from USB') || diag($report);
# The type is that of an EFI system partition, its bytes in the order of the disk.
like($report, qr/^GPT type GUID .* 28732ac11ff8d211ba4b00a0c93ec93b$/m, 'UEFI too') || diag($report);

$run = iso('--cmdline', 'test=suite a=$b;c {x} #', '--madt', $madt, '--timeout', 0, $image, $medium);
is(
    read_from($medium, '/boot/settings.cfg'),
    "set timeout=0\nset words='test=suite a=\$b;c {x} #'\nacpi --exclude=APIC /boot/madt.bin\n",
    'settings'
) || show_run($run);
is(read_from($medium, '/boot/madt.bin'), "APIC and more\n", 'a MADT');

# --- what is refused ---

POSIX::mkfifo("$directory/pipe", 0600) or die "pipe: $!";

for my $case (
    [ [],                                          qr/give IMAGE and OUT\.iso/ ],
    [ [$image],                                    qr/give IMAGE and OUT\.iso/ ],
    [ [ "$directory/none", $medium ],              qr/none: there is no such image/ ],
    [ [ $image, "$directory/none/out" ],           qr/its folder cannot be written/ ],
    [ [ $image, "$directory" ],                    qr/: this is not a file/ ],
    [ [ $image, "$directory/pipe" ],               qr/pipe: this is not a file/ ],
    [ [ '--timeout', $image ],                     qr/give IMAGE and OUT\.iso/ ],
    [ [ '--timeout', '4x', $image, $medium ],      qr/--timeout 4x: give a number from 0 to 3600/ ],
    [ [ '--timeout', '3601', $image, $medium ],    qr/--timeout 3601: / ],
    [ [ '--madt', "$directory/none", $image, $medium ], qr/--madt \S+: there is no such file/ ],
    [ [ '--cmdline', q{a'b}, $image, $medium ],    qr/does not pass on ' unchanged/ ],
    [ [ '--cmdline', "a\nb", $image, $medium ],    qr/printable characters on one line/ ],
    [ [ '--fast', 1, $image, $medium ],            qr/'--fast' is not known/ ],
    )
{
    my ($words, $why) = @$case;
    $run = iso(@$words);
    my $good =
        $run->{exit} == 1
        && $run->{output} eq ''
        && $run->{errors} =~ /\Aiso: [^\n]*\n\z/
        && $run->{errors} =~ $why;
    ok($good, 'refused in one line: ' . join(' ', @$words) =~ s/\n/\\n/gr)
        || show_run($run);
}
is_deeply([ glob "$directory/*.iso.*" ], [], 'nothing half-made is left');

# All commands of this machine except one.
for my $case ([ 'grub-mkrescue', 'grub-common' ], [ 'xorriso', 'xorriso' ], [ 'mformat', 'mtools' ]) {
    my ($command, $package) = @$case;
    my $commands = File::Temp->newdir;
    for my $path (map { glob "$_/*" } grep { length } split /:/, $ENV{PATH}) {
        my ($name) = $path =~ m{([^/]+)\z};
        symlink $path, "$commands/$name" if $name ne $command;
    }
    $run = run_command([ root() . '/tools/iso.sh', $image, $medium ],
        environment => { PATH => "$commands" });
    like($run->{errors}, qr/\Aiso: there is no $command here: install $package\n\z/,
        "without $command it says what to install");
}

# A grub-mkrescue that fails, and leaves what it has begun.
{
    my ($commands, $temporary) = (File::Temp->newdir, File::Temp->newdir);
    write_file("$commands/grub-mkrescue", <<'END');
#!/bin/sh
mktemp -d "$TMPDIR/grub.XXXXXX" >&2
printf 'xorriso : FAILURE : too large\ngrub-mkrescue: error: xorriso failed\n.\n'
exit 1
END
    chmod 0755, "$commands/grub-mkrescue";
    $run = run_command([ root() . '/tools/iso.sh', $image, $medium ],
        environment => { PATH => "$commands:$ENV{PATH}", TMPDIR => "$temporary" });
    is("$run->{exit} $run->{errors}", "1 iso: grub-mkrescue: xorriso : FAILURE : too large\n",
        'grub-mkrescue fails: the reason is shown') || show_run($run);
    is_deeply([ glob("$temporary/*"), glob "$medium.*" ], [], 'and nothing is left');
}

# --- make iso ---

sub make_iso {
    my @words = @_;
    $run = run_command([ 'make', '--no-print-directory', 'iso', @words ]);
    is($run->{exit}, 0, "make iso @words") || show_run($run);
    return;
}

my $driver = "$directory/other.c";
copy(root() . '/tests/drivers/stack_argument.c', $driver) or die "$driver: $!";
copy(root() . '/tests/drivers/check.h', "$directory/check.h") or die "check.h: $!";
make_iso();
my $built = run_command([qw(make -s print-build)])->{lines}[0] . '/muster.iso';
my @first = stat $built;
make_iso();
my @second = stat $built;
is("@second[1, 9]", "@first[1, 9]", 'nothing has changed: the ISO is not made again');
unlike($run->{output}, qr/ISO/, 'and nothing says so');

# A stick with what `make iso` leaves: no key is pressed, the default entry starts after its time.
sub boot_built {
    my @words = @_;
    my @command = (
        qw(timeout 100 qemu-system-x86_64 -machine), 'q35,smm=off',
        qw(-m 256M -smp 2 -nodefaults -display none -no-reboot),
        '-device', 'isa-debug-exit,iobase=0xf4,iosize=4',
        '-drive',  "format=raw,readonly=on,if=none,id=medium,media=cdrom,file=$built",
        '-device', 'ide-cd,drive=medium', @words
    );
    return run_command(\@command);
}

make_iso("DRIVER=$driver");
$run = boot_built(qw(-serial stdio));
like($run->{output}, qr/^driver name=other status=0x00000000\r?$/m, 'it runs that driver, without a key')
    || show_run($run);
is($run->{exit}, 1, 'and ends well') || show_run($run);
make_iso();
$run = boot_built(qw(-serial none -vga std));
is($run->{exit}, 1, 'without a serial port it boots all the same') || show_run($run);

# --- a MADT of one's own ---

# A table that lists the first two processors alone.
sub madt_of_two {
    my $body  = pack('VV', 0xfee00000, 1) . join '', map { pack 'CCCCV', 0, 8, $_, $_, 1 } 0, 1;
    my $table = pack 'a4VCCa6a8Va4V', 'APIC', 36 + length $body, 3, 0, 'MUSTER', 'TWO', 1, 'TEST', 1;
    my $sum   = unpack '%8C*', $table . $body;
    substr $table, 9, 1, chr(-$sum & 0xff);
    return $table . $body;
}

write_file($madt, madt_of_two());
for my $boot (qw(bios uefi)) {
    $run = launch("BOOT=$boot", "MADT=$madt", 'CPUS=4', 'TIMEOUT=120');
    has_fields($run, 'smp', { processors => 2, online => 2 }, "BOOT=$boot MADT=file: it counts");
    verdict_is($run, 'ok', 0, "BOOT=$boot MADT=file: verdict ok");
}

done_testing();

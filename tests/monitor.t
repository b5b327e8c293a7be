# SPDX-License-Identifier: MIT
# What only an observer of the machine can see: its screen, the entries of the menu, processors that must be left
# alone, the NMI button. QEMU's monitor observes, and presses the keys.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use List::Util qw(uniq);
use Monitor;
use Muster;
use Test::More;
use Time::HiRes qw(sleep);

my $directory = File::Temp->newdir;
my ($cell_width, $cell_height) = (8, 16);
my %colour = (white => 'ffffff', green => '007020', red => 'b00018');

my $image = build_image();

# --- a machine that waits to be observed ---

# Boots from a medium like that of `make iso`; `qemu` are more words for QEMU.
sub start_medium {
    my (%option) = @_;
    my $iso = "$directory/medium.iso";
    my $run = run_command(
        [
            root() . '/tools/iso.sh', '--timeout', $option{timeout} // 0, '--cmdline',
            $option{words}, $image, $iso
        ]
    );
    is($run->{exit}, 0, "$option{name}: the medium") || show_run($run);
    return start_machine(
        %option,
        qemu => [
            qw(-vga std -drive), "format=raw,readonly=on,if=none,id=medium,media=cdrom,file=$iso",
            '-device', 'ide-cd,drive=medium', @{ $option{qemu} // [] }
        ]
    );
}

# The screen as rows of pixels; each row is a string with six hexadecimal digits per pixel.
sub look_at {
    my ($machine) = @_;
    my $path = "$directory/screen.ppm";
    unlink $path;
    monitor($machine, "screendump $path");
    return [] if !-e $path;
    my ($width, $height, $pixels) = contents($path) =~ /\AP6\s(\d+)\s(\d+)\s255\s(.*)\z/s or return [];
    return [ map { unpack 'H*', substr $pixels, $_ * $width * 3, $width * 3 } 0 .. $height - 1 ];
}

# --- the screen against the serial line ---

# The cells of a row of characters, each as its pixels.
sub cells_of {
    my ($screen, $row) = @_;
    my @lines = @$screen[ $row * $cell_height .. ($row + 1) * $cell_height - 1 ];
    my $size  = 6 * $cell_width;
    return map { my $at = $_ * $size; join '', map { substr $_, $at, $size } @lines }
        0 .. length($lines[0]) / $size - 1;
}

# What is wrong with the screen: a character must look the same everywhere, and different from all others.
sub unlike_text {
    my ($screen, @text) = @_;
    my (%look, %character);
    for my $row (0 .. $#text) {
        my @cells = cells_of($screen, $row);
        my @wanted = split //, sprintf '%-*s', scalar @cells, $text[$row];
        for my $column (0 .. $#cells) {
            my ($wanted, $cell) = ($wanted[$column], $cells[$column]);
            $look{$wanted}    //= $cell;
            $character{$cell} //= $wanted;
            return "row $row, column $column: not '$wanted' of: $text[$row]"
                if $look{$wanted} ne $cell || $character{$cell} ne $wanted;
        }
    }
    return '';
}

# The console's lines as the screen must wrap them.
sub broken_lines {
    my ($said, $columns) = @_;
    my ($console) = $said =~ /^(Muster [0-9.]+ \(.*)/ms;
    return map { length ? unpack "(A$columns)*", $_ : '' } split /\n/, $console // '';
}

# What is wrong with the whole screen.
sub wrong_with {
    my ($screen, $said, $paper) = @_;
    my $size = @$screen . ' lines of ' . length($screen->[0] // '') / 6;
    return "it has $size pixels" if $size ne '768 lines of 1024';
    return 'there is no band' if join(' ', uniq(unpack '(A6)*', $screen->[-1])) ne $paper;
    my @band = grep { /\A$paper/ } @$screen;
    my $letters = () = join('', @band) =~ /$colour{white}/g;
    return 'its band has ' . @band . " lines and $letters white pixels"
        if @band < 48 || @band > 200 || $letters < 1000;
    my @text = broken_lines($said, 1024 / $cell_width);
    my $rows = int((@$screen - @band) / $cell_height);
    @text = @text[ -$rows .. -1 ] if @text > $rows;
    return 'there is no text' if @text < 5;
    return unlike_text($screen, @text);
}

sub shows {
    my ($machine, $verdict, $paper) = @_;
    my $name   = $machine->{name};
    my $said   = await($machine, qr/^verdict status=$verdict exit=\d\n/m);
    my ($screen, $wrong) = ([], '');
    for (1 .. 400) { # the band and the text appear after the line
        $screen = look_at($machine);
        $wrong  = wrong_with($screen, $said, $colour{$paper});
        last if $wrong eq '';
        sleep 0.05;
    }
    is($wrong, '', "$name: it shows what the serial line says, and a band in $paper") || diag($said);
    return $said;
}

for my $case (
    [ 'BIOS, a good end',  'ok',       'green', 'bugcheck=halt' ],
    [ 'BIOS, a bad end',   'failed',   'red',   'bugcheck=halt phantom=77 timeout_ms=300' ],
    [ 'BIOS, a bug check', 'bugcheck', 'red',   'bugcheck=halt test=invalid_opcode' ],
    [ 'BIOS, scrolled',    'ok',       'green', 'bugcheck=halt test=suite' ],
    )
{
    my ($name, $verdict, $paper, $words) = @$case;
    my $machine = start_medium(name => $name, words => $words);
    shows($machine, $verdict, $paper);
    stop_machine($machine);
}

SKIP: {
    my ($firmware) = grep { -r } qw(/usr/share/OVMF/OVMF_CODE.fd /usr/share/ovmf/OVMF.fd);
    skip 'OVMF is not installed: the screen under UEFI is not checked', 2 if !defined $firmware;
    my $machine = start_medium(name => 'UEFI', words => 'bugcheck=halt', qemu => [ '-bios', $firmware ]);
    shows($machine, 'ok', 'green');
    stop_machine($machine);
}

# --- the menu ---

my @entries = (
    [ qr/^smp processors=3 online=3 apic=xapic ipi=shorthand .*^driver /ms, 'the driver' ],
    [ qr/^1\.\.[0-9]+$/m,                                                   'the tests' ],
    [ qr/^smp processors=3 online=1 .*^driver /ms,                          'one processor' ],
    [ qr/^smp processors=3 online=3 .* ipi=unicast .*^driver /ms,           'unicast' ],
    [ qr/^local APIC: no x2APIC mode: the processor does not have it$/m,    'x2APIC, which QEMU lacks' ],
);
for my $number (0 .. $#entries) {
    my ($wanted, $what) = @{ $entries[$number] };
    my $machine = start_medium(name => $what, words => '', timeout => 3600, cpus => 3);
    await($machine, qr/Run the driver in x2APIC mode.* in 36\d\ds/s);
    monitor($machine, 'sendkey down') for 1 .. $number;
    monitor($machine, 'sendkey ret');
    like(await($machine, qr/^verdict /m), $wanted, "entry $number: $what");
    waitpid $machine->{pid}, 0;
}

# --- processors: control registers, processors that are not started, the NMI button ---

# What the words remove from CR4: SMEP, SMAP and UMIP are bits 20, 21 and 11, SSE's are 9 and 10.
for my $case ([ '', '300e00' ], [ 'nosmep', '000600' ], [ 'nosse', '300800' ]) {
    my ($word, $wanted) = @$case;
    my $machine = start_kernel(name => "CR4 $word", words => "bugcheck=halt $word");
    await($machine, qr/^verdict /m);
    my @cr4 = monitor($machine, 'info registers -a') =~ /\bCR4=([0-9a-f]+)/g;
    is(join(' ', map { sprintf '%06x', hex() & 0x300e00 } @cr4), join(' ', ($wanted) x 4), "CR4: '$word'");
    stop_machine($machine);
}

my $machine = start_kernel(name => 'maxcpus', words => 'bugcheck=halt maxcpus=2');
like(await($machine, qr/^verdict /m), qr/^smp processors=4 online=2 /m, 'maxcpus=2: two are online');
my @cr0 = monitor($machine, 'info registers -a') =~ /\bCR0=([0-9a-f]+)/g;
is(join(' ', map { hex() >> 31 } @cr0), '1 1 0 0', 'maxcpus=2: the others never used the kernel\'s page tables');
stop_machine($machine);

# The NMI button drives every processor's LINT1; only the boot processor takes an interrupt.
$machine = start_kernel(name => 'nmi', words => 'bugcheck=halt');
await($machine, qr/^verdict status=ok/m);
monitor($machine, 'nmi');
like(await($machine, qr/^verdict status=bugcheck/m), qr/^bugcheck code=0x80 .* processor=0$/m,
    'NMI: the boot processor stops the machine');
stop_machine($machine);

done_testing();

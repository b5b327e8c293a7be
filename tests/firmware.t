# SPDX-License-Identifier: MIT
# Firmware tables with defects that real ones have had, and correct tables that look odd, read by the kernel on a
# machine that QEMU and its BIOS build from them.

use strict;
use warnings;
no warnings qw(portable);    # numbers above 32 bits

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Acpi;
use Muster;
use Test::More;

# Boots with these tables instead of the machine's own. `machine` are words for the launcher, `words` for QEMU.
sub boot_tables {
    my (%option) = @_;
    my $directory = File::Temp->newdir;
    my @words     = install("$directory", %option);
    return boot(%option, words => [ @words, @{ $option{words} // [] } ]);
}

# The image is built once, by the first run.
my @image = ();

sub boot {
    my (%option) = @_;
    my @words = @{ $option{words} // [] };
    my $run = launch(@image, 'CPUS=4', 'TIMEOUT=60', "QEMU=@words", @{ $option{machine} // [] });
    @image = ('IMAGE=' . image_path()) if !@image;
    return $run;
}

sub image_path {
    return run_command([ 'make', '--no-print-directory', '-s', 'print-image' ])->{lines}[0] // '';
}

# A MADT, and the tables of the machine's timers.
sub boot_madt {
    my @entries = @_;
    return boot_tables(
        tables  => [ fadt(0x608), madt(@entries), hpet(0xFED00000) ],
        machine => ['CMDLINE=timeout_ms=300']
    );
}

sub firmware_lines {
    my ($run) = @_;
    return join "\n", grep { m{^(?:firmware|clock:|local APIC|I/O APIC|processor with)} && !/^clock: TSC/ }
        @{ $run->{lines} };
}

# The output of a run and its end.
sub came_up {
    my ($run, $name, %wanted) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($listed, $online) = @wanted{qw(listed online)};
    my $exit = $listed == $online ? 0 : 1;
    my $said = $wanted{said} // qr/\A\z/;
    has_fields($run, 'smp', { processors => $listed, online => $online }, "$name: smp line");
    has_fields($run, 'call', { processors => $online, ran => $online, status => 'ok' },
        "$name: those that run take the call");
    like(firmware_lines($run), $said, "$name: what is said of it") || show_run($run);
    verdict_is($run, $exit ? 'failed' : 'ok', $exit, "$name: verdict");
    return;
}

my @four = map { lapic($_, $_) } 0 .. 3;

# --- sound lists ---

came_up(boot_madt(io_apic(), @four, lapic_nmi(0xFF, 1)), 'a list like any', listed => 4, online => 4);

came_up(boot_madt(map { lapic($_, 3 - $_) } 0 .. 3),
    'the boot processor last', listed => 4, online => 4);

came_up(boot_madt((map { lapic($_, 0xFF, $_ % 2) } 0 .. 7), map { x2apic($_, $_) } 0 .. 3),
    'xAPIC entries that are all placeholders', listed => 4, online => 4);

came_up(
    boot_madt(@four[ 0, 1 ], lapic(2, 2, 0), lapic(3, 3, 2), x2apic(9, 9, 2)),
    'entries that are disabled or online capable',
    listed => 2,
    online => 2
);

came_up(
    boot_madt((map { entry(0, pack('CCL<x8', $_, $_, 1)) } 0 .. 3), entry(0x7F, 'whatever')),
    'longer entries than are known, and unknown types',
    listed => 4,
    online => 4
);

came_up(
    boot(machine => ['CPUS=6'], words => [ '-smp', '6,sockets=2,cores=3,threads=1' ]),
    'ids with gaps', listed => 6, online => 6
);

came_up(boot(words => [ '-smp', '2,maxcpus=8' ]),
    'processors that could be plugged in', listed => 2, online => 2);

# --- lists with defects ---

came_up(
    boot_madt(@four, lapic(9, 9)),
    'a processor that is not there (B8)',
    listed => 5,
    online => 4,
    said   => qr/^processor with APIC id 9: never ran the trampoline$/
);

came_up(
    boot_madt(@four, map { x2apic($_, $_) } 0 .. 3),
    'every processor twice',
    listed => 4,
    online => 4,
    said   => qr/\Afirmware: processor list has 4 duplicates, 0 malformed.*\z/
);

came_up(
    boot_madt(@four[ 0, 1 ], x2apic(302, 2), x2apic(303, 3)),
    'x2APIC entries for ids that an xAPIC entry could name',
    listed => 4,
    online => 4,
    said   => qr/\Afirmware: 2 processors with ids below 255 are in x2APIC entries; they are used\z/
);

came_up(
    boot_madt(@four, x2apic(300, 300)),
    'an id that xAPIC mode cannot reach',
    listed => 5,
    online => 4,
    said   => qr/no x2APIC mode.*\n.*APIC id 300: out of reach/
);

came_up(
    boot_madt(@four[ 1 .. 3 ]),
    'the boot processor is not listed',
    listed => 4,
    online => 4,
    said   => qr/\Afirmware: the list lacks the boot processor, APIC id 0\z/
);

came_up(
    boot_madt(io_apic()),
    'a list of nobody',
    listed => 1,
    online => 1,
    said   => qr/\Afirmware: the list lacks the boot processor, APIC id 0\z/
);

for my $case (
    [ 'of length 0',        pack('CC', 0, 0) ],
    [ 'of length 1',        pack('CC', 9, 1) ],
    [ 'that runs past the end', entry(0, pack('CCL<', 2, 2, 1), 40) ],
    )
{
    my ($what, $bytes) = @$case;
    came_up(
        boot_madt(@four[ 0, 1 ], $bytes),
        "an entry $what",
        listed => 2,
        online => 2,
        said   => qr/\Afirmware: processor list has 0 duplicates.*, and ends early\z/
    );
}

came_up(
    boot_madt(@four, entry(9, "\1\1\1\1")),
    'an entry that is too short',
    listed => 4,
    online => 4,
    said   => qr/\Afirmware: processor list has 0 duplicates, 1 malformed entries, 0 beyond \d+\z/
);

came_up(
    boot_madt(@four, lapic_nmi(0xFF, 1), x2apic_nmi(0, 0)),
    'NMI on the other input',
    listed => 4,
    online => 4,
    said   => qr/\Afirmware: NMI is wired to LINT0 of the boot processor\z/
);

came_up(
    boot_madt(@four, lapic_address(0xFEE10000)),
    'the registers of the local APIC elsewhere',
    listed => 4,
    online => 4,
    said   => qr/\Afirmware: local APIC at 0xfee10000, but the processor says 0xfee00000.*\z/
);

came_up(
    boot_madt(@four, io_apic(0x200000)),
    'an I/O APIC where there is memory',
    listed => 4,
    online => 4,
    said   => qr/\AI\/O APIC at 0x200000: this is memory; left alone\z/
);

# --- root tables ---

my @tables = (fadt(0x608), madt(@four), hpet(0xFED00000));

came_up(boot_tables(tables => \@tables, revision => 2, lacks => ['RSDT']),
    'an XSDT alone', listed => 4, online => 4);

for my $case (
    [ 'a MADT with a bad checksum', qr/\(0x1\)\z/, bad => ['APIC'] ],
    [ 'an RSDT with a bad checksum', qr/\(0x2\)\z/, bad => ['RSDT'] ],
    [ 'an XSDT with a bad checksum and a good RSDT', qr/\(0x8\)\z/, revision => 2, bad => ['XSDT'] ],
    [ 'an XSDT that is nowhere', qr/\(0x8\)\z/, revision => 2, lacks => ['XSDT'] ],
    )
{
    my ($what, $code, @option) = @$case;
    came_up(
        boot_tables(tables => \@tables, @option),
        $what,
        listed => 4,
        online => 4,
        said   => qr/\Afirmware: ACPI tables with defects are used anyway $code/
    );
}

came_up(
    boot_tables(tables => [ fadt(0x608) ]),
    'no list',
    listed => 1,
    online => 1,
    said   => qr/\Afirmware: no usable ACPI processor list; one processor is used\z/
);

came_up(
    boot_tables(
        tables   => [ fadt(0x608), madt(@four) ],
        revision => 2,
        extra    => [ 0x123456789ABCDEF0, 0xFFFFFFFFFFFFFFF0, 0xFFFFFF000, 0 ]
    ),
    'addresses of tables that no processor can form',
    listed => 4,
    online => 4
);

{
    my $file = File::Temp->new;
    binmode $file;
    print {$file} checksummed(madt(@four));
    $file->flush;
    came_up(
        boot_tables(
            tables   => [ fadt(0x608) ],
            revision => 2,
            extra    => [0x100001FF1],    # the table crosses a page
            machine  => ['MEMORY=4G'],
            words => [ '-device', "loader,file=$file,addr=0x100001ff1,force-raw=on" ]
        ),
        'a list above 4 GiB',
        listed => 4,
        online => 4
    );
}

# --- the clock's timers ---

sub clock_is {
    my ($run, $said, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $text = join "\n", grep { /^clock:/ } @{ $run->{lines} };
    like($text, $said, "clock: $name") || show_run($run);
    verdict_is($run, 'ok', 0, "clock: $name: verdict");
    return;
}

# The machine with these tables and a correct list.
sub boot_timers {
    my @timers = @_;
    return boot_tables(tables => [ madt(@four), @timers ]);
}

clock_is(boot(), qr/\Aclock: TSC \d+ MHz by HPET \(ACPI PM timer agrees\)\z/, 'the usual machine');

clock_is(boot(words => [ '-machine', 'hpet=off' ]),
    qr/\Aclock: TSC \d+ MHz by ACPI PM timer \(PIT agrees\)\z/, 'no HPET');

clock_is(boot_timers(hpet(0xFED00000)),
    qr/\Aclock: TSC \d+ MHz by HPET \(PIT agrees\)\z/, 'no power management timer');

clock_is(boot_timers(fadt(0x608, flags => 1 << 20), hpet(0xFED00000)),
    qr/\Aclock: TSC \d+ MHz by HPET \(PIT agrees\)\z/, 'hardware-reduced ACPI');

clock_is(boot_timers(), qr/\Aclock: TSC \d+ MHz by PIT \(no other source confirms it\)\z/, 'neither');

clock_is(boot_timers(fadt(0xB000), hpet(0xFED80000)),
    qr/\Aclock: ACPI PM timer does not count\nclock: TSC \d+ MHz by PIT \(no other source confirms it\)\z/,
    'timers where nothing is');

clock_is(boot_timers(fadt(0x608), hpet(0x123456789ABCD000)),
    qr/\Aclock: TSC \d+ MHz by ACPI PM timer \(PIT agrees\)\z/, 'an HPET that no processor can reach');

# The data at that address looks like an HPET of 100 MHz.
clock_is(
    boot_tables(
        tables => [ madt(@four), fadt(0x608), hpet(0x8000000) ],
        words  => [ '-device', 'loader,addr=0x8000000,data=0x0098968000000001,data-len=8' ]
    ),
    qr/\Aclock: TSC \d+ MHz by ACPI PM timer \(PIT agrees\)\z/,
    'an HPET where there is memory'
);

clock_is(boot(machine => ['THREAD=single'], words => [ '-icount', 'shift=1' ]),
    qr/\Aclock: TSC (?:999|1000|1001) MHz by HPET \(ACPI PM timer agrees\)\z/, 'instructions as time');

clock_is(
    boot(machine => ['MACHINE=microvm'], words => [ '-machine', 'pit=off,rtc=off,pic=off' ]),
    qr/\Aclock: PIT does not count\nclock: nothing to measure.*; 6000 MHz assumed, so time-outs are too long/,
    'none at all'
);

# Bochs's processor states a crystal that its time stamp counter does not follow.
SKIP: {
    skip 'bochs is not installed: no other processor states a wrong rate', 2
        if !grep { -x "$_/bochs" } split /:/, $ENV{PATH};
    clock_is(
        launch('ACCEL=bochs', 'BOOT=bios', 'CPUS=2'),
        qr/\Aclock: TSC 50 MHz by HPET \(ACPI PM timer agrees\)\nclock: \d+ MHz by CPUID is ignored/,
        'two timers against a statement'
    );
}

# --- by GRUB, which replaces the machine's MADT ---

{
    my $file = File::Temp->new;
    binmode $file;
    print {$file} checksummed(madt(@four[ 0 .. 2 ], lapic(9, 9)));
    $file->flush;
    came_up(
        boot(machine => [ 'BOOT=bios', "MADT=$file", 'CMDLINE=timeout_ms=300' ]),
        'GRUB, a processor that is not there',
        listed => 4,
        online => 3,
        said   => qr/\Aprocessor with APIC id 9: never ran the trampoline\z/
    );
}

# --- x2APIC mode, which QEMU's own processors of this version do not have ---

SKIP: {
    skip '/dev/kvm cannot be used: the DMAR table is read on the host only', 2 if !-w '/dev/kvm';
    my $run = boot_tables(
        tables  => [ fadt(0x608), madt(lapic(0, 0)), hpet(0xFED00000), dmar(3) ],
        machine => [ 'CPUS=1', 'ACCEL=kvm', 'CMDLINE=apic=x2apic', 'TIMEOUT=120' ]
    );
    has_fields($run, 'smp', { apic => 'xapic', online => 1 }, 'DMAR: no step up to x2APIC mode');
    like(firmware_lines($run), qr/no x2APIC mode: the firmware opts out of it/, 'DMAR: and why')
        || show_run($run);
}

# Ids above 254 without x2APIC mode: no processor may be mistaken for another by the low 8 bits of its id. This takes
# half a minute or more, so only make test-full does it.
SKIP: {
    skip 'ids out of reach: only in make test-full', 3 if ($ENV{MATRIX} // '') ne 'full';
    skip '/dev/kvm cannot be used: no other engine has 260 processors', 3 if !-w '/dev/kvm';
    my $run = launch('ACCEL=kvm', 'CPUS=260', 'QEMU=-cpu qemu64,-x2apic,-pni', 'TIMEOUT=300');
    has_fields($run, 'smp', { processors => 260, apic => 'xapic', online => 255 },
        'ids above 254 without x2APIC mode: the others come');
    has_fields($run, 'call', { processors => 255, ran => 255, status => 'ok' }, 'and run the driver');
    verdict_is($run, 'failed', 1, 'but the verdict is failed');
}

done_testing();

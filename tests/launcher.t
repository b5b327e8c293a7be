# SPDX-License-Identifier: MIT
# tools/run alone: the command that it composes, and what it refuses. A script stands for QEMU.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use StandIn;
use Test::More;

# --- the command ---

sub printed {
    my @words = @_;
    return run_stand_in({}, 'PRINT=1', @words);
}

my $run = printed('CPUS=1');
is($run->{exit}, 0, 'PRINT=1 ends well');
is(scalar @{ $run->{lines} }, 1, 'and prints one line');
like($run->{output}, qr/^qemu-system-x86_64 .*-machine q35,\S+ .*-smp 1 -m 256M -kernel \S+ /,
    'the command');
like($run->{output}, qr/ -append '' .*-serial stdio -no-reboot .*iobase=0xf4,iosize=4$/, 'and its end');
like(printed('CPUS=255')->{output}, qr/thread=single -cpu max -smp 255 /,
    'more processors than cores share a thread');
like(printed('CPUS=1')->{output},   qr/thread=multi /, 'one processor has its own');
like(printed('CPUS=255', 'THREAD=multi')->{output}, qr/thread=multi /, 'THREAD overrides');
like(printed('TEST=suite')->{output}, qr/ -append test=suite /, 'TEST becomes test=');
like(
    printed('TEST=suite', q{CMDLINE=maxcpus=2 x='a'})->{output},
    qr/ -append \Q'test=suite maxcpus=2 x='\''a'\'''\E /,
    'CMDLINE follows it, quoted for a shell'
);
like(printed('TEST=torture', 'CALLS=5', 'SEED=0', 'SECONDS=7', 'CMDLINE=x')->{output},
    qr/ -append 'test=torture calls=5 seed=0 seconds=7 x' /, 'the settings of TEST=torture follow it, too');
like(printed('TEST=torture', 'CALLS=', 'SEED=', 'SECONDS=')->{output}, qr/ -append test=torture /,
    'those that are empty are left out');
$run = run_stand_in({ SECONDS => 9, CALLS => 3, TEST => 'torture', PRINT => 1 });
like($run->{output}, qr/ -append 'test=torture calls=3 seconds=9' /,
    'they count in the environment, too, where bash has a SECONDS of its own');
like(printed('MEMORY=1G')->{output}, qr/ -m 1G /,  'MEMORY');
like(printed('DEBUG=1')->{output},   qr/ -s -S$/,  'DEBUG=1 waits for a debugger');
like(printed('CPUS=')->{output},     qr/ -smp 4 /, 'an empty value is the default');
$run = run_stand_in({ CPUS => 7, PRINT => 1 });
like($run->{output}, qr/ -smp 7 /, 'the environment counts');
$run = run_stand_in({ CPUS => 7, PRINT => 1 }, 'CPUS=3');
like($run->{output}, qr/ -smp 3 /, 'an argument counts more');
$run = run_stand_in({ DEBUG => 1, PRINT => 1 });
unlike($run->{output}, qr/ -S/, 'DEBUG counts as an argument only');

my $disk = '-drive if=none,id=medium,format=raw,readonly=on,file=./muster.iso';
for my $case (
    [ 'BOOT=bios',     qr/ \Q$disk,media=cdrom -device ide-cd,drive=medium,bootindex=0\E / ],
    [ 'BOOT=uefi',     qr/,media=cdrom .* -bios \S*OVMF\S* / ],
    [ 'BOOT=usb-bios', qr/ -device qemu-xhci \Q$disk -device usb-storage,drive=medium,bootindex=0\E / ],
    [ 'BOOT=usb-uefi', qr/ usb-storage,\S+ -bios \S*OVMF\S* / ],
    )
{
    my ($word, $wanted) = @$case;
    $run = printed($word, 'TEST=suite', 'CMDLINE=a=1 b', "MADT=$stand_in");
    my ($iso, $machine) = @{ $run->{lines} };
    is($iso =~ s/^\S+\///r,
        "iso.sh --timeout 0 --cmdline 'test=suite a=1 b' --madt $stand_in $stand_in ./muster.iso",
        "$word: the ISO");
    like($machine, $wanted, "$word: the medium");
    unlike($machine, qr/-kernel|sata=off/, "$word: nothing else is booted");
}
like(printed('MACHINE=pc')->{output},      qr/ -machine pc,/,                'MACHINE=pc');
like(printed('MACHINE=microvm')->{output}, qr/ -machine microvm,acpi=on,/, 'MACHINE=microvm');
like(printed('QEMU=-m 64M  -s')->{output}, qr/ -m 256M .* -m 64M -s$/, 'QEMU comes last, in words');
for my $words ('-m 64M', 'x -s') {
    like(run_stand_in({ QEMU => $words, PRINT => 1 })->{output}, qr/ -m 256M .* $words$/,
        "QEMU='$words' in the environment counts");
}
for my $words ('/usr/bin/qemu-system-x86_64', 'qemu x-y') {
    unlike(run_stand_in({ QEMU => $words, PRINT => 1 })->{output}, qr/ $words$/, "QEMU='$words' does not");
}
sub printed_kvm {
    my ($probe, @words) = @_;
    return run_stand_in({ PROBE => $probe }, 'PRINT=1', @kvm, @words)->{output};
}
like(printed_kvm(33), qr/-accel kvm -cpu host .*-append bugcheck=exit /, 'ACCEL=kvm');
like(printed_kvm('stuck', 'CMDLINE=bugcheck=halt'),
    qr/-cpu qemu64,\S+ .*-append 'bugcheck=exit nosse bugcheck=halt' /, 'a KVM that knows no SSE');
like(printed_kvm(33, 'CPUS=288'),
    qr/q35\S*,kernel-irqchip=split .*-device intel-iommu,intremap=on,eim=on /, 'more than 255');
unlike(printed_kvm(33, 'CPUS=255'), qr/intel-iommu/, '255 need nothing special');
$run = printed('ACCEL=bochs', 'CPUS=12', 'QUANTUM=5', 'MEMORY=1G', 'CMDLINE=apic=x2apic');
like(
    $run->{output},
    qr/^\S+iso.sh --timeout 0 --cmdline apic=x2apic .*\nenv SDL_VIDEODRIVER=dummy bochs -q -f \S+ -rc \S+\n/,
    'ACCEL=bochs: the commands'
);
like($run->{output}, qr/^megs: 1024\ncpu: .*count=12, quantum=5$/m, 'and its settings');
$run = run_stand_in({}, '--help');
ok($run->{exit} == 0 && $run->{output} =~ /^usage: /, '--help');

# --- what it refuses ---

for my $case (
    [ 'CALLS=5',       qr/CALLS=5 is a setting of TEST=torture/ ],
    [ 'TEST=suite SEED=5', qr/SEED=5 is a setting of TEST=torture/ ],
    [ 'TEST=storm SECONDS=5', qr/SECONDS=5 is a setting of TEST=torture/ ],
    [ 'TEST=torture CALLS=0',       qr/CALLS=0: .*1 to 999999999/ ],
    [ 'TEST=torture CALLS=many',    qr/CALLS=many: / ],
    [ 'TEST=torture SECONDS=86401', qr/SECONDS=86401: .*1 to 86400/ ],
    [ 'TEST=torture SEED=-1',       qr/SEED=-1: .*at most 18 digits/ ],
    [ 'TEST=torture SEED=1234567890123456789', qr/at most 18 digits/ ],
    [ 'CPUS=0',        qr/CPUS=0: .*1 to 255/ ],
    [ 'CPUS=300',      qr/CPUS=300: .*1 to 255/ ],
    [ 'CPUS=256',      qr/1 to 255/ ],
    [ 'CPUS=four',     qr/CPUS=four: / ],
    [ 'CPUS=08',       qr/CPUS=08: / ],
    [ 'CPUS=-1',       qr/CPUS=-1: / ],
    [ 'ACCEL=warp',    qr/ACCEL=warp: .*tcg kvm bochs/ ],
    [ 'TIMEOUT=0',     qr/TIMEOUT=0: .*1 to 86400/ ],
    [ 'TIMEOUT=86401', qr/1 to 86400/ ],
    [ 'TIMEOUT=soon',  qr/TIMEOUT=soon/ ],
    [ 'THREAD=two',    qr/THREAD=two: .*single multi/ ],
    [ 'MEMORY=lots',   qr/MEMORY=lots/ ],
    [ 'PRINT=yes',     qr/PRINT=yes/ ],
    [ 'DEBUG=yes',     qr/DEBUG=yes/ ],
    [ 'CUPS=4',        qr/'CUPS=4' is not known: did you mean CPUS=4\?.*--help/ ],
    [ 'cpus=4',        qr/'cpus=4' is not known: did you mean CPUS=4\?/ ],
    [ 'CPU=4',         qr/'CPU=4' is not known: did you mean CPUS=4\?/ ],
    [ 'test=suite',    qr/'test=suite' is not known: did you mean TEST=suite\?/ ],
    [ 'MEM=1G',        qr/'MEM=1G' is not known: did you mean MEMORY=1G\?/ ],
    [ 'LINK=static',   qr/'LINK=static' is not known: give KEY=VALUE/ ],
    [ 'fast',          qr/'fast' is not known/ ],
    [ '=',             qr/'=' is not known/ ],
    [ 'TEST=a b',      qr/TEST=a b: .*one test/ ],
    [ 'BOOT=floppy',    qr/BOOT=floppy: .*direct bios uefi/ ],
    [ 'MACHINE=isapc',  qr/MACHINE=isapc: .*q35 pc microvm/ ],
    [ 'QUANTUM=3',      qr/setting of Bochs/ ],
    [ 'ACCEL=bochs QUANTUM=33',      qr/QUANTUM=33: .*1 to 32/ ],
    [ 'ACCEL=bochs CPUS=64',         qr/CPUS=64: .*1 to 12 with ACCEL=bochs/ ],
    [ 'ACCEL=bochs BOOT=direct',     qr/BOOT=direct and ACCEL=bochs .*use BOOT=bios/ ],
    [ 'ACCEL=bochs BOOT=uefi',       qr/BOOT=uefi and ACCEL=bochs .*use BOOT=bios/ ],
    [ 'ACCEL=bochs MACHINE=pc',      qr/MACHINE=pc and ACCEL=bochs exclude/ ],
    [ 'ACCEL=bochs THREAD=multi',    qr/THREAD=multi and ACCEL=bochs exclude/ ],
    [ 'ACCEL=bochs QEMU=-s',         qr/QEMU=-s and ACCEL=bochs exclude/ ],
    [ 'ACCEL=bochs DEBUG=1',         qr/DEBUG=1 and ACCEL=bochs exclude/ ],
    [ 'ACCEL=bochs MEMORY=3G',       qr/Bochs has 2G at most/ ],
    [ 'ACCEL=bochs MEMORY=2049M',    qr/Bochs has 2G at most/ ],
    [ 'ACCEL=kvm CPUS=289',          qr/CPUS=289: .*1 to 288/ ],
    [ 'ACCEL=kvm THREAD=multi',      qr/THREAD=multi and ACCEL=kvm exclude/ ],
    [ 'ACCEL=kvm BOOT=uefi',         qr/BOOT=uefi and ACCEL=kvm exclude/ ],
    [ 'ACCEL=kvm CPUS=256 MACHINE=pc', qr/MACHINE=pc has no interrupt remapping/ ],
    [ 'ACCEL=kvm KVM=/none',         qr/there is no \/none here .*use ACCEL=tcg/ ],
    [ "ACCEL=kvm KVM=$stand_in",     qr/does not work here \(status 1\): use ACCEL=tcg/ ],
    [ 'MACHINE=microvm BOOT=bios',   qr/MACHINE=microvm has no disk .*use BOOT=direct/ ],
    [ 'MADT=tools/run',              qr/MADT needs a loader/ ],
    [ 'MADT=none BOOT=bios',         qr/MADT=none: there is no such file/ ],
    [ 'CMDLINE=' . 'x' x 4001,       qr/CMDLINE is 4001 characters long: at most 4000/ ],
    [ q{CMDLINE=a\\b BOOT=bios},     qr/GRUB does not pass on \\ unchanged/ ],
    [ q{CMDLINE=a='b' BOOT=bios},    qr/GRUB does not pass on ' unchanged/ ],
    [ 'TEST=a b',      qr/TEST=a b: .*one test/ ],
    [ 'DRIVER=no_such_driver.c', qr/DRIVER=no_such_driver\.c: there is no such file/ ],
    [ 'DRIVER=tests',            qr/DRIVER=tests is a folder: a driver is one C file so far/ ],
    [ 'CALLS=5',                 qr/CALLS=5 is a setting of TEST=torture/ ],
    [ 'SEED=5 TEST=suite',       qr/SEED=5 is a setting of TEST=torture/ ],
    [ 'DRIVER=tools/run',        qr/DRIVER=tools\/run: a driver is a C file/ ],
    )
{
    my ($word, $why) = @$case;
    my @words = $word eq 'TEST=a b' ? $word : split / /, $word;
    refused(run_stand_in({}, @words), $why, "$word is refused in one line");
}
refused(run_stand_in({ CPUS => 'many' }), qr/CPUS=many/, 'a bad value in the environment is refused');

sub write_driver {
    my ($name) = @_;
    open my $driver, '>', "$directory/$name" or die "$name: $!";
    close $driver;
    return "$directory/$name";
}
my $two = join ' ', map { write_driver($_) } qw(driver.c other.c);
refused(run_stand_in({}, 'DRIVER=' . write_driver(q{its'driver.c})),
    qr/cannot handle '.' in a path/, 'a driver whose path make cannot handle is refused');
refused(run_stand_in({}, "DRIVER=$two"), qr/names 2 files: a driver is one C file so far/, 'two files are refused');
refused(run_stand_in({}, "DRIVER=$two none.c"), qr/none\.c: there is no such file/, 'unless one of them is not there');
for my $name (qw(driver.cpp driver.cc driver.C)) {
    refused(run_stand_in({}, 'DRIVER=' . write_driver($name)), qr/no C\+\+ so far: write the driver in C/,
        "$name is refused with the way out");
}
refused(run_stand_in({}, "DRIVER=$directory/driver.c", 'TEST=suite'),
    qr/TEST or DRIVER, not both/, 'TEST and DRIVER together are refused');

# All commands of this machine except QEMU.
my $commands = File::Temp->newdir;
for my $path (map { glob "$_/*" } grep { length } split /:/, $ENV{PATH}) {
    my ($name) = $path =~ m{([^/]+)\z};
    symlink $path, "$commands/$name" if $name !~ /^qemu-system/;
}
refused(
    run_command([ root() . '/tools/run', @image ], environment => { PATH => "$commands" }),
    qr/no qemu-system-x86_64 here: run tools\/setup\.sh/,
    'without QEMU it says how to get it'
);

# Where temporary files cannot be written.
refused(
    run_command([ root() . '/tools/run', @image ], environment => { TMPDIR => '/proc' }),
    qr/no temporary directory can be made in \/proc/,
    'without a temporary directory it says so'
);

# Without GRUB.
unlink "$commands/grub-mkrescue";
symlink $stand_in, "$commands/qemu-system-x86_64";
refused(
    run_command([ root() . '/tools/run', @image, 'BOOT=bios' ], environment => { PATH => "$commands" }),
    qr/no grub-mkrescue here: install grub-common, or run tools\/setup\.sh/,
    'without GRUB it says how to get it'
);
unlink "$commands/bochs";
symlink '/bin/true', "$commands/grub-mkrescue";
refused(
    run_command([ root() . '/tools/run', @image, 'ACCEL=bochs' ], environment => { PATH => "$commands" }),
    qr/no bochs here: run tools\/setup\.sh/,
    'without Bochs too'
);

done_testing();

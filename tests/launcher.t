# SPDX-License-Identifier: MIT
# tools/run alone: how it calls QEMU, and what it concludes from QEMU's end. A script stands for QEMU.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

# The stand-in prints CONSOLE and ERRORS, then exits with STATUS, or hangs when there is none.
my $directory = File::Temp->newdir;
my $stand_in  = "$directory/qemu-system-x86_64";
open my $file, '>', $stand_in or die "$stand_in: $!";
print {$file} <<'END';
#!/bin/bash
if [[ $* == *probe.rom* ]]; then # the launcher asks what KVM can do
    [[ ${PROBE:-} == stuck || ${PROBE:-} == silent ]] || exit "${PROBE:-1}"
    [[ ${PID_FILE:-} ]] && echo $$ >"$PID_FILE"
    [[ $PROBE == silent ]] && exec tail -f /dev/null
    echo 'KVM internal error. Suberror: 1' >&2
    exec tail -f /dev/null
fi
[[ ${STUBBORN:-} ]] && trap '' TERM
[[ ${PID_FILE:-} ]] && echo $$ >"$PID_FILE"
printf '%b' "${CONSOLE:-}"
printf '%b' "${ERRORS:-}" >&2
[[ ${STATUS:-} ]] && exit "$STATUS"
[[ ${STUBBORN:-} ]] || exec tail -f /dev/null
while :; do read -r -t 1 <> <(:); done
END
close $file;
chmod 0755, $stand_in;

# The one for Bochs does so in the files that its settings name, and writes a LOG.
open $file, '>', "$directory/bochs" or die "bochs: $!";
print {$file} <<'END';
#!/bin/bash
console=$(sed -n 's/^com1: .*dev="\(.*\)"/\1/p' "$3")
log=$(sed -n 's/^log: //p' "$3")
printf '%b' "${LOG:-}" >"$log"
[[ ${STATUS:-} ]] && exit "$STATUS"
printf '%b' "${CONSOLE:-}" >"$console"
exec tail -f /dev/null
END
close $file;
chmod 0755, "$directory/bochs";

my @image = ("IMAGE=$stand_in", 'TIMEOUT=20');

sub run_stand_in {
    my ($machine, @words) = @_;
    my $temporary = File::Temp->newdir;
    my $run = run_command([ root() . '/tools/run', @image, @words ],
        environment => { PATH => "$directory:$ENV{PATH}", TMPDIR => "$temporary", %$machine });
    $run->{left_behind} = [ glob "$temporary/*" ];
    return $run;
}

# --- how a run ended ---

my $ok = 'verdict status=ok exit=0';
my $run = run_stand_in({ STATUS => 1, CONSOLE => "hello\r\n$ok\r\n" });
verdict_is($run, 'ok', 0, 'status 1 and the kernel\'s verdict is ok');
is($run->{output}, "hello\n$ok\n", 'the verdict is not printed twice; carriage returns are gone');
is($run->{errors}, '', 'nothing is said when all is well');
is_deeply($run->{left_behind}, [], 'no temporary file is left');

$run = run_stand_in({ STATUS => 3, CONSOLE => "verdict status=failed exit=1\n" });
verdict_is($run, 'failed', 1, 'status 3 is failed');

$run = run_stand_in({ STATUS => 5, CONSOLE => "bugcheck code=0xa\nverdict status=bugcheck exit=2\n" });
verdict_is($run, 'bugcheck', 2, 'status 5 is bugcheck');

# A kernel that halts or resets after its verdict leaves QEMU without a status.
my $bugcheck = 'verdict status=bugcheck exit=2';
$run = run_stand_in({ CONSOLE => "$bugcheck\n" }, 'CMDLINE=bugcheck=halt');
verdict_is($run, 'bugcheck', 2, 'bugcheck=halt: the machine is ended after the verdict');
is($run->{errors}, '', 'bugcheck=halt: as if it had ended by itself');

$run = run_stand_in({ STATUS => 0, CONSOLE => "$bugcheck\n" }, 'CMDLINE=bugcheck=reset');
verdict_is($run, 'bugcheck', 2, 'bugcheck=reset: the verdict counts');

$run = run_stand_in({ STATUS => 0, CONSOLE => "hello\n" }, 'CMDLINE=bugcheck=reset');
verdict_is($run, 'failed', 1, 'bugcheck=reset: but there must be one');

$run = run_stand_in({ STATUS => 0, CONSOLE => "$bugcheck\n" }, 'CMDLINE=bugcheck=reset bugcheck=exit');
verdict_is($run, 'failed', 1, 'the last such word counts');

$run = run_stand_in({ STATUS => 3, CONSOLE => "$ok\n" });
verdict_is($run, 'failed', 1, 'a false verdict on the console does not hide status 3');

$run = run_stand_in({ STATUS => 5, CONSOLE => "$ok\nlater\n" });
verdict_is($run, 'bugcheck', 2, 'nor does it hide status 5');

$run = run_stand_in({ STATUS => 0, CONSOLE => "$ok\n" });
verdict_is($run, 'failed', 1, 'nor does it hide a reset');
like($run->{errors}, qr/^run: the machine reset .*triple fault/, 'a reset is named');

$run = run_stand_in({ STATUS => 1, CONSOLE => "$ok\nlate line\n" });
verdict_is($run, 'ok', 0, 'the verdict is the last line even when something came after it');

$run = run_stand_in({ STATUS => 1, CONSOLE => "$ok\npart of a line" });
verdict_is($run, 'ok', 0, 'and also after a line that was not finished');

$run = run_stand_in({ STATUS => 1, CONSOLE => "x $ok\n" });
verdict_is($run, 'failed', 1, 'a line that only contains the verdict is none');

$run = run_stand_in({ STATUS => 1, ERRORS => "qemu: no such machine\n" });
verdict_is($run, 'failed', 1, 'an error of QEMU, status 1 too, is failed');
like($run->{errors}, qr/^run: QEMU ended with status 1: no such machine\n\z/, 'and QEMU\'s own text is shown, in one line');
$run = run_stand_in({ STATUS => 1, ERRORS => "qemu: first\nqemu: second\n" });
like($run->{errors}, qr/^qemu: first\nqemu: second\nrun: QEMU ended with status 1 \(its message is above\)\n\z/,
    'a longer text as it is');

$run = run_stand_in({ STATUS => 1, ERRORS => "qemu: warning\n", CONSOLE => "$ok\n" });
verdict_is($run, 'ok', 0, 'a warning of QEMU changes nothing');
is($run->{errors}, "qemu: warning\n", 'but is shown');

$run = run_stand_in({ STATUS => 139, CONSOLE => "$ok\n" });
verdict_is($run, 'failed', 1, 'a QEMU that crashes after the verdict is failed');

$run = run_stand_in({ STATUS => 77, CONSOLE => "booting\n" });
verdict_is($run, 'failed', 1, 'an unknown status is failed');
like($run->{errors}, qr/^run: QEMU ended with status 77 .*booting/, 'and named, with the last line');

# --- time ---

$run = given_time(1, qr/last words$/m, sub { run_stand_in({ CONSOLE => "first\nlast words\n\n" }, "TIMEOUT=$_[0]") });
verdict_is($run, 'timeout', 124, 'a machine that hangs is a timeout');
is(scalar(split /^/, $run->{errors}), 1, 'one line says so');
like($run->{errors}, qr/^run: no verdict within \d+ s; .*last words$/, 'with the last line seen');

# The verdict line ends a run, whatever the machine does afterwards.
for my $case ([ ok => 0 ], [ failed => 1 ], [ bugcheck => 2 ]) {
    my ($status, $exit) = @$case;
    $run = run_command([ 'timeout', 60, root() . '/tools/run', @image, 'TIMEOUT=86400' ],
        environment => { PATH => "$directory:$ENV{PATH}", CONSOLE => "verdict status=$status exit=$exit\n" });
    verdict_is($run, $status, $exit, "a machine that goes on after its verdict is ended: $status");
    is($run->{errors}, '', 'silently');
}
$run = run_stand_in({ CONSOLE => "$ok\n" }, 'TIMEOUT=1');
verdict_is($run, 'ok', 0, 'also when the time is over first');
$run = run_stand_in({ CONSOLE => "$ok\nlater\n" }, 'TIMEOUT=4');
verdict_is($run, 'timeout', 124, 'a verdict that is not the last line ends nothing');
$run = run_stand_in({ CONSOLE => "Muster needs a 64-bit processor: x.\n" });
verdict_is($run, 'failed', 1, 'a machine that cannot run the kernel is ended');
like($run->{errors}, qr/\Arun: this machine cannot run Muster; the last line was: Muster needs [^\n]*\n\z/, 'and says so');

# --- a stdout that cannot be written ---

sub run_with_stdout {
    my ($where, $machine, @words) = @_;
    my $command = join ' ', root() . '/tools/run', @image, @words, $where;
    return run_command([ 'bash', '-c', "set -o pipefail; $command" ],
        environment => { PATH => "$directory:$ENV{PATH}", %$machine });
}
for my $case (
    [ '>/dev/full',          {},                  1 ],
    [ '>/dev/full',          { STATUS => 5, CONSOLE => "verdict status=bugcheck exit=2\n" }, 2 ],
    [ '>/dev/full PRINT=1',  {},                  1 ],
    [ '>/dev/full --help',   {},                  1 ],
    [ '>&-',                 {},                  1 ],
    [ '| true',              {},                  1 ],
    [ '| head -n 1',         {},                  1 ],
    )
{
    my ($where, $machine, $exit) = @$case;
    $run = run_with_stdout($where, { STATUS => 1, CONSOLE => "hello\n$ok\n", %$machine });
    is($run->{exit}, $exit, "tools/run $where: the exit status says that the console was lost") || show_run($run);
    like($run->{errors}, qr/\Arun: stdout cannot be written: [^\n]+\n\z/, 'and so does one line');
}

# A torture may take as long as its calls need.
sub timeout_of {
    my @words = @_;
    my $script = 'for part in settings torture; do source "$0/tools/lib/$part.sh"; done;'
        . ' refuse() { exit 1; }; read_settings "$@"; check_settings; echo "${asked[TIMEOUT]}"';
    return run_command([ 'bash', '-c', $script, root(), @words ])->{output} + 0;
}
is(timeout_of('TEST=suite'), 60, 'a minute is the default');
cmp_ok(timeout_of('TEST=torture', 'CALLS=1000000', 'CPUS=8'), '>=', 1800, 'a million calls have longer');
cmp_ok(timeout_of('TEST=torture', 'SECONDS=600'), '>=', 1200, 'ten minutes have longer');
cmp_ok(timeout_of('TEST=torture', 'SECONDS=60', 'CALLS=100000000'), '<', 600, 'the earlier end counts');
is(timeout_of('TEST=torture', 'CALLS=999999999'), 86400, 'a day is the most');
is(timeout_of('TEST=torture', 'CALLS=1000000', 'TIMEOUT=7'), 7, 'what is given counts');

$run = run_stand_in({ STUBBORN => 1 }, 'TIMEOUT=1');
verdict_is($run, 'timeout', 124, 'a QEMU that ignores TERM is killed');
like($run->{errors}, qr/console stayed empty/, 'an empty console is named');

# Does a process end? One that has ended may not have been waited for yet.
sub ends {
    my ($pid) = @_;
    for (1 .. 3000) {
        return 1 if !kill(0, $pid) || (eval { contents("/proc/$pid/stat") } // ') Z ') =~ /\) Z /;
        select undef, undef, undef, 0.01;
    }
    return 0;
}

for my $signal ([ INT => 130 ], [ TERM => 143 ], [ TERM => 143, 'ACCEL=kvm', "KVM=$stand_in" ]) {
    my ($name, $exit, @words) = @$signal;
    my $temporary = File::Temp->newdir;
    my $pid_file  = "$temporary/pid";
    $run = run_command(
        [ root() . '/tools/run', @image, @words ],
        environment => {
            PATH     => "$directory:$ENV{PATH}",
            TMPDIR   => "$temporary",
            CONSOLE  => "up\n",
            PROBE    => 'silent',
            PID_FILE => $pid_file,
        },
        while_running => sub {
            my ($pid, $output) = @_;
            select undef, undef, undef, 0.01 until -s (@words ? $pid_file : $output);
            kill $name, $pid;
        }
    );
    $name = join ' ', $name, @words;
    verdict_is($run, 'failed', $exit, "$name ends the run");
    open my $file, '<', $pid_file or die "$pid_file: $!";
    chomp(my $machine = <$file>);
    ok(ends($machine), "$name ends QEMU too");
    unlink $pid_file;
    is_deeply([ glob "$temporary/*" ], [], "$name leaves no file behind");
}

# --- loaders ---

my $noise = "\x1b[2J\x1b[01;01HBdsDxe: loading\r\n\x1b[0m  Booting `Muster 1'Booting\r\n\r\n";
$run = run_stand_in({ STATUS => 1, CONSOLE => "${noise}Muster 0.1.0 (x)\r\n$ok\r\n" }, 'BOOT=uefi');
is($run->{output}, "Muster 0.1.0 (x)\n$ok\n", 'the console begins where the loader has ended');
$run = run_stand_in({ STATUS => 1, CONSOLE => "${noise}early\r\nMuster 0.1.0 (x)\r\n$ok\r\n" }, 'BOOT=bios');
is($run->{output}, "early\nMuster 0.1.0 (x)\n$ok\n", 'what the kernel says before its name is shown too');
$run = run_stand_in({ STATUS => 5, CONSOLE => "${noise}bad\r\nverdict status=bugcheck exit=2\r\n" }, 'BOOT=bios');
is($run->{output}, "bad\nverdict status=bugcheck exit=2\n", 'also when its name never comes');
my %lost = (CONSOLE => "${noise}error: no kernel\r\n");
$run = given_time(1, qr/no kernel$/m, sub { run_stand_in(\%lost, 'BOOT=bios', "TIMEOUT=$_[0]") });
verdict_is($run, 'timeout', 124, 'a loader that gets nowhere is a timeout');
like($run->{errors}, qr/; the last line was: error: no kernel$/, 'and its last line is shown');

# --- KVM ---

my @kvm = ('ACCEL=kvm', "KVM=$stand_in");
my $stopped = "KVM internal error. Suberror: 1\nRAX=1\nRIP=2\n";
$run = run_stand_in({ PROBE => 'stuck', ERRORS => $stopped, CONSOLE => "hello\n" }, @kvm);
verdict_is($run, 'failed', 1, 'a machine that KVM stops is ended');
is($run->{errors}, "KVM internal error. Suberror: 1\nRIP=2\n"
        . "run: KVM cannot execute what stands at RIP (see above); the last line was: hello\n",
    'and its place is shown');
$run = run_stand_in({ PROBE => 'stuck' }, @kvm, 'IMAGE=', 'DRIVER=tests/drivers/sse.c');
verdict_is($run, 'failed', 1, 'a driver that needs what this KVM cannot do does not run');
like($run->{errors}, qr/^run: sse\.c computes with floating point .*use ACCEL=tcg\n\z/m, 'and the message says why');
my $advice = 'warning: Number of SMP cpus requested (8) exceeds the recommended cpus supported by KVM (2)';
$run = run_stand_in({ PROBE => 33, STATUS => 1, ERRORS => "$advice\n", CONSOLE => "$ok\n" }, @kvm);
verdict_is($run, 'ok', 0, 'a machine that runs under KVM');
is($run->{errors}, '', 'advice about numbers of processors is not repeated');

# --- Bochs ---

$run = run_stand_in({ CONSOLE => "${noise}Muster 0.1.0 (x)\n$ok\n" }, 'ACCEL=bochs');
verdict_is($run, 'ok', 0, 'Bochs is ended by the verdict');
is($run->{errors}, '', 'silently');
is_deeply($run->{left_behind}, [], 'and leaves nothing behind');
$run = run_stand_in({ CONSOLE => "Muster 0.1.0 (x)\nverdict status=failed exit=1\n" }, 'ACCEL=bochs');
verdict_is($run, 'failed', 1, 'the verdict counts');
$run = run_stand_in({ CONSOLE => "Muster 0.1.0 (x)\nverdict status=bugcheck exit=2\n" }, 'ACCEL=bochs');
verdict_is($run, 'bugcheck', 2, 'a bug check too');
$run = run_stand_in(
    { LOG => "01e[APIC0 ] bad mode\n02i[CDROM ] fine\n03p[CPU0  ] >>PANIC<< 3rd exception\n",
        CONSOLE => "Muster 0.1.0 (x)\n" }, 'ACCEL=bochs');
verdict_is($run, 'failed', 1, 'a panic of Bochs is a failure');
like($run->{errors}, qr/\A01e.APIC0 . bad mode\n03p.*>>PANIC<<.*\nrun: Bochs gave up .*\n\z/,
    'and is shown with what it said of the processors');
$run = run_stand_in({ LOG => "01p[CPU0  ] >>PANIC<< odd\n", CONSOLE => "Muster 0.1.0 (x)\n$ok\n" },
    'ACCEL=bochs');
verdict_is($run, 'failed', 1, 'even with a verdict');
$run = run_stand_in({ STATUS => 1 }, 'ACCEL=bochs');
verdict_is($run, 'failed', 1, 'a Bochs that does not start is a failure');
like($run->{errors}, qr/^run: Bochs ended with status 1 and no verdict/m, 'and named');
$run = run_stand_in({ CONSOLE => "Muster 0.1.0 (x)\n" }, 'ACCEL=bochs', 'TIMEOUT=1');
verdict_is($run, 'timeout', 124, 'a Bochs that hangs is a timeout');

# --- a terminal ---

sub run_on_terminal {
    my ($machine, @words) = @_;
    my $command = join ' ', root() . '/tools/run', @image, @words;
    my $run     = run_command([ 'script', '-qec', $command, '/dev/null' ],
        environment => { PATH => "$directory:$ENV{PATH}", SHELL => '/bin/sh', %$machine });
    s/\r//g for $run->{output}, @{ $run->{lines} };
    return $run;
}

$run = run_on_terminal({ STATUS => 5, CONSOLE => "hello\n" });
is($run->{output}, "hello\nverdict status=bugcheck exit=2\n", 'a terminal shows the same');
is($run->{exit}, 2, 'and gets the same status');
my $silence = qr/^run: running: no output for 2 s/m;
$run = given_time(4, $silence, sub { run_on_terminal({}, "TIMEOUT=$_[0]") });
like($run->{output}, $silence, 'on a terminal, silence is named');
unlike(run_stand_in({}, 'TIMEOUT=4')->{errors}, qr/no output/, 'without a terminal it is not');

# --- the command ---

sub printed {
    my @words = @_;
    return run_stand_in({}, 'PRINT=1', @words);
}

$run = printed('CPUS=1');
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
like($run->{output}, qr/^\S+iso.sh --timeout 0 --cmdline apic=x2apic .*\nenv SDL_VIDEODRIVER=dummy bochs -q -f \S+ -rc \S+\n/,
    'ACCEL=bochs: the commands');
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

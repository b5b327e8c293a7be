# SPDX-License-Identifier: MIT
# tools/run alone: what it concludes from how QEMU or Bochs ends. Scripts stand for both.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use StandIn;
use Test::More;

# --- how a run ended ---

my $ok  = 'verdict status=ok exit=0';
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
like($run->{errors}, qr/^run: QEMU ended with status 1: no such machine\n\z/,
    'and QEMU\'s own text is shown, in one line');
$run = run_stand_in({ STATUS => 1, ERRORS => "qemu: first\nqemu: second\n" });
like($run->{errors}, qr/^qemu: first\nqemu: second\nrun: QEMU ended with status 1 \(its message is above\)\n\z/,
    'a longer text as it is');

$run = run_stand_in({ STATUS => 1, ERRORS => "qemu: warning\n", CONSOLE => "$ok\n" });
verdict_is($run, 'ok', 0, 'a warning of QEMU changes nothing');
is($run->{errors}, "qemu: warning\n", 'but is shown');

$run = run_stand_in({ STATUS => 139, CONSOLE => "$ok\n" });
verdict_is($run, 'failed', 1, 'a QEMU that crashes after the verdict is failed');
$run = run_stand_in({ STATUS => 137, CONSOLE => "$ok\n" });
verdict_is($run, 'failed', 1, 'and so is one that is killed, though not by the launcher');

$run = run_stand_in({ STATUS => 77, CONSOLE => "booting\n" });
verdict_is($run, 'failed', 1, 'an unknown status is failed');
like($run->{errors}, qr/^run: QEMU ended with status 77 .*booting/, 'and named, with the last line');

# --- time ---

my $hangs = { CONSOLE => "first\nlast words\n\n" };
$run = given_time(1, qr/last words$/m, sub { run_stand_in($hangs, "TIMEOUT=$_[0]") });
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
like($run->{errors}, qr/\Arun: this machine cannot run Muster; the last line was: Muster needs [^\n]*\n\z/,
    'and says so');
my $needs = "Muster 0.1.0 (x)\nMuster needs a driver's attention\n";
$run = run_stand_in({ STATUS => 3, CONSOLE => $needs });
verdict_is($run, 'failed', 1, 'a line of a driver that looks like it');
unlike($run->{errors}, qr/cannot run Muster/, 'says nothing about the machine');
my $limit = qr/^run: no verdict within/m;
$run = given_time(1, $limit, sub { run_stand_in({ CONSOLE => $needs }, "TIMEOUT=$_[0]") });
verdict_is($run, 'timeout', 124, 'and does not end the run');

# --- a stdout that cannot be written ---

# (A reader that leaves after one line gets no more of a short console; a pipe holds 64 KiB.)

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
    [ '| head -n 1',         { CONSOLE => "hello there\n" x 10_000 . "$ok\n" }, 1 ],
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

done_testing();

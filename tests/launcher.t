# tools/run alone: what it asks of QEMU and what it makes of QEMU's end. A script stands for QEMU.

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
like($run->{errors}, qr/^qemu: no such machine\nrun: QEMU ended/, 'and QEMU\'s own text is shown');

$run = run_stand_in({ STATUS => 1, ERRORS => "qemu: warning\n", CONSOLE => "$ok\n" });
verdict_is($run, 'ok', 0, 'a warning of QEMU changes nothing');
is($run->{errors}, "qemu: warning\n", 'but is shown');

$run = run_stand_in({ STATUS => 77, CONSOLE => "booting\n" });
verdict_is($run, 'failed', 1, 'an unknown status is failed');
like($run->{errors}, qr/^run: QEMU ended with status 77 .*booting/, 'and named, with the last line');

# --- time ---

$run = run_stand_in({ CONSOLE => "first\nlast words\n\n" }, 'TIMEOUT=1');
verdict_is($run, 'timeout', 124, 'a machine that hangs is a timeout');
is(scalar(split /^/, $run->{errors}), 1, 'one line says so');
like($run->{errors}, qr/^run: no verdict within 1 s; .*last words$/, 'with the last line seen');

$run = run_stand_in({ CONSOLE => "$ok\n" }, 'TIMEOUT=1');
verdict_is($run, 'timeout', 124, 'a verdict without an end is a timeout');

$run = run_stand_in({ STUBBORN => 1 }, 'TIMEOUT=1');
verdict_is($run, 'timeout', 124, 'a QEMU that ignores TERM is killed');
like($run->{errors}, qr/console stayed empty/, 'an empty console is named');

for my $signal ([ INT => 130 ], [ TERM => 143 ]) {
    my ($name, $exit) = @$signal;
    my $temporary = File::Temp->newdir;
    my $pid_file  = "$temporary/pid";
    $run = run_command(
        [ root() . '/tools/run', @image ],
        environment => {
            PATH     => "$directory:$ENV{PATH}",
            TMPDIR   => "$temporary",
            CONSOLE  => "up\n",
            PID_FILE => $pid_file,
        },
        while_running => sub {
            my ($pid, $output) = @_;
            select undef, undef, undef, 0.01 until -s $output;
            kill $name, $pid;
        }
    );
    verdict_is($run, 'failed', $exit, "$name ends the run");
    open my $file, '<', $pid_file or die "$pid_file: $!";
    chomp(my $machine = <$file>);
    ok(!kill(0, $machine), "$name ends QEMU too");
    unlink $pid_file;
    is_deeply([ glob "$temporary/*" ], [], "$name leaves no file behind");
}

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
$run = run_on_terminal({}, 'TIMEOUT=4');
like($run->{output}, qr/^run: running: no output for 2 s/m, 'on a terminal, silence is named');
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
like(printed('MEMORY=1G')->{output}, qr/ -m 1G /,  'MEMORY');
like(printed('DEBUG=1')->{output},   qr/ -s -S$/,  'DEBUG=1 waits for a debugger');
like(printed('CPUS=')->{output},     qr/ -smp 4 /, 'an empty value is the default');
$run = run_stand_in({ CPUS => 7, PRINT => 1 });
like($run->{output}, qr/ -smp 7 /, 'the environment counts');
$run = run_stand_in({ CPUS => 7, PRINT => 1 }, 'CPUS=3');
like($run->{output}, qr/ -smp 3 /, 'an argument counts more');
$run = run_stand_in({ DEBUG => 1, PRINT => 1 });
unlike($run->{output}, qr/ -S/, 'DEBUG counts as an argument only');
$run = run_stand_in({}, '--help');
ok($run->{exit} == 0 && $run->{output} =~ /^usage: /, '--help');

# --- what it refuses ---

for my $case (
    [ 'CPUS=0',        qr/CPUS=0: .*1 to 255/ ],
    [ 'CPUS=300',      qr/CPUS=300: .*1 to 255/ ],
    [ 'CPUS=256',      qr/1 to 255/ ],
    [ 'CPUS=four',     qr/CPUS=four: / ],
    [ 'CPUS=08',       qr/CPUS=08: / ],
    [ 'CPUS=-1',       qr/CPUS=-1: / ],
    [ 'ACCEL=warp',    qr/ACCEL=warp: .*tcg kvm bochs/ ],
    [ 'LINK=dynamic',  qr/use LINK=static/ ],
    [ 'TIMEOUT=0',     qr/TIMEOUT=0: .*1 to 86400/ ],
    [ 'TIMEOUT=86401', qr/1 to 86400/ ],
    [ 'TIMEOUT=soon',  qr/TIMEOUT=soon/ ],
    [ 'THREAD=two',    qr/THREAD=two: .*single multi/ ],
    [ 'MEMORY=lots',   qr/MEMORY=lots/ ],
    [ 'PRINT=yes',     qr/PRINT=yes/ ],
    [ 'DEBUG=yes',     qr/DEBUG=yes/ ],
    [ 'CUPS=4',        qr/'CUPS=4' is not known.*--help/ ],
    [ 'cpus=4',        qr/'cpus=4' is not known/ ],
    [ 'fast',          qr/'fast' is not known/ ],
    [ '=',             qr/'=' is not known/ ],
    [ 'TEST=a b',      qr/TEST=a b: .*one test/ ],
    [ 'DRIVER=no_such_driver.c', qr/DRIVER=no_such_driver\.c: there is no such file/ ],
    [ 'DRIVER=tests',            qr/DRIVER=tests: there is no such file/ ],
    [ 'DRIVER=tools/run',        qr/DRIVER=tools\/run: a driver is a C file/ ],
    )
{
    my ($word, $why) = @$case;
    refused(run_stand_in({}, $word), $why, "$word is refused in one line");
}
refused(run_stand_in({ CPUS => 'many' }), qr/CPUS=many/, 'a bad value in the environment is refused');

open my $driver, '>', "$directory/a driver.c" or die "a driver.c: $!";
close $driver;
refused(run_stand_in({}, "DRIVER=$directory/a driver.c"),
    qr/cannot handle ' ' in a path/, 'a driver whose path make cannot handle is refused');
open $driver, '>', "$directory/driver.c" or die "driver.c: $!";
close $driver;
refused(run_stand_in({}, "DRIVER=$directory/driver.c", 'TEST=suite'),
    qr/TEST or DRIVER, not both/, 'TEST and DRIVER together are refused');

# All commands of this machine but QEMU.
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

done_testing();

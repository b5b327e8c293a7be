# SPDX-License-Identifier: MIT
# Runs QEMU in the background of a test, with its console in a file and its monitor on a socket.
package Monitor;

use strict;
use warnings;

use Exporter   qw(import);
use File::Temp ();
use IO::Socket::UNIX ();
use Muster;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep clock_gettime CLOCK_MONOTONIC);

our @EXPORT = qw(build_image start_machine start_kernel await monitor pause_process stop_machine);

my $patience_s = 100; # default
my $directory  = File::Temp->newdir;
my $image;

# Builds the image (one test); returns its path.
sub build_image {
    my $built = run_command([qw(make --no-print-directory -s image)]);
    is($built->{exit}, 0, 'the image builds') || show_run($built);
    $image = run_command([qw(make --no-print-directory -s print-image)])->{lines}[0];
    return $image;
}

# Starts a machine: name; qemu => [words], which say what it boots; cpus, default 4; thread, how QEMU runs them,
# default single; patience, in seconds.
sub start_machine {
    my (%option) = @_;
    my %machine = (
        name => $option{name}, serial => "$directory/serial", monitor => "$directory/monitor",
        patience => $option{patience} // $patience_s
    );
    unlink $machine{serial}, $machine{monitor};
    my @command = (
        'timeout', $machine{patience}, qw(qemu-system-x86_64 -machine), 'q35,smm=off',
        '-accel', 'tcg,thread=' . ($option{thread} // 'single'), '-smp', $option{cpus} // 4,
        qw(-cpu max -m 256M -nodefaults -display none -no-reboot), '-serial', "file:$machine{serial}",
        '-monitor', "unix:$machine{monitor},server=on,wait=off", '-device', 'isa-debug-exit,iobase=0xf4,iosize=4', @{ $option{qemu} }
    );
    $machine{pid} = fork // die "fork: $!";
    if ($machine{pid} == 0) {
        open STDIN,  '<', '/dev/null';
        open STDOUT, '>', '/dev/null';
        exec @command or POSIX::_exit(127);
    }
    return \%machine;
}

# The same with the image of build_image() and `words` for the kernel.
sub start_kernel {
    my (%option) = @_;
    return start_machine(%option, qemu => [ '-kernel', $image, '-append', $option{words} ]);
}

# Waits until the pattern appears on the serial line; returns its output so far.
sub await {
    my ($machine, $wanted) = @_;
    my $until = clock_gettime(CLOCK_MONOTONIC) + $machine->{patience};
    while (clock_gettime(CLOCK_MONOTONIC) < $until) {
        my $said = (-e $machine->{serial} ? contents($machine->{serial}) : '') =~ s/\r//gr;
        return $said if $said =~ $wanted;
        sleep 0.05;
    }
    diag("$machine->{name}: $wanted never appeared");
    return '';
}

# One command of the monitor; it has been executed when this returns.
sub monitor {
    my ($machine, $command) = @_;
    my $socket = IO::Socket::UNIX->new($machine->{monitor}) or return '';
    local $/ = '(qemu) ';
    my $greeting = <$socket>;
    print {$socket} "$command\n";
    return scalar(<$socket>) // '';
}

# Stops QEMU itself for that many seconds, while its clock goes on. (It is in the process group of timeout.)
sub pause_process {
    my ($machine, $seconds) = @_;
    kill 'STOP', -$machine->{pid};
    sleep $seconds;
    kill 'CONT', -$machine->{pid};
    return;
}

sub stop_machine {
    my ($machine) = @_;
    monitor($machine, 'quit');
    waitpid $machine->{pid}, 0;
    return;
}

1;

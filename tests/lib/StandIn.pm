# SPDX-License-Identifier: MIT
# Shared by the tests of tools/run alone: scripts that stand for QEMU and Bochs.
package StandIn;

use strict;
use warnings;

use Exporter qw(import);
use File::Temp ();
use Muster;

our @EXPORT = qw($directory $stand_in @image @kvm run_stand_in);

# The stand-in prints CONSOLE and ERRORS, then exits with STATUS, or hangs when there is none.
our $directory = File::Temp->newdir;
our $stand_in  = "$directory/qemu-system-x86_64";
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

# The launcher boots no image of its own then.
our @image = ("IMAGE=$stand_in", 'TIMEOUT=20');

# ACCEL=kvm, with a file that stands for KVM's device.
our @kvm = ('ACCEL=kvm', "KVM=$stand_in");

# Runs the launcher with the stand-ins; MACHINE is their environment.
sub run_stand_in {
    my ($machine, @words) = @_;
    my $temporary = File::Temp->newdir;
    my $run = run_command([ root() . '/tools/run', @image, @words ],
        environment => { PATH => "$directory:$ENV{PATH}", TMPDIR => "$temporary", %$machine });
    $run->{left_behind} = [ glob "$temporary/*" ];
    return $run;
}

1;

# SPDX-License-Identifier: MIT
# Shared by the .t files: runs a command or the launcher, and reads its output.
package Muster;

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp ();
use POSIX      ();
use Test::More;

our @EXPORT = qw(
    root contents run_command launch given_time fields has_fields verdict_is refused show_run read_tap report_tap
);

my $root = abs_path(dirname(__FILE__) . '/../..');

# Settings of the launcher or an outer make must not reach the programs that a test starts.
my @foreign = qw(
    CPUS ACCEL BOOT MACHINE DRIVER TEST CMDLINE TIMEOUT THREAD QUANTUM PRINT MEMORY MADT QEMU
    CALLS SEED SECONDS DEBUG IMAGE KVM DRIVER_SSE MATRIX
    MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
);

# The top directory of the tree.
sub root {
    return $root;
}

# Runs a command in the top directory without a terminal. Options: environment => {NAME => value},
# while_running => sub ($pid, $output_file), called once the command has started.
# Returns {exit, output, errors, lines}: exit is 128+n for signal n, output is stdout, lines are
# the lines of output.
sub run_command {
    my ($command, %option) = @_;
    my ($output, $errors) = (File::Temp->new, File::Temp->new);
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        delete @ENV{@foreign};
        $ENV{LC_ALL} = 'C'; # its messages are compared
        my %environment = %{ $option{environment} // {} };
        @ENV{ keys %environment } = values %environment;
        $SIG{INT} = 'DEFAULT';
        open STDIN, '<', '/dev/null';
        open STDOUT, '>&', $output;
        open STDERR, '>&', $errors;
        chdir $root;
        exec @$command or POSIX::_exit(127);
    }
    $option{while_running}->($pid, $output->filename) if $option{while_running};
    waitpid $pid, 0;
    my %run = (
        command => join(' ', @$command),
        exit    => $? & 127 ? 128 + ($? & 127) : $? >> 8,
        output  => contents($output->filename),
        errors  => contents($errors->filename),
    );
    $run{lines} = [ split /\n/, $run{output} ];
    return \%run;
}

# Runs the launcher with KEY=VALUE words.
sub launch {
    my @words = @_;
    return run_command([ "$root/tools/run", @words ]);
}

# A run that hangs on purpose, START->(seconds), after its output has matched WANTED. A busy host may take longer to
# get there than the time that suffices on an idle one: then it gets four times as many seconds, and as many again.
sub given_time {
    my ($seconds, $wanted, $start) = @_;
    my $run;
    for my $limit ($seconds, 4 * $seconds, 16 * $seconds) {
        $run = $start->($limit);
        last if "$run->{output}$run->{errors}" =~ $wanted;
    }
    return $run;
}

# All bytes of a file.
sub contents {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!";
    local $/ = undef;
    return scalar(<$file>) // '';
}

# The key=value pairs of the first line that begins with WORD, as a hash; undef without such a line.
sub fields {
    my ($run, $word) = @_;
    for my $line (@{ $run->{lines} }) {
        return { $line =~ /(\S+?)=(\S*)/g } if $line =~ /^\Q$word\E /;
    }
    return undef;
}

# One test: the line WORD exists and each key has its value; a value is a string or a qr//.
sub has_fields {
    my ($run, $word, $wanted, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $got   = fields($run, $word) // {};
    my @wrong = grep { !matches($got->{$_}, $wanted->{$_}) } sort keys %$wanted;
    return ok(!@wrong, $name)
        || diag(map { "$word: $_ is " . ($got->{$_} // 'missing') . ", not $wanted->{$_}\n" } @wrong)
        || show_run($run);
}

sub matches {
    my ($got, $wanted) = @_;
    return 0 if !defined $got;
    return ref $wanted ? $got =~ $wanted : $got eq $wanted;
}

# One test: the run's last line is this verdict, and the exit status is the one that it names.
sub verdict_is {
    my ($run, $status, $exit, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $last = $run->{lines}[-1] // '';
    return ok($run->{exit} == $exit && $last eq "verdict status=$status exit=$exit", $name)
        || show_run($run);
}

# One test: nothing ran, and a single matching line on stderr says why.
sub refused {
    my ($run, $why, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $good = $run->{exit} == 1
        && $run->{output} eq "verdict status=failed exit=1\n"
        && $run->{errors} =~ /\Arun: [^\n]*\n\z/
        && $run->{errors} =~ $why;
    return ok($good, $name) || show_run($run);
}

# Shows the output of a failed run; only the end of a long console. Returns 0.
sub show_run {
    my ($run) = @_;
    my @lines = @{ $run->{lines} };
    @lines = ('...', @lines[ -60 .. -1 ]) if @lines > 60;
    diag("$run->{command}: exit $run->{exit}\n", map { "  $_\n" } @lines, split /^/, $run->{errors});
    return 0;
}

# Reads TAP among other lines. Returns {plan, results => [{ok, name, skip, todo}], comments => [...],
# faults => [...]}: a plan that is missing or given twice, and results that are missing, given twice
# or out of order, are faults. `todo` is the reason why a result is expected to fail.
sub read_tap {
    my @lines = @_;
    my %tap = (results => [], comments => [], faults => []);
    for my $line (@lines) {
        if ($line =~ /^1\.\.([0-9]+)(?:\s|$)/) {
            push @{ $tap{faults} }, 'there are two plans' if defined $tap{plan};
            $tap{plan} = $1;
        }
        elsif ($line =~ /^(not )?ok ([0-9]+)(?:\s+-)?\s*(.*)$/) {
            my ($not, $number, $name) = ($1, $2, $3);
            my $due = @{ $tap{results} } + 1;
            push @{ $tap{faults} }, "result $number stands where $due is due" if $number != $due;
            my $skip = $name =~ s/\s*#\s*SKIP\b\s*(.*)//i ? $1 : undef;
            my $todo = $name =~ s/\s*#\s*TODO\b\s*(.*)//i ? $1 : undef;
            push @{ $tap{results} }, { ok => !$not, name => $name, skip => $skip, todo => $todo };
        }
        elsif ($line =~ /^#/) {
            push @{ $tap{comments} }, $line;
        }
    }
    my $count = @{ $tap{results} };
    if (!defined $tap{plan}) {
        push @{ $tap{faults} }, 'there is no plan';
    }
    elsif ($tap{plan} != $count) {
        push @{ $tap{faults} }, "$tap{plan} tests were planned and $count reported";
    }
    elsif ($count == 0) {
        push @{ $tap{faults} }, 'there are no tests';
    }
    return \%tap;
}

# One test per result, its name after PREFIX, and one for the TAP as a whole.
sub report_tap {
    my ($tap, $prefix) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $good = 1;
    for my $result (@{ $tap->{results} }) {
        my $name = "$prefix: $result->{name}";
        if (defined $result->{skip}) {
            Test::More->builder->skip("$name: $result->{skip}");
        }
        else {
            $good &= ok($result->{ok}, $name);
        }
    }
    $good &= is_deeply($tap->{faults}, [], "$prefix: the plan was kept");
    diag(map { "$_\n" } @{ $tap->{comments} }) if !$good;
    return;
}

1;

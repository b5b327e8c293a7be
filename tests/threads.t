# SPDX-License-Identifier: MIT
# The unchanged sources of the rendezvous on a machine of threads (tests/threads/machine.c), truly in parallel.
# ThreadSanitizer watches every plain word that a call must publish; the address and undefined behaviour sanitizers
# watch every access. `make host-tests` builds the programs.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Sanitizers;
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my $build = run_command([qw(make -s print-build)])->{lines}[0];
my $built = "$build/threads";
my $target = $built =~ s{^\Q@{[ root() ]}\E/}{}r; # as make knows it

# --- the contract's clauses, and a processor that does not answer ---

sub clauses_hold {
    my ($sanitizer, @prefix) = @_;
    for my $program (qw(call_test concurrency_test extension_test timed_test status_test tlb_test preempted_test
        exports_test)) {
        my $run = sanitized(@prefix, "$built/$sanitizer/$program");
        report_tap(read_tap(@{ $run->{lines} }), "$sanitizer $program");
        is($run->{exit}, 0, "$sanitizer $program: ended well") || show_run($run);
    }
    return;
}

# The lines `processor index=...` by index, without those of the caller (1) and the silent one (2).
sub other_processors {
    my ($run) = @_;
    my %found;
    for my $line (@{ $run->{lines} }) {
        $found{$1} = $2 if $line =~ /^processor index=([03]) (.*)/;
    }
    return \%found;
}

sub silence_is_named {
    my ($sanitizer, @prefix) = @_;
    my %ran = (barrier => 0, routine => 4);
    for my $where (sort keys %ran) {
        my $name = "$sanitizer, silent at the $where";
        my $run  = sanitized(@prefix, "$built/$sanitizer/silent", $where);
        is($run->{exit}, 2, "$name: the system stops") || show_run($run);
        has_fields($run, 'bugcheck', { code => '0x101', processor => 2 }, "$name: it is named");
        is(scalar(grep { $_ eq 'the routine ran' } @{ $run->{lines} }),
            $ran{$where}, "$name: the routine ran on $ran{$where} processors") || show_run($run);
        my $left = 'phase=0 arrived=1 done=1';
        is_deeply(other_processors($run), { 0 => $left, 3 => $left },
            "$name: the others have left the call") || show_run($run);
    }
    return;
}

# --- each ordering of the protocol is needed: weakened, it is a data race that is detected ---

# what is weakened | program | file | text that occurs once in it | replacement
my @weakened = map { [ split / +\| +/ ] } split /\n/, <<'END';
arrived is stored relaxed | call_test | kernel/rendezvous/rendezvous.c | reached, round_mark(generation, phase), memory_order_release | reached, round_mark(generation, phase), memory_order_relaxed
arrived and done are read relaxed | call_test | kernel/rendezvous/collect.c | memory_order_acquire | memory_order_relaxed
the release is stored relaxed | call_test | kernel/rendezvous/rendezvous.c | &expected, round_with_phase(state, phase), memory_order_acq_rel | &expected, round_with_phase(state, phase), memory_order_relaxed
the release is read relaxed | call_test | kernel/rendezvous/rendezvous.c | while ((now = atomic_load_explicit(&current_round.state, memory_order_acquire)) | while ((now = atomic_load_explicit(&current_round.state, memory_order_relaxed))
done is stored relaxed | call_test | kernel/rendezvous/rendezvous.c | done, generation, memory_order_release); | done, generation, memory_order_relaxed);
the argument is read after done | concurrency_test | kernel/rendezvous/rendezvous.c | done, generation, memory_order_release); | done, generation, memory_order_release); (void)*(volatile char *)atomic_load(&current_round.argument);
a call is posted relaxed | extension_test | kernel/rendezvous/round.c | &current_round.state, state, memory_order_release | &current_round.state, state, memory_order_relaxed
a completion is set relaxed | extension_test | kernel/rendezvous/posted.c | result->status, memory_order_release | result->status, memory_order_relaxed
a completion is read relaxed | extension_test | kernel/rendezvous/posted.c | &completion->status, memory_order_acquire | &completion->status, memory_order_relaxed
the turn is handed on relaxed | extension_test | kernel/rendezvous/turn.c | memory_order_release | memory_order_relaxed
the turn is set free relaxed | extension_test | kernel/rendezvous/turn.c | atomic_store(&turn.holder, NOBODY) | atomic_store_explicit(&turn.holder, NOBODY, memory_order_relaxed)
a lock is given back relaxed | exports_test | kernel/windows/spinlock.c | FREE, memory_order_release | FREE, memory_order_relaxed
a page is not flushed | tlb_test | kernel/processors/tlb.c | range->pages); | range->pages - 1);
END

# Replaces FROM, which must occur exactly once in the text; returns undef if it does not. A space in FROM matches any
# white space.
sub replace_once {
    my ($text, $from, $to) = @_;
    my $wanted = join '\s+', map { quotemeta } split / /, $from;
    my $count  = () = $text =~ /$wanted/g;
    return $count == 1 ? $text =~ s/$wanted/$to/r : undef;
}

# Builds PROGRAM for ThreadSanitizer with one file replaced, with the commands that make would use; returns its path.
sub build_with {
    my ($program, $file, $text, $folder) = @_;
    open my $source, '>', "$folder/weak.c" or die "$folder: $!";
    print {$source} $text;
    close $source;
    my $commands = run_command([ qw(make -n -W), $file, "$target/tsan/$program" ])->{output};
    my ($object) = $file =~ s{c\z}{o}r;
    $commands =~ s{ \Q$file\E\n}{ $folder/weak.c\n};
    $commands =~ s{\S+/\Q$object\E(?= )}{$folder/weak.o}g;
    $commands =~ s{-o \S+/\Q$program\E }{-o $folder/weak };
    my $build = run_command([ 'sh', '-e', '-c', $commands ]);
    return $build->{exit} == 0 ? "$folder/weak" : show_run($build);
}

sub weakness_is_seen {
    my ($row, @prefix) = @_;
    my ($name, $program, $file, $from, $to) = @$row;
    my $folder = File::Temp->newdir;
    my $text   = replace_once(contents(root() . "/$file"), $from, $to)
        // return fail("$name: $file has no single '$from'");
    my $weak = build_with($program, "$file", $text, $folder) || return fail($name);
    my $run  = sanitized(@prefix, $weak);
    return ok($run->{exit} == 66 && $run->{errors} =~ /WARNING: ThreadSanitizer: /, "seen: $name")
        || show_run($run);
}

# --- the host may have been up for seconds or for decades ---

# The words to put before a program so that it sees a CLOCK_MONOTONIC of about that many seconds; none if a process
# cannot have its own clock. (Offsets are relative to the host's clock, whatever this process sees.)
sub with_clock_of {
    my ($age_s) = @_;
    my $seen = 'print int Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC())';
    my ($offset_s) = (-e '/proc/self/timens_offsets' ? contents('/proc/self/timens_offsets') : '') =~ /^monotonic\s+(-?\d+)/;
    return if !defined $offset_s;
    $offset_s += $age_s - int clock_gettime(CLOCK_MONOTONIC);
    for my $unshare ([qw(unshare -T)], [qw(unshare -r -T)]) {
        my @prefix = (@$unshare, '--monotonic', $offset_s);
        my $run = run_command([ @prefix, qw(perl -MTime::HiRes -e), $seen ]);
        return @prefix if $run->{exit} == 0 && $run->{output} >= $age_s - 1;
    }
    return;
}

sub clocks_of_any_age_do {
    my ($age_s) = @_;
SKIP: {
        my @prefix = with_clock_of($age_s);
        if (!@prefix) {
            diag("SKIPPED: no run with a clock of $age_s s: unshare -T --monotonic does not work here");
            skip 'unshare -T --monotonic does not work here', 1;
        }
        my $run = sanitized(@prefix, "$built/asan/timed_test");
        is($run->{exit}, 0, "asan timed_test, the host's clock at $age_s s: ended well") || show_run($run);
    }
    return;
}

clauses_hold('asan');
silence_is_named('asan');
clocks_of_any_age_do($_) for 10, 1 << 30;

my $prefix = thread_sanitizer_prefix("$built/tsan/silent");
SKIP: {
    if (!$prefix) {
        diag('SKIPPED: ThreadSanitizer does not start here (sysctl vm.mmap_rnd_bits=28 helps)');
        skip 'ThreadSanitizer does not start here';
    }
    clauses_hold('tsan', @$prefix);
    silence_is_named('tsan', @$prefix);
    weakness_is_seen($_, @$prefix) for @weakened;
}

my $misused = sanitized("$built/asan/silent", 'elsewhere');
is($misused->{exit}, 1, 'a wrong word is refused');
is($misused->{errors}, "usage: silent barrier|routine\n", 'by one line');

done_testing();

# SPDX-License-Identifier: MIT
# The flight recorder: what a run prints of it, on request and in a bug check, and the picture that
# tools/trace draws of that.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use List::Util qw(max min);
use Muster;
use Test::More;

# ---- reading the lines ----

# The dump in a console: {begin => fields, end => fields, processors => [[{name, value, ns}...]...]}; undef
# where there is none, or more than one.
sub dump_of {
    my ($run) = @_;
    my @lines = grep { /^trace / } @{ $run->{lines} };
    return undef if !@lines || grep { /^trace begin/ } @lines[ 1 .. $#lines ];
    my ($begin, $end) = (shift @lines, pop @lines);
    return undef if $begin !~ /^trace begin / || $end !~ /^trace end /;
    my %dump = (begin => { $begin =~ /(\S+?)=(\S*)/g }, end => { $end =~ /(\S+?)=(\S*)/g }, processors => []);
    for my $line (@lines) {
        my ($processor, $events) = $line =~ /^trace processor=([0-9]+)((?: [a-z]+=[^\s@]+@-?[0-9]+)+)$/
            or return undef;
        while ($events =~ /([a-z]+)=(\S+)@(-?[0-9]+)/g) {
            push @{ $dump{processors}[$processor] }, { name => $1, value => $2, ns => $3 };
        }
    }
    return \%dump;
}

# The events of a processor in call $call, from `sent`, `interrupt` or `arrived` on. What is no part of a
# call is left out.
sub part_in {
    my ($dump, $processor, $call) = @_;
    my @parts = ([]);
    for my $event (@{ $dump->{processors}[$processor] // [] }) {
        next if $event->{name} =~ /^(?:resent|asked|nmi|withdrawn|paused)$/;
        push @parts, [] if $event->{name} =~ /^(?:sent|interrupt)$/;
        push @{ $parts[-1] }, $event;
    }
    my ($part) = grep {
        grep { $_->{name} =~ /^(?:sent|arrived)$/ && $_->{value} == $call } @$_
    } @parts;
    return @{ $part // [] };
}

sub names {
    my (@events) = @_;
    return join ' ', map { $_->{name} } @events;
}

sub times_of {
    my ($name, @events) = @_;
    return map { $_->{ns} } grep { $_->{name} eq $name } @events;
}

sub newest_call {
    my ($dump) = @_;
    return max(map { $_->{value} } grep { $_->{name} eq 'arrived' } map { @{ $_ // [] } } @{ $dump->{processors} });
}

# The events of each processor come in the order of their time.
sub in_order {
    my ($dump) = @_;
    for my $events (@{ $dump->{processors} }) {
        my @times = map { $_->{ns} } @{ $events // [] };
        return 0 if grep { $times[$_] < $times[ $_ - 1 ] } 1 .. $#times;
    }
    return 1;
}

my $caller = 'sent arrived released started finished done';
my $member = 'interrupt arrived released started finished done';

# ---- on request ----

my $run = launch('CPUS=4', 'TIMEOUT=60', 'CMDLINE=trace=1');
verdict_is($run, 'ok', 0, 'trace=1: the verdict is still the last line');
my $dump = dump_of($run) or BAIL_OUT("trace=1: there is no dump:\n$run->{output}");
is($dump->{begin}{processors}, 4, 'trace=1: the dump says how many processors there are');
like($dump->{begin}{ticks_per_ms}, qr/^[1-9][0-9]{3,}$/, 'and how fast their clock is');
my $call = newest_call($dump);
is(names(part_in($dump, 0, $call)), $caller, 'the caller took part in order') || show_run($run);
is(names(part_in($dump, $_, $call)), $member, "processor $_ took part in order") for 1 .. 3;
ok(in_order($dump), 'the times of each processor rise') || show_run($run);
my @all = map { part_in($dump, $_, $call) } 0 .. 3;
is($dump->{end}{printed}, scalar(@all), 'trace=1: one call is printed, and counted');
is_deeply([ map { $_->{value} } grep { $_->{name} eq 'started' } @all ], [ ('MyIpiGenericCall') x 4 ],
    'the routine has its name');
cmp_ok(max(times_of(arrived => @all)), '<=', min(times_of(released => @all)), 'K2: all arrive before one is released');
cmp_ok(max(times_of(finished => @all)), '<=', max(times_of(done => part_in($dump, 0, $call))),
    'all have finished before the caller is done');
my $good = $run;

$run = launch('CPUS=2', 'TIMEOUT=60');
unlike($run->{output}, qr/^trace /m, 'without being asked nothing is printed') || show_run($run);

# The calls in a dump.
sub calls_in {
    my ($dump) = @_;
    my %calls = map { $_->{value} => 1 } grep { $_->{name} eq 'sent' } map { @{ $_ // [] } } @{ $dump->{processors} };
    return scalar keys %calls;
}

# The driver calls three times, and the kernel has before it.
for my $count (1 .. 3) {
    $run = launch('CPUS=2', 'TIMEOUT=60', "CMDLINE=trace=$count", 'DRIVER=tests/drivers/calls_thrice.c');
    is(calls_in(dump_of($run) // {}), $count, "trace=$count: that many calls are printed") || show_run($run);
}

$run = launch('CPUS=3', 'TIMEOUT=60', 'CMDLINE=trace=64');
$dump = dump_of($run);
is($dump->{end}{left_out}, 0, 'trace=64: nothing is left out') || show_run($run);

$run = launch('CPUS=2', 'TIMEOUT=60', 'CMDLINE=trace=65');
like($run->{output}, qr/^command line: trace=65: expected 1\.\.64/m, 'trace=65 is refused') || show_run($run);

$run  = launch('CPUS=3', 'TIMEOUT=60', 'DRIVER=tests/drivers/prints_trace.c');
$dump = dump_of($run);
is_deeply([ map { $_->{value} } grep { $_->{name} eq 'started' } @{ $dump->{processors}[1] } ],
    [qw(first_routine second_routine)], 'trace_print(2) prints the last two of three calls') || show_run($run);
verdict_is($run, 'ok', 0, 'and the driver goes on');

# ---- in a bug check ----

$run  = launch('CPUS=4', 'TIMEOUT=60', 'DRIVER=tests/drivers/divide_by_zero.c');
$dump = dump_of($run);
$call = newest_call($dump);
verdict_is($run, 'bugcheck', 2, 'divide_by_zero: the verdict is still the last line');
is(names(part_in($dump, 3, $call)), 'interrupt arrived released started', 'the last that processor 3 did was to start')
    || show_run($run);
is((part_in($dump, 3, $call))[-1]{value}, 'divide', 'the routine that stopped it');
is(names(part_in($dump, 0, $call)), 'sent arrived released started finished', 'the caller waited for it');
is(names(part_in($dump, 1, $call - 1)), $member, 'the call before is there, too');
is(names(part_in($dump, 1, $call - 2)), '', 'of others nothing older');
is(names(part_in($dump, 3, 1)), $member, 'of the culprit all there is');
ok(in_order($dump), 'the times of each processor rise') || show_run($run);

my $stuck = launch('CPUS=3', 'TIMEOUT=60', 'TEST=never_returns', 'CMDLINE=timeout_ms=300');
$dump = dump_of($stuck);
$call = newest_call($dump);
is(names(part_in($dump, 2, $call)), 'interrupt arrived released started', 'never_returns: it started, no more')
    || show_run($stuck);
is(names(part_in($dump, 1, $call)), $member, 'never_returns: the others finished');
is(names(part_in($dump, $_, 1)), $member =~ s/interrupt/$_ ? 'interrupt' : 'sent'/er, "never_returns: everything about $_")
    for 0, 2;

my $absent = launch('CPUS=3', 'TIMEOUT=60', 'TEST=never_arrives', 'CMDLINE=timeout_ms=300');
$dump = dump_of($absent);
$call = newest_call($dump);
is(names(part_in($dump, 2, $call)), '', 'never_arrives: it did nothing in this call') || show_run($absent);
like(names(part_in($dump, 1, $call)), qr/^interrupt arrived (?:released )?done$/, 'never_arrives: the others left it');
is((grep { $_->{name} eq 'withdrawn' && $_->{value} == $call } @{ $dump->{processors}[0] }),
    1, 'never_arrives: the caller withdrew it')
    || show_run($absent);

# ---- the picture ----

# Runs tools/trace on a text; words in front of the file.
sub picture_of {
    my ($text, @words) = @_;
    my $file = File::Temp->new;
    print {$file} $text;
    $file->flush;
    my $drawn = run_command([ 'tools/trace', @words, $file->filename ]);
    $drawn->{file} = $file;
    return $drawn;
}

# Every tag is closed in order, every attribute quoted, nothing stands outside, no entity is unknown.
sub is_well_formed {
    my ($svg) = @_;
    my @open;
    my $roots = 0;
    my $attribute = qr/\s+[\w:-]+="[^"<]*"/;
    $svg =~ s/\A\s+//;
    while ($svg =~ /\G(?:<(\/?)([\w:]+)((?:$attribute)*)\s*(\/?)>|([^<]+))/gc) {
        my ($closing, $name, $attributes, $empty, $text) = ($1, $2, $3, $4, $5);
        my $words = defined $text ? $text : $attributes;
        return 0 if $words =~ /&(?!(?:amp|lt|gt|quot);)/;
        if (defined $text) {
            return 0 if !@open && $text =~ /\S/;
        }
        elsif ($closing) {
            return 0 if !@open || pop @open ne $name;
        }
        else {
            $roots++ if !@open;
            push @open, $name if !$empty;
        }
    }
    return (pos($svg) // 0) == length($svg) && !@open && $roots == 1;
}

sub bars {
    my ($drawn) = @_;
    return $drawn->{output} =~ /<rect[^>]*><title>([^<]*)<\/title><\/rect>/g;
}

for my $case ([ 'a call', $good->{output} ], [ 'a stuck one', $stuck->{output} ], [ 'a withdrawn one', $absent->{output} ])
{
    my ($name, $text) = @$case;
    my $drawn = picture_of($text);
    is($drawn->{exit}, 0, "$name is drawn") || show_run($drawn);
    is($drawn->{errors}, '', "$name: without a word");
    ok(is_well_formed($drawn->{output}), "$name: as well-formed XML") || show_run($drawn);
    SKIP: {
        skip 'there is no xmllint here: the check of this file has to do', 1
            if !grep { -x "$_/xmllint" } split /:/, $ENV{PATH};
        is(run_command([ 'sh', '-c', 'tools/trace "$0" | xmllint --noout -', $drawn->{file}->filename ])->{exit},
            0, "$name: xmllint agrees");
    }
}
my $drawn = picture_of($good->{output});
is(scalar(grep { /^processor [0-3]: in MyIpiGenericCall, / } bars($drawn)), 4, 'each processor is seen in the routine')
    || show_run($drawn);
like($drawn->{output}, qr/>call \d+, over after [0-9.]+ (?:us|ms)</, 'the call has its length');
$drawn = picture_of($stuck->{output});
like($drawn->{output}, qr/>processor 2: still in never_return|>processor 2: still in fault_on_last/, 'the picture shows which one is stuck');
like($drawn->{output}, qr/>bug check 0x101 CLOCK_WATCHDOG_TIMEOUT, processor 2</, 'the bug check is named');
like(picture_of($absent->{output})->{output}, qr/>did not arrive</, 'a processor that did not come is named');

# Two calls, of which the second is over after 20 us; in between nothing happens for 3 s.
my $begin = 'trace begin processors=2 ticks_per_ms=1000 base_ticks=5 now_ns=3000100000';
my $two   = <<"END";
something else
$begin
trace processor=0 sent=7\@0 arrived=7\@1000 released=7\@4000 started=a<b>&"c"\@4100 finished=7\@5000 done=7\@9000
trace processor=0 sent=8\@3000000000 arrived=8\@3000001000 released=8\@3000010000 started=late\@3000010100 finished=8\@3000011000 done=8\@3000020000
trace processor=1 interrupt=2\@2000 arrived=7\@3000 released=7\@5000 started=a<b>&"c"\@5100 finished=7\@6000 done=7\@6500
trace processor=1 interrupt=2\@3000003000 arrived=8\@3000004000 released=8\@3000012000 started=late\@3000012100 finished=8\@3000013000 done=8\@3000014000
trace end printed=24 left_out=0
END
$drawn = picture_of($two);
like($drawn->{output}, qr/>late on 2 processors<.*>call 8, over after 20\.0 us</s, 'the last call is drawn');
is_deeply(
    [ grep { /^processor 1: waits/ } bars($drawn) ],
    ['processor 1: waits at the barrier, 8.00 us, from 4.00 us to 12.0 us'],
    'a bar has its times, after the sending'
);
unlike($drawn->{output}, qr/class="tear"/, 'its axis is whole');
$drawn = picture_of($two, 'CALL=7');
like($drawn->{output}, qr/>a&lt;b&gt;&amp;&quot;c&quot; on 2 processors</, 'CALL=7: the first; names are escaped')
    || show_run($drawn);
ok(is_well_formed($drawn->{output}), 'CALL=7: well-formed');
$drawn = picture_of($two, 'CALL=all');
like($drawn->{output}, qr/class="tear".*>3\.00 s</s, 'CALL=all: the axis is cut, and says by how much')
    || show_run($drawn);
is(scalar(() = bars($drawn)), 20, 'CALL=all: the bars of both calls');
(my $cut_off = $two) =~ s/^trace end.*//m;
$drawn = picture_of($cut_off);
is($drawn->{exit}, 0, 'a dump that was cut off is drawn');
like($drawn->{errors}, qr/\Atrace: [^\n]*: the dump has no end; [^\n]*\n\z/, 'and that is said');
like(picture_of($two . $two =~ s/late/later/gr)->{output}, qr/>later on/, 'of two dumps the last counts');
is(picture_of($two =~ s/\n/\r\n/gr)->{output}, picture_of($two)->{output}, 'a console with CR LF is the same');

# ---- what is no dump ----

sub complains {
    my ($run, $why, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $good = $run->{exit} == 1 && $run->{output} eq '' && $run->{errors} =~ /\Atrace: [^\n]*\n\z/;
    return ok($good && $run->{errors} =~ $why, "refused: $name") || show_run($run);
}

my @bad = (
    [ '',                                        qr/no line begins with/,      'an empty file' ],
    [ "verdict status=ok exit=0\n",              qr/no line begins with/,      'a console without a dump' ],
    [ "$begin\ntrace end printed=0\n",           qr/no call is in/,            'a dump without events' ],
    [ "trace processor=0 sent=1\@0\n",           qr/:1: events outside/,       'events without a beginning' ],
    [ "trace end printed=0\n",                   qr/:1: the end of a dump/,    'an end without a beginning' ],
    [ "trace begin processors=0 now_ns=1\n",     qr/:1: processors is 0$/,     'no processors' ],
    [ "trace begin processors=99999 now_ns=1\n", qr/:1: processors is 99999$/, 'too many of them' ],
    [ "trace begin processors=2\n",              qr/:1: now_ns is missing$/,   'a beginning without its time' ],
    [ "$begin\ntrace processor=2 sent=1\@0\n",   qr/:2: processor is 2$/,      'a processor that is not there' ],
    [ "$begin\ntrace processor=0 danced=1\@0\n", qr/:2: "danced" is not an event/, 'an unknown event' ],
    [ "$begin\ntrace processor=0 sent=1\@now\n", qr/:2: "sent=1\@now" is no/,  'an event without a time' ],
    [ "$begin\ntrace processor=0 sent=x\@1\n",   qr/:2: sent is x$/,           'a call without a number' ],
);
complains(picture_of($_->[0]), $_->[1], $_->[2]) for @bad;
complains(picture_of($two, 'CALL=9'),     qr/CALL=9: the dump has 7, 8$/, 'a call that is not in the dump');
complains(picture_of($two, 'CALL=first'), qr/CALL=first: /,               'CALL=first');
complains(picture_of($two, '--fast'),     qr/--fast is not an option/,        'an unknown option');
complains(run_command([qw(tools/trace none.txt)]), qr/none\.txt: No such file/, 'a file that is not there');
complains(run_command([qw(tools/trace tests)]),    qr/tests is a folder/,       'a folder');

# ---- make trace ----

sub make_trace {
    my ($what, @words) = @_;
    my $run = run_command([ 'make', '--no-print-directory', 'trace', @words ]);
    is($run->{exit}, 0, "make trace $what") || show_run($run);
    my ($path) = $run->{output} =~ m{(\S+/trace\.svg)};
    return contents(root() . '/' . ($path // 'none'));
}

my $console = File::Temp->new;
print {$console} $two;
$console->flush;
like(make_trace('of a console', 'DUMP=' . $console->filename, 'CALL=7'), qr/>call 7, /, 'says where the picture is');
like(make_trace('by itself', 'CPUS=2'), qr/>MyIpiGenericCall on 2 processors</, 'it draws the sample driver');

done_testing();

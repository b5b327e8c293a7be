#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Compares the formats that a driver gives to DbgPrint and DbgPrintEx with their arguments.
#
#   tools/formats.pl DRIVER.i PROBE.c COMPILER [FLAG...]     DRIVER.i: the driver, preprocessed
#
# Prints a warning for each mistake to stderr; exits with 0. The compilers' own check (-Wformat) knows neither
# %wZ nor %I64d when they compile for ELF. So this script reads the formats, and asks the compiler for the
# arguments' types only: it writes PROBE.c, the driver with a static assertion at each argument for each type
# that the conversion does not take, and reads from the failed assertions which type it is.
#
# An argument that prints correctly anyway is not a mistake: a 64-bit integer for %p, a pointer for %I64x. A format
# that is not a string literal is not checked.
use strict;
use warnings;

use lib (__FILE__ =~ m{(.*)/} ? $1 : '.') . '/lib';    # (without FindBin: Debian's perl-base is enough)
use CTokens qw(closing is_space next_word split_tokens);

# Kinds of arguments: the values of MUSTER_KIND below; 0 is another.
my @kind_name = (
    undef,
    'a 32-bit integer',
    'a 64-bit integer',
    'a floating-point number',
    'a narrow string',
    'a wide string',
    'a pointer to a UNICODE_STRING',
    'a pointer to an ANSI_STRING',
    'a pointer',
    'a structure',
);
my ($int32, $int64, $float, $narrow, $wide, $unicode, $ansi, $pointer, $structure) = (1 .. 9);

my $probe_start = <<'END';
#define MUSTER_LONG (sizeof(long) == 4 ? 1 : 2)
#define MUSTER_POINTERS(type, kind) \
    type *: kind, const type *: kind, volatile type *: kind, const volatile type *: kind
#define MUSTER_KIND(value) _Generic((value), \
    _Bool: 1, char: 1, signed char: 1, unsigned char: 1, short: 1, unsigned short: 1, \
    int: 1, unsigned: 1, long: MUSTER_LONG, unsigned long: MUSTER_LONG, \
    long long: 2, unsigned long long: 2, \
    float: 3, double: 3, long double: 3, \
    MUSTER_POINTERS(char, 4), MUSTER_POINTERS(signed char, 4), MUSTER_POINTERS(unsigned char, 4), \
    MUSTER_POINTERS(unsigned short, 5), \
    MUSTER_POINTERS(struct _UNICODE_STRING, 6), MUSTER_POINTERS(struct _STRING, 7), \
    default: __builtin_classify_type(value) == 5 ? 8 : \
        __builtin_classify_type(value) == 12 || __builtin_classify_type(value) == 13 ? 9 : 0)
END

# What a conversion takes: the kinds, the first of which is the one to name. Undef: it is not known.
sub kinds_taken {
    my ($size, $conversion) = @_;
    if ($conversion =~ /[diuxXo]/) {
        return $size =~ /\A(?:I64|I|ll|z|t|j)\z/ ? [ $int64, $narrow .. $pointer ] : [$int32];
    }
    return [$int32]                                  if $conversion =~ /[cC]/;
    return [ $pointer, $int64, $narrow .. $pointer ] if $conversion eq 'p';
    if ($conversion =~ /[sSZ]/) {
        my $is_wide = $size =~ /[wl]/ || $size ne 'h' && $conversion eq 'S';
        my $counted = $conversion eq 'Z';
        return [ $is_wide ? ($counted ? $unicode : $wide) : ($counted ? $ansi : $narrow), $pointer ];
    }
    return;
}

my @mistakes;    # [file, line, text]

# The conversions of a format: [text, kinds]; a '*' is one of its own.
sub conversions {
    my ($format, $complain) = @_;
    my @found;
    while ($format =~ /%([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?(I64|I32|I|hh|h|ll|l|w|z|t|j)?(.?)/gs) {
        my ($text, $size, $conversion) = ($&, $4 // '', $5);
        next if $conversion eq '%';
        push @found, [ '*', [$int32] ] for grep { defined && $_ eq '*' } $2, $3;
        my $kinds = kinds_taken($size, $conversion);
        if ($conversion =~ /[aAeEfFgG]/) {
            $complain->("DbgPrint prints no floating-point numbers: $text");
        } elsif (!$kinds) {
            $complain->("DbgPrint does not know $text");
        }
        push @found, [ $text, $kinds ];
    }
    return @found;
}

# The arguments of the call whose bracket opens at $open: the token ranges between the commas.
sub arguments {
    my ($tokens, $open, $close) = @_;
    my @arguments = ([]);
    my $depth     = 0;
    for my $token (@$tokens[ $open + 1 .. $close - 1 ]) {
        $depth++ if $token =~ /\A[(\[{]\z/;
        $depth-- if $token =~ /\A[)\]}]\z/;
        if ($token eq ',' && $depth == 0) {
            push @arguments, [];
        } else {
            push @{ $arguments[-1] }, $token;
        }
    }
    return @arguments;
}

# The text of a format that consists of string literals; else undef.
sub literal {
    my ($tokens) = @_;
    my $text = '';
    for my $token (grep { !is_space($_) && !/\A[()]\z/ } @$tokens) {
        return if $token !~ /\A"(.*)"\z/s;
        $text .= $1;
    }
    return $text;
}

# ---- the probe ----

my @asked;    # by assertion: [file, line, conversion, kinds, number of the argument]

sub probe_of {
    my ($place, $conversion, $number, $tokens) = @_;
    my ($text, $kinds) = @$conversion;
    push @asked, [ @$place, $text, $kinds, $number ];
    my $value = join '', map { /\A#/ ? ' ' : $_ } @$tokens;
    $value =~ s/\n/ /g;
    my %takes = map { $_ => 1 } @$kinds;
    my $asserts = join '', map { qq(_Static_assert(muster_kind_$#asked != $_, "muster:$#asked:$_");) }
        grep { !$takes{$_} } $int32 .. $structure;
    return "(void)sizeof(enum { muster_kind_$#asked = MUSTER_KIND(($value)) }), "
        . "(void)sizeof(struct { $asserts char muster_unused; }), ";
}

# The text before the format in the probe, for one call.
sub probe_call {
    my ($place, $name, @arguments) = @_;
    my $first  = $name eq 'DbgPrint' ? 0 : 2;
    my $format = $first < @arguments ? literal($arguments[$first]) : undef;
    return '' if !defined $format;
    my $complain = sub { push @mistakes, [ @$place, $_[0] ] };
    my @wanted   = conversions($format, $complain);
    my @given    = @arguments[ $first + 1 .. $#arguments ];
    if (@wanted != @given) {
        my $count = @wanted == 1 ? '1 argument' : @wanted . ' arguments';
        $complain->("the format takes $count, " . @given . (@given == 1 ? ' is' : ' are') . ' given');
    }
    my $probe = '';
    for my $i (0 .. $#given) {
        next if $i > $#wanted || !$wanted[$i][1];
        $probe .= probe_of($place, $wanted[$i], $first + 2 + $i, $given[$i]);
    }
    return $probe;
}

# The text with probes in all calls. A call becomes (probes, NAME)(its arguments).
sub probe_text {
    my ($tokens) = @_;
    my @place = ('?', 1);
    for my $at (0 .. $#$tokens) {
        my $token = $tokens->[$at];
        if ($token =~ /\A# (\d+) "((?:[^"\\]|\\.)*)"/) {
            @place = ($2, $1 - 1);
        } elsif ($token eq 'DbgPrint' || $token eq 'DbgPrintEx') {
            my $open  = next_word($tokens, $at);
            my $close = defined $open && $tokens->[$open] eq '(' ? closing($tokens, $open) : undef;
            next if !defined $close;
            my $probe = probe_call([@place], $token, arguments($tokens, $open, $close));
            $tokens->[$at] = "($probe $token)" if $probe ne '';
        }
        $place[1] += ($token =~ tr/\n//);
    }
    return join '', @$tokens;
}

# ---- the run ----

my ($source, $probe, @compiler) = @ARGV;
open my $in, '<', $source or die "formats: $source: $!\n";
my @tokens = split_tokens(do { local $/ = undef; <$in> });
close $in;

my $text = $probe_start . probe_text(\@tokens);
open my $out, '>', $probe or die "formats: $probe: $!\n";
print {$out} $text;
close $out or die "formats: $probe: $!\n";

$ENV{LC_ALL} = 'C';
open my $messages, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @compiler, qw(-w -fsyntax-only), $probe
    or die "formats: $compiler[0]: $!\n";
while (my $message = <$messages>) {
    next if $message !~ /\A[^|]*error: static.*?muster:(\d+):(\d+)/;
    my ($file, $line, $conversion, $kinds, $number) = @{ $asked[$1] };
    push @mistakes,
        [ $file, $line, "$conversion takes $kind_name[$kinds->[0]], but argument $number is $kind_name[$2]" ];
}
close $messages;

my %seen;
for my $mistake (sort { $a->[0] cmp $b->[0] || $a->[1] <=> $b->[1] } @mistakes) {
    my $line = "$mistake->[0]:$mistake->[1]: warning: $mistake->[2]\n";
    print STDERR $line if !$seen{$line}++;
}

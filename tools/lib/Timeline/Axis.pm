# SPDX-License-Identifier: MIT
# The axis of a timeline: where a time stands in the picture, and how times are written.
#
# Time runs to the right, in proportion, except where nothing happens for much longer than all the rest
# takes, as while a deadline passes: there the axis is cut.
package Timeline::Axis;

use strict;
use warnings;

use Exporter   qw(import);
use List::Util qw(max sum0);

our @EXPORT_OK = qw(axis_label duration make_axis round_step x_of);

my $cut_width   = 54;
my $least_piece = 26;    # of the axis between two cuts
my $cut_ratio   = 3;     # a gap is cut if it is that many times as long as the rest

# ---- times in words ----

# A time with three significant digits: "450 ns", "79.4 us".
sub duration {
    my ($ns) = @_;
    my $sign = $ns < 0 ? '-' : '';
    $ns = abs $ns;
    for my $unit ([ 1e9, 's' ], [ 1e6, 'ms' ], [ 1e3, 'us' ]) {
        my ($size, $name) = @$unit;
        next if $ns < $size;
        my $value = $ns / $size;
        my $digits = $value >= 100 ? 0 : $value >= 10 ? 1 : 2;
        return sprintf "%s%.*f %s", $sign, $digits, $value, $name;
    }
    return sprintf '%s%d ns', $sign, $ns;
}

# A round number in the unit that suits the step.
sub axis_label {
    my ($ns, $step) = @_;
    my ($size, $unit) = $step >= 1e9 ? (1e9, 's') : $step >= 1e6 ? (1e6, 'ms') : $step >= 100 ? (1e3, 'us') : (1, 'ns');
    my $digits = $step >= $size ? 0 : 1;
    return sprintf '%.*f %s', $digits, $ns / $size, $unit;
}

# A round step: 1, 2 or 5 times a power of ten, at least $least ns.
sub round_step {
    my ($least) = @_;
    my $step = 1;
    for my $factor ((2, 2.5, 2) x 18) {
        return $step if $step >= $least;
        $step *= $factor;
    }
    return $step;
}

# ---- pieces ----

# The gaps to cut: as many of the longest as possible, as long as the shortest of them is still $cut_ratio times as
# long as all the rest. (At most a third: in the end any gap is long compared with what is left.)
sub gaps_to_cut {
    my (@times) = @_;
    my @gaps = map { { from => $times[ $_ - 1 ], to => $times[$_], ns => $times[$_] - $times[ $_ - 1 ] } }
        1 .. $#times;
    @gaps = sort { $b->{ns} <=> $a->{ns} } @gaps;
    my $rest = $times[-1] - $times[0];
    my $count = 0;
    for my $i (0 .. int(@gaps / 3) - 1) {
        $rest -= $gaps[$i]{ns};
        $count = $i + 1 if $gaps[$i]{ns} > $cut_ratio * max($rest, 1);
    }
    return sort { $a->{from} <=> $b->{from} } @gaps[ 0 .. $count - 1 ];
}

# Pieces of time from $left to $right, each with its place: {from, to, x, width, cut}.
sub make_axis {
    my ($left, $right, @times) = @_;
    my %seen;
    @times = sort { $a <=> $b } grep { !$seen{$_}++ } @times;
    my (@pieces, $at);
    $at = $times[0];
    for my $gap (gaps_to_cut(@times)) {
        push @pieces, { from => $at, to => $gap->{from} }, { %$gap, cut => 1 };
        $at = $gap->{to};
    }
    push @pieces, { from => $at, to => $times[-1] };
    my @whole = grep { !$_->{cut} } @pieces;
    my $room  = $right - $left - $cut_width * (@pieces - @whole) - $least_piece * @whole;
    my $ns    = sum0(map { $_->{to} - $_->{from} } @whole) || 1;
    my $x     = $left;
    for my $piece (@pieces) {
        my $share = $room * ($piece->{to} - $piece->{from}) / $ns;
        $piece->{x}     = $x;
        $piece->{width} = $piece->{cut} ? $cut_width : $least_piece + $share;
        $x += $piece->{width};
    }
    return \@pieces;
}

sub x_of {
    my ($axis, $ns) = @_;
    for my $piece (@$axis) {
        next if $ns > $piece->{to} && $piece != $axis->[-1];
        my $length = $piece->{to} - $piece->{from};
        return $piece->{x} + $piece->{width} * ($length == 0 ? 0.5 : ($ns - $piece->{from}) / $length);
    }
    return $axis->[0]{x};
}

1;

# SPDX-License-Identifier: MIT
# Draws a timeline as SVG: a lane per processor, a bar per state, a mark per event.
package Timeline::Picture;

use strict;
use warnings;

use List::Util     qw(max min);
use Timeline::Axis qw(axis_label duration make_axis round_step x_of);

my $width     = 1200;
my $left      = 64;
my $right     = 24;
my $lanes_top = 112;

# The states in the order of a call. The colours can be distinguished with any kind of colour vision.
my @states = (
    [ sends          => '#0072b2', 'sends the interrupts' ],
    [ enters         => '#56b4e9', 'interrupted, on its way to the barrier' ],
    [ waits          => '#e69f00', 'waits at the barrier' ],
    [ enters_routine => '#8a8a8a', 'on its way to the routine' ],
    [ runs           => '#009e73', 'in the routine' ],
    [ leaves         => '#cc79a7', 'lets go, or waits until all have' ],
);
my %colour_of = map { $_->[0] => $_->[1] } @states;
my %words_of  = map { $_->[0] => $_->[2] } @states;

# A path around (0, 0), a unit being half the mark's height; the colour; what it says.
my @marks = (
    [ sent      => 'M-0.8,-1 L1,0 L-0.8,1 Z',                             '#0072b2', 'request sent' ],
    [ resent    => 'M-0.8,-1 L1,0 L-0.8,1 Z',                             '#d55e00', 'doorbell rung again' ],
    [ asked     => 'M-1,-1 L1,-1 L0,1 Z',                                 '#d55e00', 'asked by NMI' ],
    [ nmi       => 'M0,-1 L1,0 L0,1 L-1,0 Z',                             '#d55e00', 'NMI taken' ],
    [ withdrawn => 'M-1,-1 L-0.4,-1 L0,-0.4 L0.4,-1 L1,-1 L0.4,0 L1,1 L0.4,1 L0,0.4 L-0.4,1 L-1,1 L-0.4,0 Z',
        '#d55e00', 'call withdrawn' ],
    [ paused   => 'M-0.8,-1 L-0.2,-1 L-0.2,1 L-0.8,1 Z M0.2,-1 L0.8,-1 L0.8,1 L0.2,1 Z', '#5d3a9b', 'was paused' ],
    [ unwanted => 'M-0.5,-1 L0.5,-1 L0.5,1 L-0.5,1 Z',                    '#56b4e9', 'doorbell that no call wanted' ],
);
my %mark_of = map { $_->[0] => $_ } @marks;

my $style = <<'CSS';
  text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1d2126; }
  .paper { fill: #ffffff; } .lane { fill: #f3f4f6; } .cut { fill: #ffffff; }
  .title { font-size: 17px; font-weight: 600; } .quiet { fill: #5c6670; } .bad { fill: #b84a00; font-weight: 600; }
  .grid { stroke: #c9ced4; stroke-width: 1; } .moment { stroke: #1d2126; stroke-width: 1; stroke-dasharray: 3 3; }
  .tear { stroke: #5c6670; stroke-width: 1; fill: none; } .edge { stroke: #ffffff; stroke-width: 0.8; }
  .link { stroke: #d55e00; stroke-width: 1; stroke-dasharray: 2 2; fill: none; } .inside { fill: #000000; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9ec; } .paper, .cut { fill: #14171a; } .lane { fill: #1f2429; } .quiet { fill: #9aa4ae; }
    .bad { fill: #ff8a3d; } .grid { stroke: #3a424a; } .moment { stroke: #e6e9ec; } .tear { stroke: #9aa4ae; }
    .edge { stroke: #14171a; } .inside { fill: #000000; }
  }
CSS

# ---- text ----

my %entities = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;');

sub escape {
    my ($text) = @_;
    $text =~ s/[^\x20-\x7e]/?/g;
    $text =~ s/([&<>"])/$entities{$1}/g;
    return $text;
}

sub words_width {
    my ($text, $size) = @_;
    return length($text) * ($size // 12) * 0.56;
}

# ---- the axis ----

# Lines at round times; after a cut, times count from the cut.
sub axis_lines {
    my ($axis, $origin, $bottom) = @_;
    my @svg;
    my @whole = grep { !$_->{cut} } @$axis;
    my $longest = (sort { $b->{to} - $b->{from} <=> $a->{to} - $a->{from} } @whole)[0];
    my $per_ns  = $longest->{width} / max($longest->{to} - $longest->{from}, 1);
    my $step    = round_step(90 / $per_ns);
    my $last_x = -1000;
    for my $piece (@whole) {
        my $zero = $piece == $axis->[0] ? $origin : $piece->{from};
        for (my $k = int(($piece->{from} - $zero) / $step) ; $zero + $k * $step <= $piece->{to} ; $k++) {
            my $x = x_of($axis, $zero + $k * $step);
            next if $zero + $k * $step < $piece->{from} || $x - $last_x < 56;
            $last_x = $x;
            push @svg, sprintf '<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>',
                $x, $x, $lanes_top - 6, $bottom + 4;
            my $words = ($piece == $axis->[0] ? '' : '+') . axis_label($k * $step, $step);
            for my $y ($lanes_top - 10, $bottom + 17) {
                push @svg, sprintf '<text class="quiet" x="%.1f" y="%d" text-anchor="middle">%s</text>', $x, $y,
                    $words;
            }
        }
    }
    return @svg;
}

sub cut_lines {
    my ($axis, $bottom) = @_;
    my @svg;
    for my $cut (grep { $_->{cut} } @$axis) {
        my ($from, $to) = ($cut->{x} + 17, $cut->{x} + $cut->{width} - 17);
        push @svg, sprintf '<rect class="cut" x="%.1f" y="%d" width="%.1f" height="%d"/>',
            $from, $lanes_top - 3, $to - $from, $bottom - $lanes_top + 6;
        for my $x ($from, $to) {
            push @svg, sprintf '<path class="tear" d="M%.1f,%d L%.1f,%d"/>', $x, $lanes_top - 3, $x, $bottom + 3;
        }
        push @svg, sprintf '<text class="quiet" x="%.1f" y="%d" text-anchor="middle">%s</text>',
            ($from + $to) / 2, $bottom + 33, duration($cut->{ns});
    }
    return @svg;
}

# ---- the lanes ----

sub lane_height {
    my ($lanes) = @_;
    return $lanes <= 12 ? 30 : $lanes <= 32 ? 18 : $lanes <= 80 ? 12 : 5;
}

sub lane_lines {
    my ($picture, $height) = @_;
    my $every   = $height >= 12 ? 1 : 8;
    my $code    = $picture->{bugcheck} ? $picture->{bugcheck}{code}      // '' : '';
    my $culprit = $picture->{bugcheck} ? $picture->{bugcheck}{processor} // '' : '';
    my @svg;
    for my $lane (0 .. $picture->{lanes} - 1) {
        my $y = $lanes_top + $lane * $height;
        push @svg, sprintf '<rect class="lane" x="%d" y="%.1f" width="%d" height="%.1f"/>',
            $left, $y + $height * 0.08, $width - $left - $right, $height * 0.84;
        my $is_culprit = $culprit eq $lane;
        if ($is_culprit && $code eq '0x101' && !grep { $_->{processor} == $lane } @{ $picture->{bars} }) {
            push @svg, sprintf '<text class="bad" x="%d" y="%.1f" style="font-size:%dpx">did not arrive</text>',
                $left + 8, $y + $height / 2 + 4, $height < 15 ? 10 : 12;
        }
        next if $lane % $every != 0 && !$is_culprit;
        push @svg, sprintf '<text class="%s" x="%d" y="%.1f" text-anchor="end" style="font-size:%dpx">%d</text>',
            $is_culprit ? 'bad' : 'quiet', $left - 8, $y + $height / 2 + 4, $height < 15 ? 10 : 12, $lane;
    }
    return @svg;
}

sub bar_title {
    my ($bar, $origin) = @_;
    my $words = $words_of{ $bar->{state} };
    $words =~ s/the routine/$bar->{routine}/ if $bar->{state} eq 'runs';
    $words = 'lets go, or waits until all have' if $bar->{state} eq 'leaves';
    return sprintf 'processor %d: %s%s, %s, from %s to %s', $bar->{processor}, $bar->{open} ? 'still ' : '',
        $words, map { duration($_) } $bar->{to} - $bar->{from}, $bar->{from} - $origin, $bar->{to} - $origin;
}

sub bar_lines {
    my ($picture, $axis, $height, $origin) = @_;
    my @svg;
    for my $bar (@{ $picture->{bars} }) {
        my ($x, $end) = map { x_of($axis, $_) } @$bar{qw(from to)};
        my $inset = $height >= 12 ? $height * 0.16 : 0.5;
        my $y     = $lanes_top + $bar->{processor} * $height + $inset;
        push @svg,
            sprintf '<rect%s x="%.2f" y="%.1f" width="%.2f" height="%.1f" fill="%s"><title>%s</title></rect>',
            $height >= 12 ? ' class="edge"' : '', $x, $y, max($end - $x, 0.8), $height - 2 * $inset,
            $colour_of{ $bar->{state} }, escape(bar_title($bar, $origin));
    }
    return @svg;
}

# Where there is room, the last state of an open visit is written out.
sub open_lines {
    my ($picture, $axis, $height) = @_;
    my @svg;
    for my $bar (grep { $_->{open} } @{ $picture->{bars} }) {
        my $y = $lanes_top + ($bar->{processor} + 0.5) * $height;
        my $end = x_of($axis, $bar->{to});
        push @svg, sprintf '<path d="M%.1f,%.1f l7,%.1f l-7,%.1f Z" fill="%s"/>', $end, $y - $height * 0.34,
            $height * 0.34, $height * 0.34, $colour_of{ $bar->{state} };
        my $words = $bar->{state} eq 'runs' ? "still in $bar->{routine}" : 'still waits';
        my ($room) = grep { $_->{to} > $bar->{from} && $_->{width} > words_width($words, 11) + 16 }
            reverse grep { !$_->{cut} } @$axis;
        next if $height < 12 || !$room;
        push @svg, sprintf '<text class="inside" x="%.1f" y="%.1f" text-anchor="end" style="font-size:%dpx">%s</text>',
            min($end, $room->{x} + $room->{width}) - 4, $y + ($height < 15 ? 3.5 : 4), $height < 15 ? 9 : 11,
            escape($words);
    }
    return @svg;
}

sub mark_title {
    my ($mark, $origin) = @_;
    my %detail = (
        sent      => "call $mark->{value}",
        withdrawn => "call $mark->{value}",
        resent    => "for processor $mark->{value}",
        asked     => "processor $mark->{value}",
        nmi       => "at $mark->{value}",
        paused    => "for $mark->{value} ms",
        unwanted  => "at IRQL $mark->{value}",
    );
    return sprintf 'processor %d: %s, %s, at %s', $mark->{processor}, $mark_of{ $mark->{name} }[3],
        $detail{ $mark->{name} }, duration($mark->{ns} - $origin);
}

sub mark_lines {
    my ($picture, $axis, $height, $origin) = @_;
    my $size = max(3.5, min(7, $height * 0.3));
    my @svg;
    for my $mark (@{ $picture->{marks} }) {
        my ($name, $path, $colour) = @{ $mark_of{ $mark->{name} } };
        my $x = min(max(x_of($axis, $mark->{ns}), $left), $width - $right);
        my $y = $lanes_top + ($mark->{processor} + 0.5) * $height;
        if (($name eq 'resent' || $name eq 'asked') && $mark->{value} < $picture->{lanes}) {
            push @svg, sprintf '<path class="link" d="M%.1f,%.1f L%.1f,%.1f"/>', $x, $y, $x,
                $lanes_top + ($mark->{value} + 0.5) * $height;
        }
        push @svg,
            sprintf '<path class="edge" transform="translate(%.1f,%.1f) scale(%.1f)" d="%s" fill="%s" '
            . 'style="stroke-width:0.15"><title>%s</title></path>',
            $x, $y, $size, $path, $colour, escape(mark_title($mark, $origin));
    }
    return @svg;
}

# ---- moments, title, legend ----

sub moment_lines {
    my ($picture, $axis, $bottom) = @_;
    my $single = @{ $picture->{milestones} } == 1;
    my (@moments, @svg);
    for my $call (@{ $picture->{milestones} }) {
        push @moments, [ $call->{from}, "call $call->{call}" ] if !$single;
        push @moments, [ $call->{sent} // $call->{from}, 'sent' ], [ $call->{released}, 'all there' ],
            [ $call->{withdrawn}, 'withdrawn' ], [ $call->{over}, 'over' ]
            if $single;
    }
    my $free = 0;
    for my $moment (grep { defined $_->[0] } @moments) {
        my ($ns, $words) = @$moment;
        my $x = x_of($axis, $ns);
        push @svg, sprintf '<line class="moment" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>', $x, $x,
            $lanes_top - 28, $bottom + 2;
        my $half = words_width($words) / 2;
        if ($x - $half > $free) {
            push @svg, sprintf '<text x="%.1f" y="%d" text-anchor="middle">%s</text>', $x, $lanes_top - 33, $words;
            $free = $x + $half + 6;
        }
    }
    return @svg;
}

sub title_lines {
    my ($picture) = @_;
    my @calls = @{ $picture->{milestones} };
    my $what  = @calls == 1 ? "call $calls[0]{call}" : "calls $calls[0]{call} to $calls[-1]{call}";
    if (@calls == 1) {
        $what .= ', withdrawn' if defined $calls[0]{withdrawn};
        $what .= defined $calls[0]{over}
            ? ', over after ' . duration($calls[0]{over} - ($calls[0]{sent} // $calls[0]{from}))
            : ', not over';
    }
    my @svg = (
        sprintf('<text class="title" x="%d" y="28">%s</text>', $left, escape($picture->{headline})),
        sprintf('<text class="quiet" x="%d" y="48">%s</text>',  $left, escape($what)),
        sprintf('<text class="quiet" x="%d" y="%d" text-anchor="end" style="font-size:10px">processor</text>',
            $left - 8, $lanes_top - 22),
    );
    if (my $bugcheck = $picture->{bugcheck}) {
        my $words = join ' ', 'bug check', grep { defined } @$bugcheck{qw(code name)};
        $words .= ", processor $bugcheck->{processor}" if defined $bugcheck->{processor};
        push @svg, sprintf '<text class="bad" x="%d" y="48" text-anchor="end">%s</text>', $width - $right,
            escape($words);
    }
    return @svg;
}

# The legend, in rows; returns its height and its lines.
sub legend_lines {
    my ($picture, $top) = @_;
    my %states = map { $_->{state} => 1 } @{ $picture->{bars} };
    my %names  = map { $_->{name} => 1 } @{ $picture->{marks} };
    my @items  = map { { words => $_->[2], colour => $_->[1] } } grep { $states{ $_->[0] } } @states;
    push @items, map { { words => $_->[3], colour => $_->[2], path => $_->[1] } } grep { $names{ $_->[0] } } @marks;
    my ($x, $y, @svg) = ($left, $top);
    for my $item (@items) {
        my $needs = 40 + words_width($item->{words});
        if ($x + $needs > $width - $right && $x > $left) {
            ($x, $y) = ($left, $y + 22);
        }
        push @svg,
            defined $item->{path}
            ? sprintf('<path transform="translate(%.1f,%d) scale(6)" d="%s" fill="%s"/>', $x + 8, $y,
                @$item{qw(path colour)})
            : sprintf('<rect x="%.1f" y="%d" width="16" height="12" fill="%s"/>', $x, $y - 6, $item->{colour});
        push @svg, sprintf '<text x="%.1f" y="%d">%s</text>', $x + 22, $y + 4, $item->{words};
        $x += $needs;
    }
    return ($y + 20, @svg);
}

# A picture: {lanes, headline, bugcheck, milestones, bars, marks}, as Timeline::draw() makes it.
sub draw {
    my ($picture) = @_;
    my @times  = map { @$_{qw(from to)} } @{ $picture->{bars} };
    push @times, map { $_->{ns} } @{ $picture->{marks} };
    push @times, map { $_->{from} } @{ $picture->{milestones} };
    my $axis   = make_axis($left, $width - $right, @times);
    my $origin = $picture->{milestones}[0]{sent} // $picture->{milestones}[0]{from};
    my $height = lane_height($picture->{lanes});
    my $bottom = $lanes_top + $picture->{lanes} * $height;
    my $has_cuts = grep { $_->{cut} } @$axis;
    my ($total, @legend) = legend_lines($picture, $bottom + 46 + ($has_cuts ? 12 : 0));
    my @lines = (
        title_lines($picture),
        lane_lines($picture, $height),
        axis_lines($axis, $origin, $bottom),
        bar_lines($picture, $axis, $height, $origin),
        cut_lines($axis, $bottom),
        moment_lines($picture, $axis, $bottom),
        open_lines($picture, $axis, $height),
        mark_lines($picture, $axis, $height, $origin),
        @legend,
    );
    my $head = sprintf '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">',
        $width, $total, $width, $total;
    my $title = escape($picture->{headline});
    return join "\n", $head, "<title>$title</title>", "<style>\n$style</style>",
        qq(<rect class="paper" width="$width" height="$total"/>), @lines, "</svg>\n";
}

1;

# SPDX-License-Identifier: MIT
# Reads the parts that processors took in calls from a dump of the flight recorder. Timeline::Picture draws them.
#
# A visit is one processor's part in one call: from `sent` or `interrupt` to `done`. Between two of its
# events the processor is in one state, which is a bar of the picture; a visit without `done` is open: the
# processor is still in its last state. The other events are marks.
package Timeline;

use strict;
use warnings;

use List::Util qw(max min);
use Timeline::Picture ();

# The meaning of each event's value.
my %value_of = (
    sent      => 'call',
    interrupt => 'number',
    arrived   => 'call',
    released  => 'call',
    started   => 'routine',
    finished  => 'call',
    done      => 'call',
    resent    => 'number',
    asked     => 'number',
    nmi       => 'address',
    withdrawn => 'call',
    paused    => 'number',
);
my %is_mark = map { $_ => 1 } qw(resent asked nmi withdrawn paused);

sub is_event {
    my ($name) = @_;
    return exists $value_of{$name};
}

sub is_numbered {
    my ($name) = @_;
    return $value_of{$name} eq 'call' || $value_of{$name} eq 'number';
}

# ---- visits ----

sub belongs {
    my ($visit, $event) = @_;
    my $last = $visit->{events}[-1]{name};
    return 0 if $event->{name} eq 'sent' || $event->{name} eq 'interrupt';
    if ($event->{name} eq 'arrived') {
        return 0 if $last ne 'sent' && $last ne 'interrupt';
        return !defined $visit->{call} || $visit->{call} == $event->{value};
    }
    return 1;
}

# The visits of one processor, in order, and its marks.
sub visits_and_marks {
    my ($processor, $events) = @_;
    my ($visit, @visits, @marks);
    for my $event (@$events) {
        if ($is_mark{ $event->{name} }) {
            push @marks, { %$event, processor => $processor };
            next;
        }
        if (!$visit || !belongs($visit, $event)) {
            $visit->{open} = 0 if $visit;
            $visit = { processor => $processor, open => 1, events => [] };
            push @visits, $visit;
        }
        push @{ $visit->{events} }, $event;
        $visit->{call} = $event->{value} if $value_of{ $event->{name} } eq 'call';
        if ($event->{name} eq 'done') {
            $visit->{open} = 0;
            $visit = undef;
        }
    }
    return (\@visits, \@marks);
}

# The visit of a processor that sends a call and does not wait ends there; so does that of a leader while no processor
# is released yet. The two look alike: if a processor was released, it is the first case.
sub close_posted {
    my (@visits) = @_;
    my %released;
    for my $visit (@visits) {
        my @names = map { $_->{name} } @{ $visit->{events} };
        $released{ $visit->{call} } = 1 if defined $visit->{call} && grep { $_ eq 'released' } @names;
    }
    for my $visit (grep { $_->{events}[-1]{name} eq 'sent' } @visits) {
        $visit->{open} = 0 if $released{ $visit->{call} };
    }
    return;
}

# The whole content of the dump: visits in calls, marks, and doorbells that no call wanted.
sub tell {
    my ($dump) = @_;
    my (@visits, @marks);
    for my $processor (0 .. $dump->{processors} - 1) {
        my ($its_visits, $its_marks) = visits_and_marks($processor, $dump->{events}[$processor]);
        push @visits, @$its_visits;
        push @marks,  @$its_marks;
    }
    close_posted(@visits);
    for my $visit (grep { !defined $_->{call} } @visits) {
        push @marks, map { { %$_, processor => $visit->{processor}, name => 'unwanted' } }
            grep { $_->{name} eq 'interrupt' } @{ $visit->{events} };
    }
    return { visits => [ grep { defined $_->{call} } @visits ], marks => \@marks };
}

# The numbers of the calls in a story, each once.
sub calls {
    my ($story) = @_;
    my %calls = map { $_->{call} => 1 } @{ $story->{visits} };
    return keys %calls;
}

# ---- bars ----

# What a processor does between an event and the next ('' after the last): a kind of bar.
sub state_between {
    my ($from, $to) = @_;
    return 'waits' if $from eq 'sent' && $to ne 'arrived';
    return 'waits' if $from eq 'finished' && $to eq 'started';
    my %state = (
        sent      => 'sends',
        interrupt => 'enters',
        arrived   => 'waits',
        released  => $to eq 'done' ? 'leaves' : 'enters_routine',
        started   => 'runs',
        finished  => 'leaves',
    );
    return $state{$from};
}

# The bars of a visit. An open one ends in a bar up to now.
sub bars {
    my ($visit, $now) = @_;
    my @events  = @{ $visit->{events} };
    my $routine = '';
    my @bars;
    for my $i (0 .. $#events) {
        my ($from, $next) = @events[ $i, $i + 1 ];
        my $last = !$next;
        next if $last && !$visit->{open};
        $routine = $from->{value} if $from->{name} eq 'started';
        push @bars,
            {
            processor => $visit->{processor},
            state     => state_between($from->{name}, $last ? '' : $next->{name}),
            routine   => $routine,
            from      => $from->{ns},
            to        => $last ? max($now, $from->{ns}) : $next->{ns},
            open      => $last,
            };
    }
    return @bars;
}

# When a call was sent, when all had arrived or it was withdrawn, and when it was over (undef: not known, or
# not yet). A withdrawal also releases the processors that wait for all.
sub milestones {
    my ($marks, @visits) = @_;
    my ($withdrawn) = grep { $_->{name} eq 'withdrawn' && $_->{value} == $visits[0]{call} } @$marks;
    my %times;
    for my $visit (@visits) {
        for my $event (@{ $visit->{events} }) {
            push @{ $times{ $event->{name} } }, $event->{ns};
        }
    }
    my $over = !grep { $_->{open} } @visits;
    return {
        call      => $visits[0]{call},
        from      => min(map { $_->{events}[0]{ns} } @visits),
        sent      => $times{sent}     && min(@{ $times{sent} }),
        released  => $times{released} && ($times{started} || !$withdrawn) ? min(@{ $times{released} }) : undef,
        withdrawn => $withdrawn && $withdrawn->{ns},
        over      => $over && $times{done} ? max(@{ $times{done} }) : undef,
    };
}

# ---- the picture ----

sub headline {
    my ($dump, $visits) = @_;
    my (%routines, %processors);
    for my $visit (@$visits) {
        $processors{ $visit->{processor} } = 1;
        $routines{ $_->{value} } = 1 for grep { $_->{name} eq 'started' } @{ $visit->{events} };
    }
    my @names = sort keys %routines;
    @names = (@names[ 0, 1 ], '...') if @names > 3;
    my $count = keys %processors;
    my $where = "$count processor" . ($count == 1 ? '' : 's');
    return @names ? join(', ', @names) . " on $where" : "$where, no routine begun";
}

# An SVG of the calls @calls.
sub draw {
    my ($dump, $story, @calls) = @_;
    my %wanted = map { $_ => 1 } @calls;
    my @visits = grep { $wanted{ $_->{call} } } @{ $story->{visits} };
    my @bars   = map { bars($_, $dump->{now}) } @visits;
    my @times  = ((map { $_->{ns} } map { @{ $_->{events} } } @visits), map { $_->{to} } @bars);
    my ($from, $to) = (min(@times), max(@times));
    my @marks = grep {
        $_->{ns} >= $from && $_->{ns} <= $to || $_->{name} eq 'withdrawn' && $wanted{ $_->{value} }
    } @{ $story->{marks} };
    my %of_call;
    push @{ $of_call{ $_->{call} } }, $_ for @visits;
    push @marks, map { { %{ $_->{events}[0] }, processor => $_->{processor} } }
        grep { $_->{events}[0]{name} eq 'sent' } @visits;
    return Timeline::Picture::draw(
        {
            lanes      => $dump->{processors},
            bugcheck   => $dump->{bugcheck},
            headline   => headline($dump, \@visits),
            milestones => [ map { milestones(\@marks, @{ $of_call{$_} }) } sort { $a <=> $b } @calls ],
            bars       => \@bars,
            marks      => \@marks,
        }
    );
}

1;

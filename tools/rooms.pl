#!/usr/bin/env perl
# SPDX-License-Identifier: MIT
# Checks that the rooms of kernel/ use each other only as kernel/rooms.txt says: by their includes and by the symbols
# of their objects. Prints one line for each fault, with its place; the exit status is then 1.
use strict;
use warnings;

my $usage = <<'END';
usage: tools/rooms.pl [--nm COMMAND] FOLDER

Reads kernel/rooms.txt, the sources of kernel/ and arch/, and the objects below FOLDER.
END

my $nm = 'nm';
if (@ARGV && $ARGV[0] eq '--nm') {
    shift;
    $nm = shift // die $usage;
}
die $usage if @ARGV != 1 || $ARGV[0] =~ /^-/;
my ($objects) = @ARGV;
my $faults = 0;

sub fault {
    print "$_[0]\n";
    return $faults++;
}

sub contents {
    my ($path) = @_;
    open my $file, '<', $path or die "rooms: $path: $!\n";
    local $/;
    return scalar <$file>;
}

sub files_below {
    my ($folder, $pattern) = @_;
    my @found;
    for my $path (sort glob "\Q$folder\E/*") {
        push @found, -d $path ? files_below($path, $pattern) : $path =~ $pattern ? $path : ();
    }
    return @found;
}

# ---- the table ----

my (%uses, %ground, %roof, %machine, @circles);

sub read_table {
    for my $line (split /\n/, contents('kernel/rooms.txt')) {
        next if $line =~ /^\s*(#|$)/;
        if ($line =~ /^(\w+):\s*(.*)$/) {
            $uses{$1} = { map { $_ => 1 } $1, split ' ', $2 };
        } elsif ($line =~ /^circle\s+(.*)$/) {
            push @circles, { files => join(' ', sort map { "kernel/$_" } split ' ', $1), reason => '' };
        } elsif ($line =~ /^(ground|roof|machine)\s+(.*)$/) {
            my $list = { ground => \%ground, roof => \%roof, machine => \%machine }->{$1};
            for my $word (split ' ', $2) {
                my ($file, $names) = split /:/, $word;
                $list->{"kernel/$file"} = $names // '';
            }
        } elsif ($line =~ /^\s+\S/ && @circles) {
            $circles[-1]{reason} .= $line;
        } else {
            fault("kernel/rooms.txt: not understood: $line");
        }
    }
    return;
}

# "ground", "roof", a folder's name, or "machine".
sub room_of {
    my ($path) = @_;
    return 'machine' if $path =~ m{^(arch|boot)/};
    return 'lib' if $path =~ m{^lib/};
    return 'ground' if exists $ground{$path};
    return 'roof' if exists $roof{$path};
    return $path =~ m{^kernel/(\w+)/} ? $1 : '';
}

sub may_use {
    my ($room, $other) = @_;
    return $other eq 'lib' if $room eq 'lib';
    return 1 if $other eq 'ground' || $other eq 'lib' || $room eq $other || $room eq 'roof';
    return exists $uses{$room} && $uses{$room}{$other};
}

# ---- by includes ----

sub check_includes {
    my ($path) = @_;
    my $room   = room_of($path);
    my $number = 0;
    return fault("$path:1: is in no room that kernel/rooms.txt has")
        if $room ne 'machine' && $room ne 'ground' && $room ne 'roof' && !exists $uses{$room};
    for my $line (split /\n/, contents($path)) {
        $number++;
        next if $line !~ /^\s*#\s*include\s*(\S+)/;
        my $spelt = $1;
        fault("$path:$number: includes $spelt: write \"kernel/...\", so that it can be checked")
            if $spelt =~ m{\.\./|^<(?:kernel|boot)/|^[^"<]};
        next if $line !~ /^\s*#\s*include\s*"(kernel\/[^"]+)"/;
        my $header = $1;
        my $fine = $room eq 'machine' ? exists $machine{$header} : may_use($room, room_of($header));
        fault("$path:$number: includes $header: " . ($room eq 'machine' ? 'the machine' : $room) . ' may not')
            if !$fine;
    }
    return;
}

# ---- by symbols ----

# The names that a header declares: functions, and variables with `extern`.
sub declared_in {
    my ($path) = @_;
    my $text = contents($path);
    $text =~ s{/\*.*?\*/}{}gs;
    $text =~ s/^\s*#(?:.*\\\n)*.*$//mg;
    1 while $text =~ s/\{[^{}]*\}/;/g;
    my %names;
    for my $statement (split /;/, $text) {
        $statement =~ s/__attribute__\s*\(\(.*?\)\)//gs;
        next if $statement =~ /^\s*(typedef|struct \w+\s*$|enum)/ || $statement =~ /\bstatic\b/;
        $names{$1} = 1 if $statement =~ /(\w+)\s*\(/ || $statement =~ /^\s*extern\b.*?(\w+)(?:\[[^\]]*\])*\s*$/s;
    }
    return \%names;
}

# Returns the hashes SYMBOL => file that defines it, and FILE => [ symbols that it refers to ].
sub read_objects {
    my (@folders) = @_;
    my (%definer, %asked);
    for my $path (map { files_below("$objects/$_", qr/\.o$/) } @folders) {
        my $source = $path =~ s{^\Q$objects\E/}{}r =~ s/\.o$//r;
        next if !-f $source;    # of a file that is gone
        open my $list, '-|', $nm, $path or die "rooms: $nm: $!\n";
        for my $line (<$list>) {
            if ($line =~ /^[0-9a-f]+ [A-TV-Z] (\S+)$/) {
                $definer{$1} = $source;
            } elsif ($line =~ /^\s+[Uwv] (\S+)$/) {
                push @{ $asked{$source} }, $1;
            }
        }
        close $list or die "rooms: $nm fails on $path\n";
    }
    die "rooms: no objects in $objects: build them first (make image)\n" if !%definer;
    return (\%definer, \%asked);
}

sub check_symbols {
    my ($definer, $asked, $upward) = @_;
    my $contract = declared_in('kernel/arch.h');
    my %given = map { %{ declared_in($_) } } grep { $machine{$_} eq '' } keys %machine;
    $given{$_} = 1 for map { split /,/, $_ } grep { $_ ne '' } values %machine;
    my %edges;
    for my $file (sort keys %$asked) {
        for my $symbol (sort @{ $asked->{$file} }) {
            my $other = $definer->{$symbol} // next;
            my ($from, $to) = (room_of($file), room_of($other));
            next if $file eq $other || $to eq 'lib' || ($from eq 'machine' && $to eq 'machine');
            if ($to eq 'machine') {
                fault("$file: asks for $symbol of $other, which kernel/arch.h does not have") if !$contract->{$symbol};
            } elsif ($from eq 'machine') {
                fault("$file: asks for $symbol of $other, which no header for the machine has") if !$given{$symbol};
            } elsif ($from eq 'lib' || !$upward->{$symbol}) {
                $edges{$file}{$other} = 1;
                fault("$file: asks for $symbol of $other: $from may not use $to") if !may_use($from, $to);
            }
        }
    }
    return \%edges;
}

# ---- circles: Tarjan's strongly connected components ----

sub find_circles {
    my ($edges) = @_;
    my (%index, %low, %on, @stack, @found);
    my $visit;
    $visit = sub {
        my ($file) = @_;
        $index{$file} = $low{$file} = keys %index;
        push @stack, $file;
        $on{$file} = 1;
        for my $other (sort keys %{ $edges->{$file} // {} }) {
            $visit->($other) if !exists $index{$other};
            $low{$file} = $low{$other} if $on{$other} && $low{$other} < $low{$file};
        }
        return if $low{$file} != $index{$file};
        my @circle;
        do { push @circle, pop @stack; $on{ $circle[-1] } = 0 } until $circle[-1] eq $file;
        push @found, join ' ', sort @circle if @circle > 1;
        return;
    };
    exists $index{$_} || $visit->($_) for sort keys %$edges;
    return @found;
}

sub check_circles {
    my (@found) = @_;
    my %told = map { $_->{files} => $_->{reason} } @circles;
    for my $circle (sort @found) {
        my $reason = delete $told{$circle};
        fault("these files use each other, and kernel/rooms.txt gives no reason: $circle") if !$reason;
    }
    fault("kernel/rooms.txt gives a reason for a circle that does not exist: $_") for sort keys %told;
    return;
}

read_table();
check_includes($_) for map { files_below($_, qr/\.[chS]$/) } qw(kernel arch boot);
my %upward = (%{ declared_in('kernel/upcall.h') }, %{ declared_in('kernel/entry.h') });
my ($definer, $asked) = read_objects('kernel', 'arch', 'boot', 'lib');
check_circles(find_circles(check_symbols($definer, $asked, \%upward)));
exit($faults ? 1 : 0);

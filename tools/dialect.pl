#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Rewrites those parts of Microsoft's C that gcc or clang understands differently and that no macro or option
# can change.
#
#   tools/dialect.pl [RULE...] < DRIVER.i > DRIVER.c      DRIVER.i: what the compiler's -E prints
#
# Without a RULE, all are applied. A driver that needs none of them comes out unchanged. Lines keep their numbers.
# The compiler's own headers stay as they are. The rules:
#
#   long      has 32 bits on Windows, and LONG is another name for it. gcc's has 64, and no option changes that.
#             So `long` becomes `int`, except in `long long` and `long double`, and 1L becomes 1.
#   suffix    5i64 and 5ui64 become 5LL and 5ULL; the shorter suffixes are dropped.
#   pack      __pragma may stand anywhere in Microsoft's C. gcc and clang take it between declarations only.
#             One inside a declaration moves to its start, or to its end if it restores the packing.
#   align     `__declspec(align(64)) struct s { ... }` aligns the type. gcc's attribute does so only after the
#             word `struct`, so it moves there.
#   inline    an `extern inline` function can be called and has an address. With -fgnu89-inline, one that is not
#             extern is compiled that way, so the word `extern` goes.
#   function  __FUNCTION__ is a string literal, which may be joined to others. Next to one, it becomes the
#             function's name in quotes.
use strict;
use warnings;

use lib (__FILE__ =~ m{(.*)/} ? $1 : '.') . '/lib';    # (without FindBin: Debian's perl-base is enough)
use CTokens qw(closing next_word previous_word split_tokens);

# Keywords that may surround `long` in the specifiers of one declaration.
my %is_specifier = map { $_ => 1 } qw(long int short signed unsigned double char const volatile restrict
    static extern register auto typedef inline __inline __inline__ __const __volatile__ __signed__ __extension__);

# Which tokens are the driver's or Muster's, not the compiler's: flag 3 of a line marker says the latter.
sub mark_own {
    my ($tokens) = @_;
    my $own = 1;
    return map { $own = !/"[ 0-9]* 3\b/ if /\A# [0-9]+ "/; $own } @$tokens;
}

# The indices of the specifiers around the one at $at.
sub specifiers {
    my ($tokens, $at) = @_;
    my @run = ($at);
    for (my $i = previous_word($tokens, $at) ; defined $i && $is_specifier{ $tokens->[$i] } ;) {
        unshift @run, $i;
        $i = previous_word($tokens, $i);
    }
    for (my $i = next_word($tokens, $at) ; defined $i && $is_specifier{ $tokens->[$i] } ;) {
        push @run, $i;
        $i = next_word($tokens, $i);
    }
    return @run;
}

sub shorten_long {
    my ($tokens) = @_;
    my @own = mark_own($tokens);
    for my $at (grep { $own[$_] } 0 .. $#$tokens) {
        if ($tokens->[$at] eq 'long') {
            my @words = map { $tokens->[$_] } specifiers($tokens, $at);
            next if (grep { $_ eq 'long' } @words) != 1 || grep { $_ eq 'double' } @words;
            $tokens->[$at] = (grep { $_ eq 'int' } @words) ? '' : 'int';
        } elsif ($tokens->[$at] =~ /\A(0[xXbB][0-9a-fA-F]+|[0-9]+)([uU]?)[lL]([uU]?)\z/) {
            $tokens->[$at] = "$1$2$3";
        }
    }
    return;
}

sub replace_suffixes {
    my ($tokens) = @_;
    for (@$tokens) {
        s/\A(0[xXbB][0-9a-fA-F]+|[0-9]+)([uU]?)i(8|16|32|64)\z/$1 . $2 . ($3 == 64 ? 'LL' : '')/e;
    }
    return;
}

# The start of the attribute that ends at $at, or $at if none does: parameters end there.
sub before_attribute {
    my ($tokens, $at) = @_;
    my ($depth, $start) = (0, $at);
    while (defined $start) {
        $depth++             if $tokens->[$start] eq ')';
        $depth--             if $tokens->[$start] eq '(';
        $start = previous_word($tokens, $start);
        last if $depth == 0;
    }
    return defined $start && $tokens->[$start] =~ /\A__(?:attribute__|declspec)\z/ ? $start : $at;
}

# Does the brace at $at close a type, and not a block?
sub closes_type {
    my ($tokens, $at) = @_;
    my $depth = 0;
    while (defined $at) {
        $depth++ if $tokens->[$at] =~ /\A[)\]}]\z/;
        $depth-- if $tokens->[$at] =~ /\A[(\[{]\z/;
        last if $depth == 0;
        $at = previous_word($tokens, $at);
    }
    for (my $steps = 0 ; defined $at && $steps < 16 ; $steps++) {
        $at = previous_word($tokens, $at);
        $at = before_attribute($tokens, $at) if defined $at && $tokens->[$at] eq ')';
        return 0                             if !defined $at || $tokens->[$at] =~ /\A[;={})]\z/;
        return 1 if $tokens->[$at] =~ /\A(?:struct|union|enum)\z/;
    }
    return 0;
}

# The word before which a declaration cannot have begun: the one that ends the declaration before $at.
sub declaration_start {
    my ($tokens, $at) = @_;
    my $depth = 0;
    while (defined($at = previous_word($tokens, $at))) {
        my $word = $tokens->[$at];
        last if $depth == 0 && ($word =~ /\A[;{]\z/ || $word eq '}' && !closes_type($tokens, $at));
        $depth++ if $word =~ /\A[)\]}]\z/;
        $depth-- if $word =~ /\A[(\[{]\z/;
    }
    return $at;
}

sub declaration_end {
    my ($tokens, $at) = @_;
    my $depth = 0;
    while (defined($at = next_word($tokens, $at))) {
        $depth++ if $tokens->[$at] =~ /\A[(\[{]\z/;
        $depth-- if $tokens->[$at] =~ /\A[)\]}]\z/;
        last     if $depth < 0 || $depth == 0 && $tokens->[$at] eq ';';
    }
    return $at;
}

sub move_pack_pragmas {
    my ($tokens) = @_;
    my @words = @$tokens;
    for my $at (0 .. $#$tokens) {
        next if $tokens->[$at] !~ /\A\s*#\s*pragma\s+(pack\s*\((.*)\))/;
        my ($pragma, $words) = ($1, $2);
        my $start  = declaration_start(\@words, $at);
        my $before = previous_word(\@words, $at);
        next if !defined $before || defined $start && $start == $before;
        $tokens->[$at] = '';
        if ($words =~ /\A\s*(?:pop\b.*)?\z/) {
            my $end = declaration_end(\@words, $at);
            $tokens->[ $end // $#$tokens ] .= qq( _Pragma("$pragma") );
        } else {
            my $first = next_word(\@words, $start // -1);
            $tokens->[$first] = qq( _Pragma("$pragma") $tokens->[$first]);
        }
    }
    return;
}

sub move_alignments {
    my ($tokens) = @_;
    for my $at (grep { $tokens->[$_] eq '__attribute__' } 0 .. $#$tokens) {
        my $open  = next_word($tokens, $at);
        my $close = defined $open ? closing($tokens, $open) : undef;
        my $type  = defined $close ? next_word($tokens, $close) : undef;
        $type = next_word($tokens, $type) while defined $type && $is_specifier{ $tokens->[$type] };
        next if !defined $type || $tokens->[$type] !~ /\A(?:struct|union)\z/;
        my $tag = next_word($tokens, $type) // next;
        my $brace = $tokens->[$tag] eq '{' ? $tag : next_word($tokens, $tag);
        next if !defined $brace || $tokens->[$brace] ne '{';
        my $attribute = join '', @$tokens[ $at .. $close ];
        next if $attribute !~ /\A__attribute__\s*\(\(\s*aligned\b/ || $attribute =~ /\n/;
        @$tokens[ $at .. $close ] = ('') x ($close - $at + 1);
        $tokens->[$type] .= " $attribute";
    }
    return;
}

# Removes `extern` from the declarations of inline functions.
sub drop_extern_of_inline {
    my ($tokens) = @_;
    my @own = mark_own($tokens);
    for my $at (grep { $own[$_] } 0 .. $#$tokens) {
        next if $tokens->[$at] !~ /\A(?:inline|__inline|__inline__|__forceinline)\z/;
        my $depth = 0;
        my $word  = next_word($tokens, declaration_start($tokens, $at) // -1);
        while (defined $word && ($depth > 0 || $tokens->[$word] !~ /\A[;{]\z/)) {
            $depth++ if $tokens->[$word] eq '(';
            $depth-- if $tokens->[$word] eq ')';
            $tokens->[$word] = '' if $tokens->[$word] eq 'extern';
            $word = next_word($tokens, $word);
        }
    }
    return;
}

# The name of the function whose body opens at $open; undef if none does.
sub function_name {
    my ($tokens, $open) = @_;
    my $depth = 0;
    my $at    = $open;
    while (defined($at = previous_word($tokens, $at))) {
        my $word = $tokens->[$at];
        return if $depth == 0 && $word !~ /\A[)\w]/;
        $depth++ if $word eq ')';
        next if $word ne '(' || --$depth > 0;
        my $name = previous_word($tokens, $at);
        return if !defined $name;
        return $tokens->[$name] if $tokens->[$name] =~ /\A[A-Za-z_]\w*\z/ && $tokens->[$name] ne '__attribute__';
    }
    return;
}

sub is_string {
    my ($tokens, $at) = @_;
    return defined $at && $tokens->[$at] =~ /\A"/;
}

sub quote_function_names {
    my ($tokens) = @_;
    my ($depth, $name) = (0, undef);
    for my $at (0 .. $#$tokens) {
        my $word = $tokens->[$at];
        if ($word eq '{') {
            $name = function_name($tokens, $at) if $depth++ == 0;
        } elsif ($word eq '}') {
            $depth--;
        } elsif ($word eq '__FUNCTION__' && defined $name) {
            my ($before, $after) = (previous_word($tokens, $at), next_word($tokens, $at));
            $tokens->[$at] = qq("$name") if is_string($tokens, $before) || is_string($tokens, $after);
        }
    }
    return;
}

my @rules = (
    [ long     => \&shorten_long ],
    [ suffix   => \&replace_suffixes ],
    [ pack     => \&move_pack_pragmas ],
    [ align    => \&move_alignments ],
    [ inline   => \&drop_extern_of_inline ],
    [ function => \&quote_function_names ],
);
my %wanted = map { $_ => 1 } @ARGV ? @ARGV : map { $_->[0] } @rules;
my @tokens = split_tokens(do { local $/ = undef; <STDIN> });
$_->[1]->(\@tokens) for grep { $wanted{ $_->[0] } } @rules;
print @tokens;

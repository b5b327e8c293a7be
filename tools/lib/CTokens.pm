# SPDX-License-Identifier: MIT
# Preprocessed C as a list of tokens. White space and the lines that begin with # are tokens too, so joining
# the list gives the text back.
package CTokens;

use strict;
use warnings;

use Exporter qw(import);
our @EXPORT_OK = qw(closing is_space next_word previous_word split_tokens);

sub split_tokens {
    my ($text) = @_;
    return $text =~ m{
        ( (?m:^[ \t]*\#[^\n]*)
        | \s+
        | (?:u8|[uUL])?"(?:[^"\\\n]|\\.)*"
        | [uUL]?'(?:[^'\\\n]|\\.)*'
        | [A-Za-z_\$][\w\$]*
        | \.?[0-9](?:[eEpP][+-]|[\w.])*
        | . )
    }gxs;
}

sub is_space {
    my ($token) = @_;
    return $token =~ /\A\s*(?:#|\z)/;
}

# The index of the next token that is not white space, or of the one before; undef at the end of the list.
sub next_word {
    my ($tokens, $at) = @_;
    for (my $i = $at + 1 ; $i < @$tokens ; $i++) {
        return $i if !is_space($tokens->[$i]);
    }
    return;
}

sub previous_word {
    my ($tokens, $at) = @_;
    for (my $i = $at - 1 ; $i >= 0 ; $i--) {
        return $i if !is_space($tokens->[$i]);
    }
    return;
}

# The index of the bracket that closes the one at $at; undef if none does.
sub closing {
    my ($tokens, $at) = @_;
    my $depth = 0;
    for (my $i = $at ; $i < @$tokens ; $i++) {
        $depth++ if $tokens->[$i] =~ /\A[(\[{]\z/;
        $depth-- if $tokens->[$i] =~ /\A[)\]}]\z/;
        return $i if $depth == 0;
    }
    return;
}

1;

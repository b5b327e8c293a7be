# SPDX-License-Identifier: MIT
# Breaks the kernel's sources on purpose, in a copy: the entries of tests/sim/mutations and tests/kernel/breaks.txt.
#
# Problem. A break that is kept as a patch stops applying as soon as a comment next to it changes, a line moves or a
# file gets another name. So an entry states only the essential: in this function, these tokens become those. White
# space and comments do not matter, nor does the file that contains the function.
#
# Format. A text file holds entries on one topic, separated by blank lines; a line that begins with # is a comment. An
# indented line continues the one before. (There is one file per topic and not per entry: most entries have five
# lines, and are read together.)
#
#     10-generation-lost-at-barrier                          the name, unique in the suite
#     A mark of any generation will do.                      what is broken, in one sentence
#     Clause: K2                                             the clauses of the contract that this may break
#     Scenario: calls-2                                      other keys, as the suite needs them
#     in reached: == value => != 0 && value != 0             an edit; there may be several
#     at file scope: #define RUNG_ASK 2 => #define RUNG_ASK 3
#
# An edit replaces the tokens on the left with the text on the right, which may be empty. The left side must occur
# exactly once in the definition of the function (return type, name and body), in whichever source file that is, and
# only one file may define a function of this name. At file scope it must occur exactly once in all files, outside of
# functions. All edits of an entry are searched for in the unmodified sources, and must not overlap. Any violation is
# reported as an error. Keep the left side as short as the function allows: the rest of the function may then change.
#
# Tokens are those of C without comments. A preprocessor line is at file scope wherever it is. Each one is a run of
# tokens of its own, and so is the text between two of them, or between two functions. A match never extends across
# the end of a run.
package Mutation;

use strict;
use warnings;

use Exporter qw(import);
use File::Find ();

our @EXPORT_OK = qw(read_suite read_sources apply_entry tokens);

# --- tokens ---

my $blank = qr{
    [ \t\f\r\x0b] | \\\r?\n                         # a continued line
  | /\*.*?\*/ | //(?:\\\n|[^\n])*
}xs;
my $token = qr{
    (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"
  | [uUL]?'(?:\\.|[^'\\\n])*'
  | [A-Za-z_]\w*
  | \.?[0-9](?:[eEpP][-+]|[\w.])*
  | <<=|>>=|\.\.\.|->|\+\+|--|<<|>>|[-<>=!+*/%&|^]=|&&|\|\||\#\#
  | [^\s"'\\]
}xs;

# The tokens of a text: [text, offset, number of its preprocessor line or 0].
sub tokens {
    my ($text, $what) = @_;
    my ($begins_line, $directive, $directives) = (1, 0, 0);
    my @tokens;
    pos($text) = 0;
    while (pos($text) < length $text) {
        next if $text =~ /\G$blank+/gc;
        if ($text =~ /\G\n/gc) {
            ($begins_line, $directive) = (1, 0);
            next;
        }
        my $offset = pos $text;
        die "$what:" . line_at($text, $offset) . ": a comment, string or character that does not end\n"
            if $text =~ m{\G/\*} || $text !~ /\G($token)/gc;
        $directive   = ++$directives if $begins_line && $1 eq '#';
        $begins_line = 0;
        push @tokens, [ $1, $offset, $directive ];
    }
    return @tokens;
}

sub line_at {
    my ($text, $offset) = @_;
    return 1 + (substr($text, 0, $offset) =~ tr/\n//);
}

# --- functions ---

# Index of the bracket that matches the one at $index, forwards or backwards; undef if there is none.
sub partner {
    my ($tokens, $index, $step) = @_;
    my $depth = 0;
    for (my $i = $index; $i >= 0 && $i < @$tokens; $i += $step) {
        $depth++ if $tokens->[$i][0] =~ /\A[({\[]\z/;
        $depth-- if $tokens->[$i][0] =~ /\A[)}\]]\z/;
        return $i if $depth == 0;
    }
    return undef;
}

# The name of the function whose body begins at the brace $body; undef if it is not a function. A function has a name,
# parameters and perhaps attributes before the brace.
sub function_name {
    my ($tokens, $begin, $body) = @_;
    my $last = $body - 1;
    while ($last > $begin && $tokens->[$last][0] eq ')') {
        my $open = partner($tokens, $last, -1);
        return undef if !defined $open || $open <= $begin;
        my $name = $tokens->[ $open - 1 ][0];
        return $name =~ /\A[A-Za-z_]\w*\z/ ? $name : undef if $name ne '__attribute__';
        $last = $open - 2;
    }
    return undef;
}

# Splits a source: {functions => {name => [[run...]...]}, outside => [run...]}; a run is an array of tokens.
sub take_apart {
    my ($path, $text) = @_;
    my (%functions, @outside, %directives);
    my @code;
    for my $token (tokens($text, $path)) {
        if ($token->[2]) {
            push @{ $directives{ $token->[2] } }, $token;
        }
        else {
            # A preprocessor line between two tokens separates them.
            push @code, [ @$token[ 0, 1 ], scalar keys %directives ];
        }
    }
    my ($begin, $rest) = (0, 0);    # of the current declaration, and of the tokens outside of functions
    for (my $i = 0; $i < @code; $i++) {
        if ($code[$i][0] eq '{') {
            my $end = partner(\@code, $i, 1)
                // die "$path:" . line_at($text, $code[$i][1]) . ": a brace that nothing closes\n";
            if (defined(my $name = function_name(\@code, $begin, $i))) {
                push @outside, runs(@code[ $rest .. $begin - 1 ]);
                push @{ $functions{$name} }, [ runs(@code[ $begin .. $end ]) ];
                ($begin, $rest) = ($end + 1, $end + 1);
            }
            $i = $end;
        }
        elsif ($code[$i][0] eq ';') {
            $begin = $i + 1;
        }
    }
    push @outside, runs(@code[ $rest .. $#code ]), values %directives;
    return { functions => \%functions, outside => \@outside };
}

# Splits tokens at preprocessor lines between them.
sub runs {
    my @runs;
    my $last = -1;
    for my $token (@_) {
        push @runs, [] if $token->[2] != $last;
        $last = $token->[2];
        push @{ $runs[-1] }, $token;
    }
    return @runs;
}

# --- sources ---

# All C sources under the folders: {path => {text}}. Each is split when it is first used.
sub read_sources {
    my @folders = @_;
    my %sources;
    File::Find::find(
        {
            no_chdir => 1,
            wanted   => sub { $sources{$_} = { text => read_file($_) } if /\.[ch]\z/ && -f $_ },
        },
        @folders
    );
    die "no C source under @folders\n" if !%sources;
    return \%sources;
}

sub read_file {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    local $/ = undef;
    return scalar(<$file>) // '';
}

sub parts_of {
    my ($sources, $path) = @_;
    return $sources->{$path}{parts} //= take_apart($path, $sources->{$path}{text});
}

# --- edits ---

# Where the tokens @$wanted begin in a run.
sub matches_in {
    my ($run, $wanted) = @_;
    my @found;
    START: for my $start (0 .. @$run - @$wanted) {
        for my $i (0 .. $#$wanted) {
            next START if $run->[ $start + $i ][0] ne $wanted->[$i];
        }
        push @found, $start;
    }
    return @found;
}

# The runs in which an edit may match: [path, run]; dies unless exactly one function has its name.
sub places_of {
    my ($edit, $sources, $who) = @_;
    my $name = $edit->{function};
    if (!defined $name) {
        my ($word) = sort { length $b <=> length $a } @{ $edit->{old} };
        my @paths = grep { index($sources->{$_}{text}, $word) >= 0 } sort keys %$sources;
        return map { my $path = $_; map { [ $path, $_ ] } @{ parts_of($sources, $path)->{outside} } } @paths;
    }
    my @found;
    for my $path (grep { index($sources->{$_}{text}, $name) >= 0 } sort keys %$sources) {
        push @found, map { [ $path, $_ ] } @{ parts_of($sources, $path)->{functions}{$name} // [] };
    }
    return map { [ $found[0][0], $_ ] } @{ $found[0][1] } if @found == 1;
    my @where = map { "$_->[0]:" . line_at($sources->{ $_->[0] }{text}, $_->[1][0][0][1]) } @found;
    die "$who: function $name is defined nowhere\n" if !@found;
    die "$who: function $name is defined " . @found . ' times, and must be once: ' . join(', ', @where) . "\n";
}

# What an edit replaces: {path, begin, end, new}.
sub find_edit {
    my ($edit, $sources, $who) = @_;
    my @found;
    for my $place (places_of($edit, $sources, $who)) {
        my ($path, $run) = @$place;
        for my $start (matches_in($run, $edit->{old})) {
            my ($first, $last) = @$run[ $start, $start + @{ $edit->{old} } - 1 ];
            push @found,
                { path => $path, begin => $first->[1], end => $last->[1] + length $last->[0], new => $edit->{new} };
        }
    }
    return $found[0] if @found == 1;
    my $scope = defined $edit->{function} ? "in $edit->{function}" : 'at file scope';
    my @where = map { "$_->{path}:" . line_at($sources->{ $_->{path} }{text}, $_->{begin}) } @found;
    die "$who: $scope `@{ $edit->{old} }` stands " . @found . ' times, and must stand there once'
        . (@where ? ': ' . join(', ', @where) : '') . "\n";
}

# Makes the edits of an entry: {path => new text} of the files that change. Dies with one line that says what is wrong.
sub apply_entry {
    my ($entry, $sources) = @_;
    my (%edits, %changed);
    for my $edit (@{ $entry->{edits} }) {
        my $found = find_edit($edit, $sources, $entry->{name});
        push @{ $edits{ $found->{path} } }, $found;
    }
    for my $path (sort keys %edits) {
        my ($text, $limit) = ($sources->{$path}{text}, length $sources->{$path}{text});
        for my $edit (sort { $b->{begin} <=> $a->{begin} } @{ $edits{$path} }) {
            die "$entry->{name}: two edits overlap at $path:" . line_at($text, $edit->{end}) . "\n"
                if $edit->{end} > $limit;
            $limit = $edit->{begin};
            substr $text, $edit->{begin}, $edit->{end} - $edit->{begin}, apart($text, $edit);
        }
        $changed{$path} = $text;
    }
    return \%changed;
}

# The new text, with a blank where one of its tokens would join its neighbour.
sub apart {
    my ($text, $edit) = @_;
    my $new    = $edit->{new};
    my $before = $edit->{begin} == 0 ? ' ' : substr $text, $edit->{begin} - 1, 1;
    my $after  = $edit->{end} < length $text ? substr $text, $edit->{end}, 1 : ' ';
    return ' '        if $new eq '';
    $new = " $new" if sticks($before, substr $new, 0, 1);
    $new .= ' '    if sticks(substr($new, -1), $after);
    return $new;
}

sub sticks {
    my ($left, $right) = @_;
    return "$left$right" =~ /\A(?:[\w.][\w.]|[^\w\s;,()\[\]{}][^\w\s;,()\[\]{}])\z/;
}

# --- entries ---

# Reads the entries of a suite (a file, or a folder with files of entries), in the order of their names' numbers.
# An entry is {name, title, Key => value..., edits => [{function or undef, old => [token...], new => text}...]}.
sub read_suite {
    my ($suite) = @_;
    my @paths = -d $suite ? sort glob "$suite/*.txt" : $suite;
    die "$suite: no file NAME.txt with entries there\n" if !@paths;
    my (@entries, %seen);
    for my $path (@paths) {
        for my $entry (read_entries($path)) {
            die "$path:$entry->{line}: there is another $entry->{name}\n" if $seen{ $entry->{name} }++;
            push @entries, $entry;
        }
    }
    die "$suite: no entry there\n" if !@entries;
    return sort { number($a) <=> number($b) || $a->{name} cmp $b->{name} } @entries;
}

sub number {
    my ($entry) = @_;
    return $entry->{name} =~ /\A([0-9]+)/ ? $1 : 0;
}

sub read_entries {
    my ($path) = @_;
    my ($number, $apart, @entries) = (0, 1);
    for my $line (split /\n/, read_file($path)) {
        $number++;
        next if $line =~ /\A#/;
        if ($line =~ /\A\s*\z/) {
            $apart = 1;
        }
        elsif ($line =~ /\A\s/) {
            die "$path:$number: an indented line has nothing to go on with\n" if $apart;
            $entries[-1]{lines}[-1] .= "\n$line";
        }
        else {
            push @entries, { line => $number, lines => [] } if $apart;
            push @{ $entries[-1]{lines} }, $line;
            $apart = 0;
        }
    }
    return map { read_entry($_->{lines}, "$path:$_->{line}", $_->{line}) } @entries;
}

sub read_entry {
    my ($lines, $where, $number) = @_;
    my ($name, $title, @rest) = @$lines;
    die "$where: `$name` is no name: only letters, digits and - are\n" if $name !~ /\A[A-Za-z0-9-]+\z/;
    die "$where: $name has no title\n" if !defined $title || $title =~ /\A(?:in \w+|at file scope|[A-Z]\w*):/;
    my %entry = (name => $name, title => $title =~ s/\n\s*/ /gr, line => $number, edits => []);
    for my $line (@rest) {
        if ($line =~ /\A(?:in ([A-Za-z_]\w*)|at file scope):(.*)\z/s) {
            push @{ $entry{edits} }, read_edit($1, $2, "$where: $name");
        }
        elsif ($line =~ /\A([A-Z][a-z]+): (.*)\z/s) {
            $entry{$1} = $2 =~ s/\n\s*/ /gr;
        }
        else {
            die "$where: $name: neither `Key: value` nor `in FUNCTION:` nor `at file scope:`: $line\n";
        }
    }
    die "$where: $name says no Clause:\n" if !defined $entry{Clause};
    die "$where: $name has no edit\n"     if !@{ $entry{edits} };
    return \%entry;
}

sub read_edit {
    my ($function, $text, $who) = @_;
    my @sides = map { s/\A\s+|\s+\z//gr } split /=>/, $text, -1;
    die "$who: an edit has the form: old tokens => new text\n" if @sides != 2;
    my @old = map { $_->[0] } tokens($sides[0], $who);
    die "$who: an edit has nothing to look for\n" if !@old;
    return { function => $function, old => \@old, new => $sides[1] };
}

1;

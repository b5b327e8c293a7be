# SPDX-License-Identifier: MIT
# Small breaks of the protocol, one at a time: the schedule explorer catches each one. `make explore` runs them with
# all scenarios, this test with the one that each entry names. Also the tool that makes the breaks: what it finds, what
# it refuses, and that the position of a function does not matter.

use strict;
use warnings;

use File::Find ();
use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Mutation qw(read_suite read_sources);
use Test::More;

my $root   = root();
my $mutate = "$root/tests/sim/mutate.sh";
my $tool   = "$root/tests/mutate.pl";
my @suites = ("$root/tests/sim/mutations", "$root/tests/kernel/breaks.txt");
my $folder = File::Temp->newdir;

sub write_file {
    my ($path, $text) = @_;
    open my $file, '>:raw', $path or die "$path: $!";
    print {$file} $text;
    close $file or die "$path: $!";
    return $path;
}

# --- what an edit finds ---

# Applies an entry with these edits to a new folder with these files; returns the messages, and all files.
sub try_edits {
    my ($edits, %files) = @_;
    my $sources = File::Temp->newdir;
    mkdir "$sources/below";
    write_file("$sources/$_", $files{$_}) for keys %files;
    my $suite = write_file("$folder/tried.txt", "tried\nIt is tried.\nClause: K1\n$edits\n");
    my $run   = run_command([ $tool, 'apply', $suite, 'tried', "$sources" ]);
    return ($run->{exit} . ' ' . $run->{errors} =~ s/\Q$sources\E\///gr,
        { map { $_ => contents("$sources/$_") } keys %files });
}

sub is_found {
    my ($name, $edits, $before, $after) = @_;
    my ($told, $files) = try_edits($edits, 'a.c' => $before);
    return ok($told eq '0 ' && $files->{'a.c'} eq $after, $name) || diag("told: $told\ngot: $files->{'a.c'}");
}

sub is_not_found {
    my ($name, $edits, $pattern, %files) = @_;
    my ($told, $after) = try_edits($edits, %files);
    like($told, $pattern, $name);
    return is_deeply($after, \%files, "$name: nothing is changed");
}

my $f = "int f(int a)\n{\n    return a;\n}\n";
is_found('tokens, not lines', 'in f: a + 1 => b', "int f(void)\n{ return a /* + */\n  +\\\n 1; }\n",
    "int f(void)\n{ return b; }\n");
is_found('a token is not a part of one', 'in f: a => b', "int f(void) { return aa + \"a\" + 'a' + a; }\n",
    "int f(void) { return aa + \"a\" + 'a' + b; }\n");
is_found('nor an operator', 'in f: < => >', "int f(void) { return a << b <= c < d; }\n",
    "int f(void) { return a << b <= c > d; }\n");
is_found('in the function only', 'in f: a; => b;',
    "int g(void) { return a; }\n$f", "int g(void) { return a; }\n" . $f =~ s/a;/b;/r);
is_found('its type and name belong to it', 'in f: int f( => long f(', "int g(int a) { return 0; }\n$f",
    "int g(int a) { return 0; }\n" . $f =~ s/int f/long f/r);
is_found('with attributes', 'in f: 1 => 2',
    "static int __attribute__((ms_abi)) f(int (*g)(int)) __attribute__((cold)) { return 1; }\n",
    "static int __attribute__((ms_abi)) f(int (*g)(int)) __attribute__((cold)) { return 2; }\n");
is_found('a declaration is no definition', 'in f: a; => b;',
    "int f(int a);\n$f", "int f(int a);\n" . $f =~ s/a;/b;/r);
is_found('at file scope', 'at file scope: { 1 } => { 2 }',
    "static struct s s = { 1 };\nint f(void) { int x[] = { 1 }; }\n",
    "static struct s s = { 2 };\nint f(void) { int x[] = { 1 }; }\n");
is_found('a preprocessor line, in a function, too', 'at file scope: #define A 1 => #define A 2',
    "int f(void)\n{\n#define A \\\n    1\n    return A;\n}\n", "int f(void)\n{\n#define A 2\n    return A;\n}\n");
is_found('several edits, in any order', "in f: b => B\nin f: a => A", "int f(void) { return a + b; }\n",
    "int f(void) { return A + B; }\n");
is_found('an edit may go on below', "in f:\n    return\n    a;\n    =>\n    return\n    b;",
    $f, $f =~ s/return a/return\n    b/r);
is_found('nothing is glued together', 'in f: 1 => -1',
    "int f(void) { return a-1; }\n", "int f(void) { return a- -1; }\n");
is_found('an edit may take away', 'in f: return a; =>', $f, $f =~ s/return a;/ /r);

is_not_found('no such tokens', 'in f: b => c',
    qr/^1 tried: in f `b` stands 0 times, and must stand there once\n\z/, 'a.c' => $f);
is_not_found('twice', 'in f: a => b',
    qr/^1 tried: in f `a` stands 2 times, and must stand there once: a\.c:1, a\.c:3\n\z/, 'a.c' => $f);
is_not_found('no such function', 'in g: a => b',
    qr/^1 tried: function g is defined nowhere\n\z/, 'a.c' => "int g(int a);\n$f");
is_not_found('a function in two files', 'in f: a; => b;',
    qr{^1 tried: function f is defined 2 times, and must be once: a\.c:1, below/b\.h:2\n\z},
    'a.c' => $f, 'below/b.h' => "\nstatic $f");
is_not_found('twice at file scope', 'at file scope: x => y',
    qr{^1 tried: at file scope `x` stands 2 times, and must stand there once: a\.c:1, below/b\.h:1\n\z},
    'a.c' => "int x;\n", 'below/b.h' => "extern int x;\n");
is_not_found('across a preprocessor line', 'in f: a b => c', qr/^1 tried: in f `a b` stands 0 times/,
    'a.c' => "int f(void)\n{\n    a\n#if 1\n    b\n#endif\n}\n");
is_not_found('across functions', 'at file scope: 1; int y => 2; int y',
    qr/^1 tried: at file scope .* stands 0 times/, 'a.c' => "int x = 1;\n${f}int y;\n");
is_not_found('edits that overlap', "in f: return a => b\nin f: a; => c;",
    qr/^1 tried: two edits overlap at a\.c:3\n\z/, 'a.c' => $f);
is_not_found('one bad edit of two', "in f: a; => b;\nin f: c => d",
    qr/^1 tried: in f `c` stands 0 times/, 'a.c' => $f);
is_not_found('a source that no compiler would read', 'in f: a; => b;',
    qr/^1 a\.c:5: a comment, string or character/, 'a.c' => "$f/* f");

# --- what an entry must be ---

for my $case (
    [ "a b\nIt.\nClause: K1\nin f: a => b",         qr/:1: `a b` is no name/ ],
    [ "a\nClause: K1\nin f: a => b",                qr/:1: a has no title/ ],
    [ "a\nIt.\nin f: a => b",                       qr/:1: a says no Clause:/ ],
    [ "a\nIt.\nClause: K1",                         qr/:1: a has no edit/ ],
    [ "a\nIt.\nClause: K1\nin f: a",                qr/:1: a: an edit has the form: old tokens => new text/ ],
    [ "a\nIt.\nClause: K1\nin f: => b",             qr/:1: a: an edit has nothing to look for/ ],
    [ "a\nIt.\nClause: K1\nin f g: a => b",         qr/:1: a: neither .*: in f g: a => b/ ],
    [ "# c\n\n  a",                                 qr/:3: an indented line has nothing to go on with/ ],
    [ "# c\n",                                      qr/: no entry there/ ],
    [ ("a\nIt.\nClause: K1\nin f: a => b\n\n") x 2, qr/:6: there is another a/ ],
    )
{
    my (@text, $pattern) = @$case;
    $pattern = pop @text;
    my $run = run_command([ $tool, 'list', write_file("$folder/bad.txt", join '', @text) ]);
    like($run->{errors}, qr/\A[^\n]*$pattern[^\n]*\n\z/, "refused: $pattern");
    is($run->{exit}, 1, 'with exit status 1');
}
is(run_command([ $tool, @$_ ])->{exit}, 2, "wrong use: mutate.pl @$_")
    for [], ['fly'], ['list'], [ 'check', $suites[0] ];

# --- entries survive irrelevant changes ---

my @entries = read_suite($suites[0]);
cmp_ok(scalar(@entries), '>=', 12, 'there are at least 12');
is(join(' ', map { $_->{name} } grep { !$_->{Scenario} } @entries), '', 'each names a scenario');

sub all_apply {
    my ($kernel, $name) = @_;
    for my $suite (@suites) {
        my $run = run_command([ $tool, 'check', $suite, $kernel ]);
        ok($run->{exit} == 0, "$name: every entry of " . ($suite =~ s{.*/tests/}{}r) . ' applies') || show_run($run);
    }
    return;
}

# Replaces each comment with a blank; strings and characters stay.
sub without_comments {
    my ($text) = @_;
    return $text =~ s{("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|/\*.*?\*/|//[^\n]*}{$1 // ' '}gser;
}

# The functions of a file in reverse order, after everything else.
sub reversed {
    my ($text) = @_;
    my @functions;
    $text =~ s/^((?:[a-z_][^;{}#=]*)\)\n\{\n.*?^\}\n)/unshift @functions, $1; ''/gmse;
    return ($text . join('', @functions), scalar @functions);
}

all_apply("$root/kernel", 'as it is');
my $copy = "$folder/kernel";
run_command([ 'cp', '-r', "$root/kernel", $copy ]);
my $moved;
File::Find::find({ no_chdir => 1, wanted => sub { $moved = $_ if m{/rendezvous\.c\z} } }, $copy);
File::Find::find(
    { no_chdir => 1, wanted => sub { write_file($_, without_comments(contents($_))) if /\.[ch]\z/ } }, $copy);
unlike(join('', map { $_->{text} } values %{ read_sources($copy) }), qr{/\*}, 'a copy without comments');
my ($text, $functions) = reversed(contents($moved));
cmp_ok($functions, '>=', 10, 'functions of rendezvous.c in reverse order');
mkdir "$copy/room" or die "$copy/room: $!";
write_file("$copy/room/meeting.c", $text);
unlink $moved or die "$moved: $!";
all_apply($copy, 'without comments, in another order, and in another file');

# --- each is caught ---

my $run = run_command([ $mutate, '--quick' ]);
for my $entry (@entries) {
    my $name = $entry->{name};
    my ($line) = grep { /^\Q$name\E\s/ } @{ $run->{lines} };
    like($line // 'no line', qr/^\S+ \s+ (?:\S+\ )*\S+ \s+ \S+ \s+ [a-z0-9-]+ \s+ \d+ \z/x, "$name is caught");
}
has_fields($run, 'mutations', { applied => scalar(@entries), caught => scalar(@entries), status => 'ok' },
    'the line for programs');
is($run->{exit}, 0, 'exit status 0') || show_run($run);

# --- an entry that is not caught is detected ---

sub is_refused {
    my ($name, $edit, $pattern) = @_;
    my $path = write_file("$folder/$name.txt", "$name\nIt is $name.\nClause: K1\nScenario: values\n$edit\n");
    my $run  = run_command([ $mutate, '--quick', $path ]);
    like($run->{output}, $pattern, "$name: reported") || show_run($run);
    has_fields($run, 'mutations', { applied => 1, caught => 0, status => 'failed' }, "$name: counted");
    is($run->{exit}, 1, "$name: exit status 1");
    return;
}

is_refused('outdated', 'in tlb_flush: no such tokens => other', qr/NOT CAUGHT: does not apply: .* stands 0 times/);
is_refused('broken', 'in tlb_flush: struct range range => no such type', qr/NOT CAUGHT: does not compile/);
is_refused('harmless', 'in tlb_flush: struct range range => struct range /* here */ range',
    qr/NOT CAUGHT: every schedule went well/);
is_refused('misnamed', 'in round_runs: return => return 0 &&', qr/NOT CAUGHT: clause=K4 /);

# An edit of a header reaches everything that includes it.
my $in_header = write_file("$folder/header.txt",
    "header\nNo routine runs.\nClause: K1 K4\nScenario: values\nin round_runs: return => return 0 &&\n");
$run = run_command([ $mutate, '--quick', $in_header ]);
has_fields($run, 'mutations', { applied => 1, caught => 1, status => 'ok' }, 'an edit in a header is caught')
    || show_run($run);

# Without --quick, the other scenarios follow the named one.
my $elsewhere = write_file("$folder/elsewhere.txt",
    "elsewhere\nIt shows in masked-2.\nClause: K8\nScenario: calls-2\nin rendezvous_poll: arch_serialize(); =>\n");
like(run_command([ $mutate, '--quick', $elsewhere ])->{output}, qr/NOT CAUGHT: every schedule went well/,
    'a scenario that does not show it');
$run = run_command([ $mutate, $elsewhere ]);
like($run->{output}, qr/^elsewhere +K8 +K8 +masked-2 /m, 'another one does') || show_run($run);

$run = run_command([ $mutate, 'no-such-name' ]);
is($run->{exit}, 2, 'a name that no entry has: exit status 2');

done_testing();

# SPDX-License-Identifier: MIT
# README.md and docs/: what a page names is there (pages, headings, files, targets, functions), its tables are those of
# the sources, the driver that one shows runs, and no line is too wide.

use strict;
use warnings;

use File::Basename qw(basename);
use File::Find     ();
use File::Temp     ();
use FindBin        ();
use lib "$FindBin::Bin/lib";
use List::Util qw(uniq);
use Muster;
use Test::More;

my $root  = root();
my @pages = ('README.md', map { s{^\Q$root\E/}{}r } sort glob "$root/docs/*.md");
my %text  = map { $_ => contents("$root/$_") } @pages;

# Every file of the tree, without what is built.
my @files;
File::Find::find({
    no_chdir   => 1,
    preprocess => sub { grep { $_ ne '.git' && $_ ne 'build' } @_ },
    wanted     => sub { push @files, s{^\Q$root\E/}{}r if -f },
}, $root);
my %is_name = map { basename($_) => 1 } @files;
my $sources = join '', map { contents("$root/$_") } grep { /\.(?:[chS]|sh|p[lm])\z|^tools\/run\z/ } @files;

# One test: nothing of this kind is wrong in the page.
sub none_of {
    my ($what, $page, @wrong) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return is(join("\n", @wrong), '', "$page: $what");
}

# ---- what a page consists of ----

# Without blocks of code: those that are fenced, and those that are indented after an empty line.
sub prose_of {
    my ($page) = @_;
    my $prose = $text{$page} =~ s/^```.*?^```$//msgr;
    return $prose =~ s/\n\n(?:    [^\n]*\n+)+/\n\n/gr;
}

sub code_of {
    my ($page) = @_;
    return ($text{$page} =~ /^    (\S.*)$/mg, map { split /\n/ } $text{$page} =~ /^```sh\n(.*?)^```$/msg);
}

# What stands in backticks.
sub quoted_in {
    my ($page) = @_;
    return map { s/\s+/ /gr } prose_of($page) =~ /`([^`]+)`/g;
}

# The anchors that a page's headings get.
sub anchors_of {
    my ($page) = @_;
    my (%count, %anchor);
    for my $heading ($text{$page} =~ s/^```.*?^```$//msgr =~ /^#+ +(.+?) *$/mg) {
        my $anchor = lc($heading) =~ s/\[([^\]]*)\]\([^)]*\)/$1/gr =~ s/[^\w\- ]//gr =~ tr/ /-/r;
        $anchor{ $count{$anchor} ? "$anchor-$count{$anchor}" : $anchor } = 1;
        $count{$anchor}++;
    }
    return \%anchor;
}

# ---- form ----

# A row of a table cannot be folded. In these pages rows may be wider; nothing else may.
my %has_wide_rows = map { ("docs/$_.md" => 1) } qw(apic hardware porting);

for my $page (@pages) {
    my @lines = split /\n/, $text{$page};
    none_of('no line has more than 120 columns', $page,
        map { "line $_: " . length $lines[ $_ - 1 ] }
            grep { length $lines[ $_ - 1 ] > 120 && !($has_wide_rows{$page} && $lines[ $_ - 1 ] =~ /^\|/) } 1 .. @lines);
    like($text{$page}, qr/\A# [^\n]+\n\n[A-Z`*][^\n]/, "$page: a title, and what the page is for");
    none_of('is linked from README.md', $page, grep { $_ ne 'README.md' && $text{'README.md'} !~ /\]\(\Q$_\E\)/ } $page);
}

# ---- links ----

sub faults_of_link {
    my ($page, $link) = @_;
    my ($path, $anchor) = $link =~ /\A([^#]*)(?:#(.*))?\z/;
    my $folder = $page =~ m{(.*/)} ? $1 : '';
    my $target = $path eq '' ? $page : $folder . $path;
    $target = $target =~ s{^docs/\.\./}{}r;
    return "there is no $target" if !-f "$root/$target";
    return !defined $anchor || anchors_of($target)->{$anchor} ? () : "$target has no heading #$anchor";
}

for my $page (@pages) {
    my @links = grep { !/^https?:/ } prose_of($page) =~ /\]\(([^)\s]+)\)/g;
    none_of('its links lead somewhere', $page, map { faults_of_link($page, $_) } @links);
}

# ---- files, targets, functions ----

# Made by a build or by the reader.
my %elsewhere = map { $_ => 1 } qw(muster.elf file.c driver.c DRIVER.c NAME.c NAME.t NAME_test.c);
my $makefile = contents("$root/Makefile");

sub is_there {
    my ($path) = @_;
    return $is_name{$path} || $elsewhere{$path} if $path !~ m{/};
    return 1 if $path =~ m{^(?:build|path|/)} || $elsewhere{ basename($path) };
    return grep { -e } map { glob "$root/$_$path" } '', 'tests/', 'kernel/', 'include/', 'arch/x86_64/include/';
}

for my $page (@pages) {
    my @quoted = quoted_in($page);
    my @paths = grep { m{\A[\w.*-]+(?:/[\w.*-]+)*/?\z} && m{/|\.(?:[chSt]|p[lm]|pml|sh|md|conf|txt|cfg|svg|elf)\z} } @quoted;
    push @paths, map { m{(?:^|\s)((?:tools|tests|docs)/[\w./-]+)}g } @quoted, code_of($page);
    none_of('the files that it names are there', $page, grep { !is_there($_) } uniq(@paths));
    none_of('the targets of make that it names are there', $page,
        map { "make $_" } grep { $makefile !~ /^$_:/m }
            map { /\A(?:sudo )?make (?:[A-Z]\w*=\S* )*([a-z][\w-]*)/ } @quoted, code_of($page));
    none_of('the functions that it names are there', $page,
        grep { $sources !~ /\b\Q$_\E\(|^sub \Q$_\E\b/m } map { /\A(\w+)\(\)\z/ } @quoted);
}

# ---- tables that are those of the sources ----

# The names in the first column of a page's tables: `NAME=...`, or several of them.
sub rows_of {
    my ($page, $heading) = @_;
    my ($section) = $text{$page} =~ /^## \Q$heading\E\n(.*?)(?:^## |\z)/ms or return;
    return map { /`(\w+)=?[^`]*`/g } map { /^\| (`[^|]*`) \|/ } split /\n/, $section;
}

my @options = map { contents("$root/$_") =~ /\.name = "(\w+)"/g }
    qw(kernel/console/cmdline.c arch/x86_64/options.c kernel/inject/arm.c tests/kernel/torture.c);
cmp_ok(scalar @options, '>', 10, 'the kernel has options');
is_deeply([ sort(rows_of('docs/options.md', "The kernel's command line")) ], [ sort @options ],
    'docs/options.md: each option of the kernel has a row, and there is no other');

my ($settings) = contents("$root/tools/lib/settings.sh") =~ /^declare -A default=\((.*?)\n\)/ms;
my %hidden = map { $_ => 1 } qw(IMAGE KVM); # for tests of the launcher
is_deeply([ sort(rows_of('docs/options.md', 'Settings of a run')) ],
    [ sort grep { !$hidden{$_} } $settings =~ /\[(\w+)\]=/g ],
    'docs/options.md: each setting of the launcher has a row, and there is no other');

my $console = $text{'docs/console.md'};
for my $word (grep { !/ / } $console =~ /^## ([a-z]+)$/mg) {
    like($sources, qr/"$word \w+=/, "docs/console.md: the kernel prints lines that begin with $word");
}
my ($watchdog) = $console =~ /^## watchdog\n(.*?)^## /ms;
my @described = $watchdog =~ /^\| `([a-z-]+)` \|/mg;
my @verdicts  = contents("$root/kernel/silence/verdict.c") =~ /\[VERDICT_\w+\] = \{ "([a-z-]+)"/g;
is_deeply([ sort @described ], [ sort @verdicts ],
    'docs/console.md: the verdicts on a processor are those that there are');

my $rules = contents("$root/kernel/inject/rule.c");
for my $name ($rules =~ /\[(?:INJECT|HOOK|ARCH_FAULT)_\w+\] = (?:\{ )?"([a-z]+)"/g) {
    like($text{'docs/faults.md'}, qr/[`:]$name\b/, "docs/faults.md: $name has its row");
}

# ---- what a page shows works ----

my $explored = contents("$root/tests/explore.t");
none_of('tests/explore.t replays its seeds', $_, grep { $explored !~ /'\Q$_\E'/ } $text{$_} =~ /SEED=(\w[^\s`]*\/\S+)/g)
    for @pages;

my ($driver) = $text{'docs/drivers.md'} =~ /^```c\n(.*?)^```$/ms;
my $folder = File::Temp->newdir;
open my $file, '>', "$folder/driver.c" or die "driver.c: $!";
print {$file} $driver;
close $file;
my $run = launch("DRIVER=$folder/driver.c", 'CPUS=3', 'TIMEOUT=60');
like($run->{output}, qr/^3 processors ran the worker$/m, 'docs/drivers.md: the driver that it shows runs');
is($run->{errors}, '', 'and compiles without a word') || show_run($run);
verdict_is($run, 'ok', 0, 'and ends well');

done_testing();

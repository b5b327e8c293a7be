# SPDX-License-Identifier: MIT
# docs/porting.md holds what it says: the files that it lists, and no others, build by the commands
# that it gives and print what it shows; what it quotes stands in those files; its table of the
# machine's functions is complete.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Copy     qw(copy);
use File::Path     qw(make_path);
use File::Temp     ();
use FindBin        ();
use lib "$FindBin::Bin/lib";
use Muster;
use Sanitizers;
use Test::More;

my $page = contents(root() . '/docs/porting.md');

# The texts of the page's fenced blocks of one kind.
sub blocks {
    my ($kind) = @_;
    return $page =~ /^```$kind\n(.*?)^```$/msg;
}

# --- the files alone, in an empty folder ---

my ($list, @more) = blocks('files');
is(scalar(@more), 0, 'there is one list of files');
my @files = grep { !/^#/ } split /\n/, $list;
my $folder = File::Temp->newdir;
for my $file (@files) {
    make_path("$folder/" . dirname($file));
    ok(copy(root() . "/$file", "$folder/$file"), "$file is there");
}

# --- the commands ---

my $build = run_command([qw(make -s print-build)])->{lines}[0];

# The words before a block's shell; undef where its programs cannot start.
sub prefix_for {
    my ($block) = @_;
    return [] if $block !~ /fsanitize=thread/;
    return thread_sanitizer_prefix("$build/threads/tsan/silent");
}

sub block_holds {
    my ($block, $prefix) = @_;
    my @lines    = split /^/, $block;
    my $commands = join '', map { /^\$ (.*)/s ? $1 : () } @lines;
    my $shown    = join '', grep { !/^\$ / } @lines;
    my $run = sanitized(@$prefix, 'sh', '-c', "cd '$folder'\n$commands");
    my ($first) = split /\n/, $commands;
    return is($run->{output}, $shown, 'what is shown is printed: ' . substr($first, 0, 40) . '...')
        || show_run($run);
}

my @consoles = blocks('console');
isnt(scalar(@consoles), 0, 'there are commands');
for my $block (@consoles) {
SKIP: {
        my $prefix = prefix_for($block);
        if (!$prefix) {
            diag('SKIPPED: ThreadSanitizer does not start here (sysctl vm.mmap_rnd_bits=28 helps)');
            skip 'ThreadSanitizer does not start here', 1;
        }
        block_holds($block, $prefix);
    }
}

# --- the quotations, and the table ---

my $sources = join "\n", map { contents("$folder/$_") } @files;
for my $quotation (blocks('c')) {
    my ($first) = $quotation =~ /^\s*(.{1,40})/;
    ok(index($sources, $quotation) >= 0, "quoted as it is: $first...");
}

my $core = join "\n", map { contents("$folder/$_") } grep { m{^kernel/} && !/arch\.h/ } @files;
$core =~ s{/\*.*?\*/}{}gs;
my %asked = map { $_ => 1 } $core =~ /\b(arch_\w+)\(/g;
my ($table) = $page =~ /^(\| function .*?)\n\n/ms;
$table =~ s/`\.\.\._(\w+)`/`arch_interrupts_$1`/g;
my @cells = $table =~ /^\|([^|]*)/mg; # the first of each row
my %given = map { $_ => 1 } map { /`(arch_\w+)`/g } @cells;
is_deeply([ sort keys %given ], [ sort keys %asked ], 'the table has what the core asks for');

# Of upcall.h, what the files of the core call, and what the second table says of it.
my $upcalls = contents("$folder/kernel/upcall.h") =~ s{/\*.*?\*/}{}gsr;
my $calls   = join "\n", map { contents("$folder/$_") =~ s{/\*.*?\*/}{}gsr } grep { m{^kernel/rendezvous/} } @files;
my @wanted  = grep { $calls =~ /\b$_\(/ } $upcalls =~ /\b(\w+)\([^;]*\)[^;()]*;/g;
my ($kernel) = $page =~ /^(\| name .*?)\n\n/ms;
my @told = grep { !/^(processors_add|patience_set_ms|wait_set_policy)$/ } # those are the kernel's to call
    map { /`(\w+)\(/g } $kernel =~ /^\|([^|]*)/mg;
is_deeply([ sort @told ], [ sort @wanted ], 'and the other what it asks of the kernel');

done_testing();

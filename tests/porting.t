# SPDX-License-Identifier: MIT
# docs/porting.md holds what it says: the files that it lists, and no others, build by the commands
# that it gives and print what it shows; what it quotes stands in those files; its lists of what the
# core needs are those of the sources, and of the objects that clang makes for three machines.

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

# --- the quotations, and the lists against the sources ---

my $sources = join "\n", map { contents("$folder/$_") } @files;
for my $quotation (blocks('c')) {
    my ($first) = $quotation =~ /^\s*(.{1,40})/;
    ok(index($sources, $quotation) >= 0, "quoted as it is: $first...");
}

# The names in the heads of a section's list: each entry begins with them, up to a colon.
sub listed {
    my ($heading) = @_;
    my ($section) = $page =~ /^## \Q$heading\E[^\n]*\n(.*?)(?=^## |\z)/ms;
    my @heads = map { s/\s+/ /gr } $section =~ /^- (`.*?`): /msg;
    return map { /`(\w+\*?)/g } @heads;
}

my %machine  = map { $_ => 1 } listed('What the machine supplies');
my %kernel   = map { $_ => 1 } listed('What the kernel supplies');
my %core     = map { $_ => 1 } listed('What the core supplies');
my %compiler = map { $_ => 1 } listed('What the compiler may ask for');

my @core_files   = grep { m{^kernel/rendezvous/} } @files;
my @core_sources = grep { /[.]c$/ } @core_files;
my @in_folder    = map { s{^\Q@{[ root() ]}\E/}{}r } glob root() . '/kernel/rendezvous/*.[ch]';
is_deeply([ sort @core_files ], [ sort @in_folder ], 'the list of files has all of kernel/rendezvous/');
my ($built) = contents(root() . '/Makefile') =~ /^CORE_SOURCES := (.*?[^\\])$/ms;
my @built = map { m{([\w]+[.]c)} ? $1 : () } split /[\s,]+/, $built;
my %named = map { m{(\w+[.]c)$} ? ($1 => 1) : () } @files;
is_deeply([ grep { !$named{$_} } @built ], [], 'and all that the Makefile calls the core');

my $code = join "\n",
    map { contents("$folder/$_") =~ s{/\*.*?\*/}{}gsr } grep { m{^kernel/} && !m{/(?:arch|upcall)[.]h$} } @files;
my %asked = map { $_ => 1 } $code =~ /\b(arch_\w+)\(/g;
is_deeply([ sort keys %machine ], [ sort keys %asked ], 'the machine is asked for what its list has');

my $upcalls = contents("$folder/kernel/upcall.h") =~ s{/\*.*?\*/}{}gsr;
my @wanted  = grep { $code =~ /\b$_\(/ } $upcalls =~ /\b(\w+)\([^;]*\)[^;()]*;/g;
is_deeply([ sort keys %kernel ], [ sort @wanted ], 'and the kernel for what its list has');

my ($version) = contents(root() . '/Makefile') =~ /^VERSION := (\S+)$/m;
my $header = contents("$folder/include/muster.h");
is(join('.', map { $header =~ /#define MUSTER_VERSION_$_ (\d+)/ } qw(MAJOR MINOR PATCH)),
    $version, 'the version of the header is that of the build');

# --- the objects: freestanding, for three machines, and nothing beyond the lists ---

# Compiles the sources for a target, freestanding, and links them into one object; its path.
sub compiled {
    my ($target, $name, @from) = @_;
    my @objects;
    my $out = File::Temp->newdir("$folder/$target-XXXX", CLEANUP => 0);
    for my $source (@from) {
        push @objects, "$out/" . ($source =~ s{/}{_}gr) . '.o';
        my $run = run_command([ 'clang', "--target=$target", qw(-std=gnu11 -O2 -ffreestanding -Wall -Wextra -Werror),
            "-I$folder", "-I$folder/tests/porting", '-c', '-o', $objects[-1], "$folder/$source" ]);
        ok($run->{exit} == 0, "$target: $source compiles") || show_run($run);
    }
    my $run = run_command([ 'ld.lld', '-r', '-o', "$out/$name.o", @objects ]);
    is($run->{exit}, 0, "$target: $name is one object") || show_run($run);
    return "$out/$name.o";
}

# The names of an object that nm lists with this option.
sub symbols {
    my ($object, $option) = @_;
    my $run = run_command([ 'llvm-nm', '-P', '-g', $option, $object ]);
    is($run->{exit}, 0, "nm $option reads it") || show_run($run);
    return map { /^(\S+)/ ? $1 : () } @{ $run->{lines} };
}

# Those of the names that no list has; a name that ends in * stands for all that begin so.
sub strangers {
    my ($names, @lists) = @_;
    my @patterns = map { my $name = quotemeta; $name =~ s/\\\*$/\\w*/; qr/\A$name\z/ } map { keys %$_ } @lists;
    return [ grep { my $name = $_; !grep { $name =~ $_ } @patterns } @$names ];
}

sub links {
    my ($target, $core) = @_;
    my $rest = compiled($target, 'skeleton', grep { m{^tests/porting/.*[.]c$} } @files);
    my @absent = map { "--defsym=$_=0" } grep { !/\*/ } keys %compiler;
    my $run = run_command([ qw(ld.lld -e main -o), "$rest.elf", @absent, $core, $rest ]);
    return is($run->{exit}, 0, "$target: core and skeleton link, and need nothing else") || show_run($run);
}

# The stand-in's own words, which its inline functions use.
my %stand_in = map { $_ => 1 }
    contents("$folder/tests/porting/arch/inline.h") =~ /^(?:extern struct skeleton|void) (\w+)/mg;

sub needs_only_the_lists {
    my ($target) = @_;
    my @more = qw(kernel/processor_set.c kernel/processors/tlb.c kernel/processors/membership.c);
    my $core = compiled($target, 'core', @core_sources, @more);
    my @needed = symbols($core, '-u');
    my @lists = (\%machine, \%kernel, \%compiler, \%stand_in);
    is_deeply(strangers(\@needed, @lists), [], "$target: each symbol that the core needs stands in a list");
    my %without = map { $_ => 1 } grep { $_ ne 'log_line' } keys %kernel;
    is_deeply(strangers(\@needed, \%machine, \%without, \%compiler, \%stand_in),
        ['log_line'], 'and one that is left out of its list is seen');
    my %needed = map { $_ => 1 } @needed;
    is_deeply([ grep { !$needed{$_} } sort keys %kernel ], [], 'the core needs each of the kernel\'s');
    my @inline = map { /\b(arch_\w+)\(/g } contents("$folder/tests/porting/arch/inline.h");
    my %inline = map { $_ => 1 } @inline;
    is_deeply([ grep { !$needed{$_} && !$inline{$_} } sort keys %machine ], [], 'and each of the machine\'s');
    my %defined = map { $_ => 1 } symbols($core, '--defined-only');
    is_deeply([ grep { !$defined{$_} } sort keys %core ], [], 'and has what it supplies');
    links($target, $core);
    return;
}

my @tools = grep { run_command([ 'sh', '-c', "command -v $_" ])->{exit} != 0 } qw(clang ld.lld llvm-nm);
for my $target (qw(x86_64-none-elf aarch64-none-elf riscv64-none-elf)) {
SKIP: {
        if (@tools) {
            diag("SKIPPED: no freestanding build for $target: @tools not found (tools/setup.sh installs them)");
            skip "@tools not found", 1;
        }
        subtest $target => sub { needs_only_the_lists($target) };
    }
}

done_testing();

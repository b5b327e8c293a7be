# SPDX-License-Identifier: MIT
# Built by clang, lld and the LLVM tools (LLVM=1), the kernel and the drivers behave as when built by gcc:
# the kernel's own tests, and the drivers whose behaviour depends on the compiler.

use strict;
use warnings;

use File::Temp ();
use FindBin    ();
use lib "$FindBin::Bin/lib";
use Muster;
use Test::More;

plan skip_all => "the whole of this run is built with LLVM=$ENV{LLVM}" if $ENV{LLVM};
for my $tool (qw(clang ld.lld llvm-nm llvm-objcopy llvm-objdump llvm-readelf llvm-size)) {
    next if grep { -x "$_/$tool" } split /:/, $ENV{PATH};
    diag("SKIPPED: nothing is built with LLVM=1, there is no $tool (packages clang, lld and llvm)");
    plan skip_all => "there is no $tool";
}

my %llvm = (environment => { LLVM => 1 });

sub launch_llvm {
    return run_command([ root() . '/tools/run', 'TIMEOUT=60', @_ ], %llvm);
}

sub run_driver {
    my ($name) = @_;
    return launch_llvm("DRIVER=tests/drivers/$name.c");
}

# --- which tools, and where the objects go ---

my $run = launch_llvm('CPUS=4');
verdict_is($run, 'ok', 0, 'the sample driver ends well');
has_fields($run, 'call', { processors => 4, ran => 4, irql => 14, status => 'ok' },
    'and its worker ran on all processors');

my $image = run_command([qw(make -s print-image)], %llvm)->{lines}[0];
like($image, qr{/build/llvm/}, 'objects of clang have a folder of their own');
open my $file, '<:raw', $image or die "$image: $!";
my $content = do { local $/ = undef; <$file> };
close $file;
like($content, qr/clang version/, 'the image was compiled by clang');
unlike($content, qr/GNU (?:C|AS) ?[0-9]/, 'and no part of it by gcc or the assembler of binutils');

# A suffix and a folder, as in Linux' kbuild
for my $case (
    [ '1'         => 'build/llvm',            'clang' ],
    [ '-11'       => 'build/llvm-11',         'clang-11' ],
    [ '/opt/bin/' => 'build/llvm_opt_bin_',   '/opt/bin/clang' ],
    )
{
    my ($value, $build, $compiler) = @$case;
    my $named = run_command([ qw(make -s print-build), "LLVM=$value" ]);
    is($named->{output}, root() . "/$build\n", "LLVM=$value builds in $build") || show_run($named);
    my $commands = run_command([ qw(make -n -B host-tests), "LLVM=$value" ]);
    like($commands->{output}, qr/^\Q$compiler\E .*-fsanitize/m, "LLVM=$value means $compiler")
        || show_run($commands);
}
my $refused = run_command([qw(make -s print-build LLVM=yes)]);
isnt($refused->{exit}, 0, 'another value is refused');
like($refused->{errors}, qr/\A[^\n]*LLVM=yes: give 1, [^\n]*\n\z/, 'in one line that says what to give')
    || show_run($refused);
refused(run_command([ root() . '/tools/run' ], environment => { LLVM => 'yes' }),
    qr/LLVM=yes: give 1, /, 'and by the launcher');

# --- the kernel's own tests ---

for my $cpus (1, 2, 4) {
    $run = launch_llvm('TEST=suite', "CPUS=$cpus");
    has_fields($run, 'smp', { processors => $cpus, online => $cpus }, "CPUS=$cpus: all are online");
    report_tap(read_tap(@{ $run->{lines} }), "CPUS=$cpus");
    verdict_is($run, 'ok', 0, "CPUS=$cpus: verdict ok");
}

# --- drivers: calling convention, variable arguments, vector registers, wide characters ---

for my $name (qw(routines intrinsics inexact_types sse stack_argument)) {
    verdict_is(run_driver($name), 'ok', 0, "$name ends well");
}
for my $name (qw(dialect long_has_32_bits own_integer_types)) {
    $run = run_driver($name);
    verdict_is($run, 'ok', 0, "$name ends well");
    is($run->{errors}, '', "$name: without a warning");
}

$run = run_driver('formats');
my @formats = map { /got=\[(.*)\] want=\[(.*)\]/ ? [ $1, $2 ] : () } @{ $run->{lines} };
isnt(@formats, 0, 'formats: there are results') || show_run($run);
is($_->[0], $_->[1], "formats: [$_->[1]]") for @formats;
verdict_is($run, 'ok', 0, 'formats ends well');
is($run->{errors}, '', 'formats: without a warning');

$run = run_driver('wrong_formats');
my $mistakes = grep { m{^    /\* .* \*/$} } split /\n/, contents(root() . '/tests/drivers/wrong_formats.c');
is(scalar(grep { m{/wrong_formats\.c:\d+: warning: } } split /\n/, $run->{errors}), $mistakes,
    'wrong_formats: each mistake is reported') || show_run($run);

# --- drivers: frames larger than the stack, sections of their own, names of the kernel ---

$run = run_driver('big_frame');
has_fields($run, 'bugcheck', { code => '0x7f', p1 => '0x8', processor => 0 },
    'big_frame meets the guard page');
verdict_is($run, 'bugcheck', 2, 'big_frame: verdict bugcheck');

$run = run_driver('own_section');
has_fields($run, 'bugcheck', { code => '0xd1', p1 => '0x700000001000' },
    'own_section: a fault in the driver');
like($run->{output}, qr/^stopped by processor \d+(?:, in the worker \w+,)? at TouchNowhere\+/m, 'own_section: by name')
    || show_run($run);

$run = run_driver('kernel_symbol');
like($run->{errors}, qr/^run: kernel_symbol\.c declares but does not define: processor_count$/m,
    "kernel_symbol: a driver cannot use the kernel's own names") || show_run($run);

my $elsewhere = File::Temp->newdir;
open my $source, '>', "$elsewhere/tries.c" or die "tries.c: $!";
print {$source} <<'END';
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    __try {
        DbgPrint("%wZ\n", RegistryPath);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
    }
    return STATUS_SUCCESS;
}
END
close $source;
$run = launch_llvm("DRIVER=$elsewhere/tries.c");
verdict_is($run, 'failed', 1, 'a driver that uses __try is a failed run, although clang has the keyword');
like($run->{errors}, qr/error: .*Muster has no structured exception handling/, 'and the message gives the reason')
    || show_run($run);

done_testing();

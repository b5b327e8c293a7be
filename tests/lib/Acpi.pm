# SPDX-License-Identifier: MIT
# Builds ACPI tables, and the fw_cfg files with which QEMU's SeaBIOS installs them instead of the
# machine's own (QEMU's docs/specs and the header of its hw/acpi/bios-linker-loader.c describe the
# format).
package Acpi;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(
    lapic x2apic io_apic lapic_nmi x2apic_nmi lapic_address entry madt fadt hpet dmar table
    checksummed install
);

# --- the entries of a MADT ---

# One entry: its type and the bytes after the length.
sub entry {
    my ($type, $body, $length) = @_;
    return pack('CC', $type, $length // 2 + length $body) . $body;
}

# Processors: the firmware's number, the APIC id, the flags (1: enabled).
sub lapic {
    my ($uid, $apic_id, $flags) = @_;
    return entry(0, pack('CCL<', $uid, $apic_id, $flags // 1));
}

sub x2apic {
    my ($uid, $apic_id, $flags) = @_;
    return entry(9, pack('x2L<L<L<', $apic_id, $flags // 1, $uid));
}

sub io_apic {
    my ($phys) = @_;
    return entry(1, pack('CxL<L<', 0, $phys // 0xFEC00000, 0));
}

# NMI: the processor's number (0xFF or 0xFFFFFFFF: all) and the input.
sub lapic_nmi {
    my ($uid, $lint) = @_;
    return entry(4, pack('CS<C', $uid, 0, $lint));
}

sub x2apic_nmi {
    my ($uid, $lint) = @_;
    return entry(0xA, pack('S<L<Cx3', 0, $uid, $lint));
}

sub lapic_address {
    my ($phys) = @_;
    return entry(5, pack('x2Q<', $phys));
}

# --- tables: hashes of a signature, bytes, and the kind of checksum ---

sub table {
    my ($signature, $body, %option) = @_;
    my $size = 36 + length $body;
    return {
        %option,
        signature => $signature,
        bytes => pack('a4L<CCa6a8L<a4L<', $signature, $size, 1, 0, 'MUSTER', 'TEST', 1, 'TEST', 1)
            . $body,
    };
}

sub madt {
    my @entries = @_;
    return table('APIC', pack('L<L<', 0xFEE00000, 1) . join('', @entries));
}

# The power management timer at a port, with 24 bits; flags => N changes that.
sub fadt {
    my ($port, %option) = @_;
    my $body = "\0" x 208;
    substr($body, 76 - 36,  4) = pack 'L<', $port;
    substr($body, 112 - 36, 4) = pack 'L<', $option{flags} // 0;
    return table('FACP', $body);
}

sub hpet {
    my ($phys) = @_;
    return table('HPET', pack('L<CCCCQ<CS<C', 0x8086A201, 0, 64, 0, 0, $phys, 0, 0, 0));
}

sub dmar {
    my ($flags) = @_;
    return table('DMAR', pack('CCx10', 38, $flags));
}

# The bytes of a table with a correct checksum, where no firmware sets it.
sub checksummed {
    my ($table) = @_;
    my $bytes = $table->{bytes};
    substr($bytes, 9, 1) = pack 'C', -unpack('%8C*', $bytes) & 0xFF;
    return $bytes;
}

# --- installing ---

# The commands that the firmware executes, 128 bytes each.
sub loader_allocate {
    my ($file, $zone) = @_;
    return pack 'L<a56L<Cx63', 1, $file, 16, $zone;
}

sub loader_point {
    my ($file, $offset, $size) = @_;
    return pack 'L<a56a56L<Cx7', 2, $file, 'etc/acpi/tables', $offset, $size;
}

sub loader_checksum {
    my ($file, $at, $begin, $size) = @_;
    return pack 'L<a56L<L<L<x56', 3, $file, $at, $begin, $size;
}

# The words for QEMU that replace the machine's tables. `tables` is the list of tables; `extra` lists more addresses
# that the root tables name (the RSDT only those of 32 bits). `revision` of the RSDP: 0 has an RSDT, 2 also an XSDT.
# `bad` is a list of tables with a wrong checksum: RSDT, XSDT or a table's signature. (A BIOS skips a bad RSDP.)
# `lacks` is a list of root tables to leave out.
sub install {
    my ($directory, %option) = @_;
    my %bad   = map { $_ => 1 } @{ $option{bad}   // [] };
    my %lacks = map { $_ => 1 } @{ $option{lacks} // [] };
    my @extra = @{ $option{extra} // [] };
    my ($bytes, $loader) = ('', loader_allocate('etc/acpi/tables', 1));
    $loader .= loader_allocate('etc/acpi/rsdp', 2);
    # A byte with the value 1 follows each table: a checksum that includes it is wrong.
    my $add = sub {
        my ($table, @pointers) = @_;
        my $at = length $bytes;
        $bytes .= "$table->{bytes}\1";
        $loader .= loader_point('etc/acpi/tables', $at + $_->[0], $_->[1]) for @pointers;
        my $size = length($table->{bytes}) + ($bad{ $table->{signature} } ? 1 : 0);
        $loader .= loader_checksum('etc/acpi/tables', $at + 9, $at, $size);
        return $at;
    };
    my @at   = map { $add->($_) } @{ $option{tables} };
    my $root = sub {
        my ($signature, $size) = @_;
        my $code  = $size == 8 ? 'Q<*' : 'L<*';
        my @named = (@at, grep { $size == 8 || $_ < 1 << 32 } @extra);
        my @pointers = map { [ 36 + $size * $_, $size ] } 0 .. $#at;
        return $add->(table($signature, pack($code, @named)), @pointers);
    };
    my $rsdt = $root->('RSDT', 4);
    my $xsdt = $root->('XSDT', 8);
    my $revision = $option{revision} // 0;
    my $rsdp = pack 'a8Ca6CL<', 'RSD PTR ', 0, 'MUSTER', $revision, $lacks{RSDT} ? 0 : $rsdt;
    $rsdp .= pack 'L<Q<Cx3', 36, $lacks{XSDT} ? 0 : $xsdt, 0 if $revision >= 2;
    $loader .= loader_point('etc/acpi/rsdp', 16, 4) if !$lacks{RSDT};
    $loader .= loader_point('etc/acpi/rsdp', 24, 8) if $revision >= 2 && !$lacks{XSDT};
    $loader .= loader_checksum('etc/acpi/rsdp', 8, 0, 20);
    $loader .= loader_checksum('etc/acpi/rsdp', 32, 0, 36) if $revision >= 2;
    my %files = (tables => $bytes, rsdp => $rsdp, loader => $loader);
    for my $name (keys %files) {
        open my $file, '>:raw', "$directory/$name" or die "$directory/$name: $!";
        print {$file} $files{$name};
        close $file or die "$directory/$name: $!";
    }
    return (
        '-machine', 'acpi=off',
        '-fw_cfg',  "name=etc/acpi/tables,file=$directory/tables",
        '-fw_cfg',  "name=etc/acpi/rsdp,file=$directory/rsdp",
        '-fw_cfg',  "name=etc/table-loader,file=$directory/loader",
    );
}

1;

/* SPDX-License-Identifier: MIT */
/*
 * The PVH note: how QEMU's -kernel, Firecracker and Cloud Hypervisor find the 32-bit entry point.
 *
 * The descriptor is 8 bytes long although the address has 32 bits: QEMU 7.2 reads 8 bytes from a
 * 64-bit ELF, and would take whatever follows as the upper half. The segment's alignment must be 4.
 * Source: Xen "x86/HVM direct boot ABI", ELF note XEN_ELFNOTE_PHYS32_ENTRY.
 */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

    .section .note.pvh, "a", @note
    .balign 4
    .long 4                         /* size of the name */
    .long 8                         /* size of the descriptor */
    .long XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad start32_phys

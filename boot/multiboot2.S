/* SPDX-License-Identifier: MIT */
/*
 * The Multiboot2 header: it identifies this file to GRUB as a kernel, and states what the kernel
 * requests.
 *
 * The header must lie in the first 32 KiB of the file, so the linker script puts it before all
 * code. It states the entry point although the ELF header does so too: the ELF header has a virtual
 * address, this one is the physical address that the loader jumps to. A screen is requested but not
 * required: text is as good as pixels of any size, and a machine without either boots too.
 *
 * There is no Multiboot 1 header: QEMU's -kernel would use it, and then refuse a 64-bit ELF.
 *
 * Source: Multiboot2 Specification 2.0, "The layout of Multiboot2 header".
 */
#define MULTIBOOT2_MAGIC         0xe85250d6
#define MULTIBOOT2_PROTECTED_I386 0
#define HEADER_SIZE              (multiboot2_header_end - multiboot2_header)
#define TAG_END                  0
#define TAG_CONSOLE_FLAGS        4
#define TAG_ENTRY_ADDRESS        3
#define TAG_FRAMEBUFFER          5
#define TAG_OPTIONAL             1
#define CONSOLE_EGA_TEXT         2

    .macro tag type, flags, size
    .balign 8
    .word \type, \flags
    .long \size
    .endm

    .section .multiboot2, "a"
    .balign 8
multiboot2_header:
    .long MULTIBOOT2_MAGIC
    .long MULTIBOOT2_PROTECTED_I386
    .long HEADER_SIZE
    .long -(MULTIBOOT2_MAGIC + MULTIBOOT2_PROTECTED_I386 + HEADER_SIZE) /* the four add up to 0 */
    tag TAG_ENTRY_ADDRESS, 0, 12
    .long start32_phys
    tag TAG_CONSOLE_FLAGS, TAG_OPTIONAL, 12
    .long CONSOLE_EGA_TEXT
    tag TAG_FRAMEBUFFER, TAG_OPTIONAL, 20
    .long 0, 0, 0                   /* width, height, bits per pixel: no preference */
    tag TAG_END, 0, 8
multiboot2_header_end:

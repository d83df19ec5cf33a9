/*
 * The self-test of an accelerator: a guest that enters 64-bit mode and says so, on the first serial port and by ending QEMU through its
 * isa-debug-exit device, whichever there is. Some hosts' KVM runs real mode (slowly) and hangs at just that switch.
 *
 * The assembled 512 bytes are a resource of construir-api (probe-x86_64.bin); a test of construir-qemu assembles this file and compares:
 *
 *   gcc -c -o probe.o probe.S && ld -Ttext 0x7c00 --oformat binary -o probe.bin probe.o
 *
 * The BIOS starts it at 0:0x7c00. The image has to be padded to 1 MiB, because the BIOS boots nothing smaller.
 */
        .set    TABLES, 0x1000          /* three page tables of 4 KiB, cleared first */
        .set    SERIAL_PORT, 0x3f8      /* takes 16 bytes without being asked whether it is ready */
        .set    EXIT_PORT, 0x501
        .set    EXIT_VALUE, 0x2a        /* QEMU's exit status is twice that plus one */

        .code16
        .text
        .globl _start
_start: cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7000, %sp
        cld
        movw    $TABLES, %di
        movw    $(3 * 4096 / 2), %cx
        rep     stosw
        movl    $(TABLES + 0x1000 + 3), TABLES          /* present, writable */
        movl    $(TABLES + 0x2000 + 3), TABLES + 0x1000
        movl    $0x83, TABLES + 0x2000                  /* the first 2 MiB as one page */
        lgdt    gdt_pointer
        movl    %cr4, %eax
        orl     $0x20, %eax                             /* CR4.PAE */
        movl    %eax, %cr4
        movl    $TABLES, %eax
        movl    %eax, %cr3
        movl    $0xc0000080, %ecx                       /* EFER */
        rdmsr
        orl     $0x100, %eax                            /* EFER.LME */
        wrmsr
        movl    %cr0, %eax
        orl     $0x80000001, %eax                       /* CR0.PG, CR0.PE */
        movl    %eax, %cr0
        ljmp    $8, $long_mode

        .code64
long_mode:
        movw    $SERIAL_PORT, %dx
        movb    $'o', %al
        outb    %al, %dx
        movb    $'k', %al
        outb    %al, %dx
        movb    $EXIT_VALUE, %al
        movw    $EXIT_PORT, %dx
        outb    %al, %dx
1:      hlt
        jmp     1b

        .balign 8
gdt:    .quad   0
        .quad   0x00209a0000000000                      /* code, 64 bits */
gdt_pointer:
        .word   gdt_pointer - gdt - 1
        .long   gdt

        .org    510
        .word   0xaa55

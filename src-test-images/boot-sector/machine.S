/*
 * A machine's whole software in one boot sector, for tests of hypervisor backends that need no kernel.
 *
 * It prints "construir: ready\n" on the first serial port (COM1) and then does what one byte of the image says. Tests copy
 * the image (512 bytes of code, padded to 1 MiB because the BIOS boots nothing smaller) and patch that byte:
 *
 *   offset 0x1b0   BEHAVIOUR
 *      0   power off (ACPI S5)
 *      1   reset
 *      2   sleep for ever, using no CPU
 *      3   spin for ever, using all of one CPU
 *      4   print 'x' for ever
 *      5   print 1 MiB of 'x', then power off
 *      6   read the first sector of the second disk by the BIOS, print its first 16 bytes and "\n", power off;
 *          prints "construir: no disk\n" if that fails
 *      7   tell a guest panic through the ISA pvpanic device (-device pvpanic), then sleep
 *      8   write "construir" over the start of the first disk, print "construir: written\n", power off: for tests that
 *          the root's file never changes
 *   offset 0x1b1   how often the ready line is printed, 1..255 (0: not at all)
 *
 * Assembled for the 8086's real mode, in which the BIOS starts us at 0:0x7c00 with the boot drive in dl.
 */
        .code16
        .text
        .globl _start
        .set COM1, 0x3f8

_start: cli
        xor     %ax, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $0x7c00, %sp
        cld
        mov     repeat, %cl
        xor     %ch, %ch
        jcxz    act
greet:  mov     $ready, %si
        call    print
        loop    greet

act:    mov     behaviour, %al
        cmp     $1, %al
        je      reset
        cmp     $2, %al
        je      sleep
        cmp     $3, %al
        je      spin
        cmp     $4, %al
        je      flood
        cmp     $5, %al
        je      megabyte
        cmp     $6, %al
        je      read
        cmp     $7, %al
        je      panic
        cmp     $8, %al
        je      write

/* S5 is sleep type 0 in QEMU's tables, SLP_EN is bit 13. The port is 0x604 where SeaBIOS puts it; 0xb004 is the old one. */
off:    mov     $0x2000, %ax
        mov     $0x604, %dx
        out     %ax, %dx
        mov     $0xb004, %dx
        out     %ax, %dx
sleep:  hlt                     /* interrupts are off: nothing wakes it */
        jmp     sleep

reset:  mov     $0xcf9, %dx
        mov     $0x06, %al
        out     %al, %dx
        mov     $0xfe, %al      /* machines without that port have the keyboard controller */
        out     %al, $0x64
        jmp     sleep

spin:   jmp     spin

flood:  mov     $'x', %al
        call    put
        jmp     flood

megabyte:
        mov     $16, %bx
1:      xor     %cx, %cx        /* loop counts 65536 from 0 */
2:      mov     $'x', %al
        call    put
        loop    2b
        dec     %bx
        jnz     1b
        jmp     off

read:   mov     $0x81, %dl
        mov     $0x0201, %ax
        call    disk
        mov     $no_disk, %si
        jc      say
        mov     $buffer, %si
        mov     $16, %cx
1:      lodsb
        call    put
        loop    1b
        mov     $newline, %si
say:    call    print
        jmp     off

write:  mov     $no_disk, %si   /* the marker: 9 bytes of a message will do */
        mov     $buffer, %di
        mov     $9, %cx
        rep movsb
        mov     $0x80, %dl
        mov     $0x0301, %ax
        call    disk
        mov     $written, %si
        jnc     say
        mov     $no_disk, %si
        jmp     say

panic:  mov     $0x505, %dx
        mov     $1, %al
        out     %al, %dx
        jmp     sleep

/* BIOS disk service ax on one sector at the start of drive dl, with the buffer. Carry: failed. */
disk:   mov     $buffer, %bx
        mov     $0x0001, %cx
        xor     %dh, %dh
        sti
        int     $0x13
        cli
        ret

/* Prints the text at si up to its zero byte. */
print:  lodsb
        test    %al, %al
        jz      1f
        call    put
        jmp     print
1:      ret

/* Prints al, waiting for the port as long as it takes; keeps all registers but dx. */
put:    push    %ax
        mov     $COM1+5, %dx
1:      in      %dx, %al
        test    $0x20, %al
        jz      1b
        pop     %ax
        mov     $COM1, %dx
        out     %al, %dx
        ret

ready:  .asciz  "construir: ready\n"
no_disk: .asciz "construir: no disk\n"
written: .ascii "construir: written"
newline: .asciz "\n"

        .org    0x1b0
behaviour:
        .byte   0
repeat: .byte   1
        .org    0x1fe
        .word   0xaa55

        .set    buffer, 0x8000

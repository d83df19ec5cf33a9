/*
 * fuzz [SECONDS [SEED]]: tries the readers of guest/frames.h with frames, requests and entries of trees that were cut, changed and made up.
 * Each input is in a block of its own that ends where it does, so that a sanitizer sees every byte too many:
 *
 *     gcc -g -O1 -fsanitize=address,undefined -fno-sanitize-recover -I../guest -o fuzz fuzz.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "frames.h"

static uint64_t seed;

static uint32_t draw(uint32_t below) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)((seed >> 33) % below);
}

static unsigned char *put_text(unsigned char *p, const char *text) {
    size_t size = strlen(text);
    memcpy(set32(p, (uint32_t)size), text, size);
    return p + 4 + size;
}

static const char *word(void) {
    static const char *const words[] = {"", "/", "a", "dir/file", "..", "a//b", "a/../b", "./a", "/job", "nobody", "A=1", "0:0", "a/", "\xc3\xbc"};
    return words[draw(sizeof words / sizeof *words)];
}

/* A frame, a request or an entry that is right, mostly. Returns its size. */
static size_t make(unsigned char *into) {
    unsigned char *p = into;
    uint32_t i, many;
    switch (draw(4)) {
    case 0: { /* a request */
        uint32_t kind = draw(7);
        *p++ = (unsigned char)kind;
        if (kind == EXEC) {
            *p++ = (unsigned char)draw(9);
            p = set16(set16(p, draw(65536)), draw(65536));
            p = put_text(put_text(p, word()), word());
            for (many = draw(5), p = set32(p, many), i = 0; i < many; i++) {
                p = put_text(p, word());
            }
            for (many = draw(3), p = set32(p, many), i = 0; i < many; i++) {
                p = put_text(p, word());
            }
        } else if (kind == UNPACK || kind == PACK) {
            p = put_text(p, word());
        } else {
            p = set16(p, draw(65536));
        }
        break;
    }
    case 1: /* an entry */
        *p++ = (unsigned char)draw(10);
        p[0] = p[1] = p[2] = 0;
        p = set32(set32(set32(p + 3, draw(010000)), draw(1000)), draw(1000));
        p = set32(set64(p, seed), draw(1100000000));
        p = set32(set32(p, draw(256)), draw(256));
        p = put_text(put_text(p, word()), word());
        break;
    case 2: /* HELLO */
        p = set32(p, 60 + (uint32_t)(many = draw(8)));
        *p++ = HELLO;
        *p++ = 0;
        p = set32(set16(p, 0), 0);
        memcpy(p, "CNSB", 4);
        p = set16(set16(p + 4, draw(3)), draw(3));
        memset(p, 7, 48);
        p = set32(p + 48, many);
        memset(p, 'h', many);
        p += many;
        break;
    default: /* any frame */
        many = draw(3) ? draw(6) : draw(80);
        p = set32(p, many);
        *p++ = (unsigned char)(draw(8) ? draw(27) : draw(256));
        *p++ = (unsigned char)draw(4);
        p = set32(set16(p, draw(16) == 0), draw(3) ? draw(5) : (uint32_t)seed);
        for (i = 0; i < many; i++) {
            *p++ = (unsigned char)draw(256);
        }
    }
    return (size_t)(p - into);
}

static size_t change(unsigned char *bytes, size_t size) {
    static const uint32_t numbers[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 65536, 65537, 32768, 32769};
    uint32_t times = draw(4);
    while (times-- > 0 && size > 0) {
        switch (draw(4)) {
        case 0:
            bytes[draw((uint32_t)size)] = (unsigned char)draw(256);
            break;
        case 1:
            size = draw((uint32_t)size + 1);
            break;
        case 2:
            if (size >= 4) {
                set32(bytes + draw((uint32_t)size - 3), numbers[draw(sizeof numbers / sizeof *numbers)]);
            }
            break;
        default:
            bytes[size++] = (unsigned char)draw(256);
        }
    }
    return size;
}

static void demand(int truth, const char *what) {
    if (!truth) {
        fprintf(stderr, "fuzz: %s\n", what);
        abort();
    }
}

/* What a reader has found lies within the bytes. */
static void within(const struct text *t, const unsigned char *bytes, size_t size, const char *what) {
    demand(!t->bytes || (t->bytes >= bytes && t->bytes <= bytes + size && t->size <= (size_t)(bytes + size - t->bytes) && !memchr(t->bytes, 0, t->size)), what);
}

static unsigned long found[4];

static void try_all(const unsigned char *bytes, size_t size) {
    struct frame f;
    struct hello h;
    struct request r;
    struct entry e;
    long n = take_frame(bytes, size, &f), less;
    demand(n <= (long)size, "a frame is longer than what is there");
    if (n > 0) {
        demand(f.payload + f.size == bytes + n, "a frame's payload");
        found[0]++;
        for (less = 0; less < n; less++) { /* a part of it is never taken for something else */
            struct frame part;
            demand(take_frame(bytes, (size_t)less, &part) == 0, "a part of a frame");
        }
        if (f.type == HELLO && read_hello(&f, &h) == 0) {
            within(&h.name, bytes, size, "a host name");
            found[1]++;
        }
    }
    if (read_request(bytes, size, &r) == 0) {
        within(&r.user, bytes, size, "a user");
        within(&r.path, bytes, size, "a path");
        found[2]++;
    }
    n = take_entry(bytes, size, &e);
    demand(n <= (long)size, "an entry is longer than what is there");
    if (n > 1) {
        within(&e.path, bytes, size, "an entry's path");
        within(&e.target, bytes, size, "a link's target");
        found[3]++;
    }
}

int main(int argc, char **argv) {
    static unsigned char bytes[4096];
    double seconds = argc > 1 ? atof(argv[1]) : 2;
    unsigned long tries = 0;
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    seed = argc > 2 ? strtoull(argv[2], 0, 0) : (uint64_t)begun.tv_nsec ^ (uint64_t)begun.tv_sec << 20;
    printf("seed %llu\n", (unsigned long long)seed);
    do {
        int i;
        for (i = 0; i < 1000; i++, tries++) {
            size_t size = change(bytes, make(bytes));
            unsigned char *copy = malloc(size ? size : 1);
            memcpy(copy, bytes, size);
            try_all(copy, size);
            free(copy);
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((double)(now.tv_sec - begun.tv_sec) + (double)(now.tv_nsec - begun.tv_nsec) / 1e9 < seconds);
    printf("%lu inputs: %lu frames, %lu greetings, %lu requests, %lu entries\n", tries, found[0], found[1], found[2], found[3]);
    return !(found[0] && found[1] && found[2] && found[3]);
}

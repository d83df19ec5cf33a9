/*
 * What comes over the sandbox channel, and in trees: docs/reference/sandbox-channel.md. Functions over bytes in memory only, so that they can be
 * tried with any bytes on any system.
 */
#ifndef CONSTRUIR_FRAMES_H
#define CONSTRUIR_FRAMES_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { HEADER = 12, PAYLOAD = 65536, WINDOW = 262144, STREAMS = 1024, OPENING = 4 << 20, GUESTS_OWN = 64 };

enum { HELLO = 1, PING, PONG, END, QUIESCE, QUIET, RESUME, OPEN = 16, STARTED, DATA, END_OF_DATA, MORE_WINDOW, SIGNAL, RESIZE, RESET, INCOMING, ENDED };

enum { EXEC = 1, UNPACK, PACK, CONNECT, LISTEN, ACCEPTED }; /* the last is never asked for */

enum { TERMINAL = 1, STDERR_TO_STDOUT = 2, NO_STDIN = 4 };

enum { EXITED, KILLED, NOT_DONE };

struct frame {
    unsigned type, channel;
    uint32_t stream, size;
    const unsigned char *payload;
};

static inline uint32_t get16(const unsigned char *p) { return (uint32_t)p[0] << 8 | p[1]; }
static inline uint32_t get32(const unsigned char *p) { return get16(p) << 16 | get16(p + 2); }
static inline uint64_t get64(const unsigned char *p) { return (uint64_t)get32(p) << 32 | get32(p + 4); }

static inline unsigned char *set16(unsigned char *p, uint32_t n) {
    p[0] = (unsigned char)(n >> 8);
    p[1] = (unsigned char)n;
    return p + 2;
}
static inline unsigned char *set32(unsigned char *p, uint32_t n) { return set16(set16(p, n >> 16), n & 0xffff); }
static inline unsigned char *set64(unsigned char *p, uint64_t n) { return set32(set32(p, (uint32_t)(n >> 32)), (uint32_t)n); }

/* Whether the host may send such a frame at all. */
static inline int is_allowed(const struct frame *f) {
    static const struct {
        unsigned char type, of_a_stream, channels; /* a bit each */
        uint32_t least, most;
    } rules[] = {{HELLO, 0, 1, 60, PAYLOAD}, {PING, 0, 1, 0, 64},          {END, 0, 1, 0, 0},         {QUIESCE, 0, 1, 0, 0},
                 {RESUME, 0, 1, 0, 0},       {OPEN, 1, 3, 0, PAYLOAD},   {DATA, 1, 1, 1, PAYLOAD},     {END_OF_DATA, 1, 1, 0, 0}, {MORE_WINDOW, 1, 6, 4, 4},
                 {SIGNAL, 1, 1, 1, 1},       {RESIZE, 1, 1, 4, 4},         {RESET, 1, 1, 0, 0}};
    size_t i;
    for (i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (rules[i].type == f->type) {
            return (f->stream != 0) == rules[i].of_a_stream && f->channel < 3 && rules[i].channels >> f->channel & 1 &&
                   f->size >= rules[i].least && f->size <= rules[i].most;
        }
    }
    return 0;
}

/* The frame that the bytes begin with. Returns its length, 0 if there are too few of them, or -1 if it is none that the host may send. */
static inline long take_frame(const unsigned char *bytes, size_t size, struct frame *f) {
    if (size < HEADER) {
        return 0;
    }
    f->size = get32(bytes);
    f->type = bytes[4];
    f->channel = bytes[5];
    f->stream = get32(bytes + 8);
    f->payload = bytes + HEADER;
    if (f->size > PAYLOAD || get16(bytes + 6) != 0 || !is_allowed(f)) {
        return -1;
    }
    if (size - HEADER < f->size) {
        return 0;
    }
    if (f->type == SIGNAL && (f->payload[0] < 1 || f->payload[0] > 64)) {
        return -1;
    }
    return (long)(HEADER + f->size);
}

/* ---- what a frame holds ---- */

struct cursor {
    const unsigned char *at, *end;
};

struct text {
    const unsigned char *bytes;
    uint32_t size;
};

static inline int take_number(struct cursor *c, size_t size, uint32_t *n) {
    if ((size_t)(c->end - c->at) < size) {
        return -1;
    }
    *n = size == 1 ? *c->at : size == 2 ? get16(c->at) : get32(c->at);
    c->at += size;
    return 0;
}

static inline int take_text(struct cursor *c, struct text *t) {
    if (take_number(c, 4, &t->size) < 0 || (size_t)(c->end - c->at) < t->size || (t->size && memchr(c->at, 0, t->size))) {
        return -1;
    }
    t->bytes = c->at;
    c->at += t->size;
    return 0;
}

/* Steps over as many strings as the number before them says; AT becomes the first's place. */
static inline int take_texts(struct cursor *c, uint32_t *many, const unsigned char **at) {
    struct text t;
    uint32_t i;
    if (take_number(c, 4, many) < 0) {
        return -1;
    }
    *at = c->at;
    for (i = 0; i < *many; i++) {
        if (take_text(c, &t) < 0) {
            return -1;
        }
    }
    return 0;
}

struct hello {
    uint32_t lowest, highest;
    const unsigned char *nonce, *seed; /* of 16 and 32 bytes */
    struct text name;
};

static inline int read_hello(const struct frame *f, struct hello *h) {
    struct cursor c = {f->payload + 56, f->payload + f->size};
    if (f->size < 60 || memcmp(f->payload, "CNSB", 4) != 0) {
        return -1;
    }
    h->lowest = get16(f->payload + 4);
    h->highest = get16(f->payload + 6);
    h->nonce = f->payload + 8;
    h->seed = f->payload + 24;
    return take_text(&c, &h->name);
}

/* What an OPEN asks for. */
struct request {
    uint32_t kind, flags, rows, columns, port;
    struct text user, path;                         /* the path is EXEC's directory as well */
    uint32_t many_arguments, many_variables;
    const unsigned char *arguments, *variables;     /* each 4 bytes of length and the string */
};

static inline int read_request(const unsigned char *bytes, size_t size, struct request *r) {
    struct cursor c = {bytes, bytes + size};
    int bad;
    memset(r, 0, sizeof *r);
    if (take_number(&c, 1, &r->kind) < 0) {
        return -1;
    }
    switch (r->kind) {
    case EXEC:
        bad = take_number(&c, 1, &r->flags) < 0 || r->flags > 7 || take_number(&c, 2, &r->rows) < 0 || take_number(&c, 2, &r->columns) < 0 ||
              take_text(&c, &r->user) < 0 || take_text(&c, &r->path) < 0 || take_texts(&c, &r->many_arguments, &r->arguments) < 0 ||
              r->many_arguments == 0 || take_texts(&c, &r->many_variables, &r->variables) < 0;
        break;
    case UNPACK:
    case PACK:
        bad = take_text(&c, &r->path) < 0;
        break;
    case CONNECT:
    case LISTEN:
        bad = take_number(&c, 2, &r->port) < 0;
        break;
    default:
        bad = 1;
    }
    return bad || c.at != c.end ? -1 : 0;
}

/* ---- trees ---- */

enum { ENTRY = 36, LONGEST_PATH = 32768, LONGEST_LINK = 4095, PIECE = 1 << 20, HOLE_UNIT = 4096 };

enum { NO_MORE, DIRECTORY, REGULAR_FILE, SYMBOLIC_LINK, HARD_LINK, CHARACTER_DEVICE, BLOCK_DEVICE, PIPE, SOCKET };

struct entry {
    unsigned type;
    uint32_t mode, user, group, nanoseconds, major, minor;
    int64_t seconds;
    struct text path, target;
};

/* Whether a path is relative and has no empty parts, and none that are "." or "..". */
static inline int is_plain(const struct text *path) {
    const unsigned char *at = path->bytes, *end = at + path->size;
    for (;;) {
        const unsigned char *slash = memchr(at, '/', (size_t)(end - at));
        size_t size = (size_t)((slash ? slash : end) - at);
        if (size == 0 || (size == 1 && at[0] == '.') || (size == 2 && at[0] == '.' && at[1] == '.')) {
            return 0;
        }
        if (!slash) {
            return 1;
        }
        at = slash + 1;
    }
}

/* The entry that the bytes begin with. Returns its length, 0 if there are too few of them, or -1 if it is none. */
static inline long take_entry(const unsigned char *bytes, size_t size, struct entry *e) {
    struct cursor c = {bytes + ENTRY, bytes + size};
    memset(e, 0, sizeof *e);
    if (size == 0) {
        return 0;
    }
    e->type = bytes[0];
    if (e->type == NO_MORE) {
        return 1;
    }
    if (e->type > SOCKET) {
        return -1;
    }
    if (size < ENTRY + 4) {
        return 0;
    }
    if (get32(bytes + ENTRY) > LONGEST_PATH) {
        return -1;
    }
    if (size < ENTRY + 8 + (size_t)get32(bytes + ENTRY)) {
        return 0;
    }
    if (get32(bytes + ENTRY + 4 + get32(bytes + ENTRY)) > LONGEST_PATH) {
        return -1;
    }
    if (size < ENTRY + 8 + (size_t)get32(bytes + ENTRY) + get32(bytes + ENTRY + 4 + get32(bytes + ENTRY))) {
        return 0;
    }
    e->mode = get32(bytes + 4) & 07777;
    e->user = get32(bytes + 8);
    e->group = get32(bytes + 12);
    e->seconds = (int64_t)get64(bytes + 16);
    e->nanoseconds = get32(bytes + 24);
    e->major = get32(bytes + 28);
    e->minor = get32(bytes + 32);
    if (take_text(&c, &e->path) < 0 || take_text(&c, &e->target) < 0 || e->nanoseconds > 999999999 || (e->path.size && !is_plain(&e->path)) ||
        (e->type == SYMBOLIC_LINK && (e->target.size == 0 || e->target.size > LONGEST_LINK)) ||
        (e->type == HARD_LINK && (e->target.size == 0 || e->path.size == 0 || !is_plain(&e->target)))) {
        return -1;
    }
    return (long)(c.at - bytes);
}

#endif

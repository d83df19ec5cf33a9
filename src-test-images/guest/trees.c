/*
 * UNPACK and PACK: trees that come over the sandbox channel, docs/reference/sandbox-channel.md. Each runs in a process of its own among those
 * of the sandbox, with the tree as standard input or output, and may wait for it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "frames.h"
#include "sandbox.h"

enum { BUFFER = 256 << 10, REMEMBERED = 16 << 20 /* bytes of paths, in an emulated machine with little memory */ };

/* Says "construir: /DIRECTORY/PATH: why". */
static void complain_of(const char *directory, const char *path, const char *why) {
    char line[1200], *p = put(line, "construir: ");
    size_t size = strnlen(directory, 500);
    memcpy(p, directory, size);
    p += size;
    if (*path) {
        if (p[-1] != '/') {
            *p++ = '/';
        }
        size = strnlen(path, 500);
        memcpy(p, path, size);
        p += size;
    }
    put(put(put(p, ": "), why), "\n");
    say(2, line);
}

/* The same for an error number. */
static void complain(const char *directory, const char *path, int why) {
    complain_of(directory, path,
                why == ENOSPC            ? "No space left on device (the disk is full, or has no inodes left)"
                : why == EISDIR          ? "a directory is there, which only a directory can be copied to"
                : strerrordesc_np(why)   ? strerrordesc_np(why)
                                         : "unknown error");
}

/* A list of bytes that grows, up to a bound. */
struct store {
    char *bytes;
    size_t size, room;
};

/* Room for SIZE more bytes; their place, or -1 if there is none. */
static long reserve(struct store *s, size_t size) {
    if (s->size + size > REMEMBERED) {
        return -1;
    }
    if (s->size + size > s->room) {
        size_t room = s->room ? s->room : 64 << 10;
        char *bytes;
        while (room < s->size + size) {
            room *= 2;
        }
        bytes = realloc(s->bytes, room);
        if (!bytes) {
            return -1;
        }
        s->bytes = bytes;
        s->room = room;
    }
    s->size += size;
    return (long)(s->size - size);
}

/* ---- UNPACK ---- */

static const char *where; /* the directory, as it was named */
static int trouble;       /* the exit status */

static unsigned char *input;
static size_t input_from, input_to;

static void broken(const char *what) {
    char line[200];
    put(put(put(line, "construir: the tree is broken: "), what), "\n");
    say(2, line);
    _exit(1);
}

/* Reads on until there is more than there was. */
static void more_input(void) {
    ssize_t n;
    if (input_from == input_to) {
        input_from = input_to = 0;
    } else if (input_to == BUFFER) {
        memmove(input, input + input_from, input_to - input_from);
        input_to -= input_from;
        input_from = 0;
    }
    if (input_to == BUFFER) {
        broken("an entry is too long");
    }
    n = read(0, input + input_to, BUFFER - input_to);
    if (n <= 0) {
        broken("it ends too early");
    }
    input_to += (size_t)n;
}

/* The next SIZE bytes, which are few. */
static const unsigned char *next(size_t size) {
    while (input_to - input_from < size) {
        more_input();
    }
    input_from += size;
    return input + input_from - size;
}

static int base = -1, parent = -1; /* the tree's root, and a directory below it, */
static char parent_path[LONGEST_PATH + 1] = "/"; /* by its path; "/" is none */

/* Opens the directory that holds PATH, without following symbolic links, and keeps it open for the next. NAME becomes PATH's last part. */
static int open_parent(const char *path, const char **name) {
    const char *slash = strrchr(path, '/'), *at = path;
    size_t size = slash ? (size_t)(slash - path) : 0;
    char part[NAME_MAX + 1];
    *name = slash ? slash + 1 : path;
    if (size == 0) {
        return base;
    }
    if (parent >= 0 && strncmp(parent_path, path, size) == 0 && parent_path[size] == 0) {
        return parent;
    }
    if (parent >= 0) {
        close(parent);
        parent = -1;
    }
    while (at < slash) {
        size_t length = strcspn(at, "/");
        int next_one, from = at == path ? base : parent;
        if (length > NAME_MAX) {
            errno = ENAMETOOLONG;
            next_one = -1;
        } else {
            memcpy(part, at, length);
            part[length] = 0;
            next_one = openat(from, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        if (parent >= 0) {
            int why = errno;
            close(parent);
            errno = why;
        }
        parent = next_one;
        if (parent < 0) {
            return -1;
        }
        at += length + 1;
    }
    memcpy(parent_path, path, size);
    parent_path[size] = 0;
    return parent;
}

static struct timespec *times(const struct entry *e, struct timespec *both) {
    both[0].tv_sec = 0;
    both[0].tv_nsec = UTIME_OMIT;
    both[1].tv_sec = (time_t)e->seconds;
    both[1].tv_nsec = (long)e->nanoseconds;
    return both;
}

/* A file's pieces, into FD, or nowhere if it is -1. Returns 0, or the number of the error that was the first. */
static int content(int fd) {
    uint64_t at = 0, written = 0, size = get64(next(8));
    int why = 0;
    while (at < size) {
        uint32_t piece = get32(next(4)), length = piece & 0x7fffffff;
        if (length == 0) {
            broken("a piece is empty");
        }
        if (piece >> 31) {
            at += (uint64_t)length * HOLE_UNIT;
            continue;
        }
        if (length > PIECE || length > size - at) {
            broken("a piece is too long");
        }
        while (length > 0) {
            size_t there = input_to - input_from;
            if (there == 0) {
                more_input();
                continue;
            }
            there = there < length ? there : length;
            if (fd >= 0 && !why) {
                ssize_t n = pwrite(fd, input + input_from, there, (off_t)at);
                if (n < 0) {
                    why = errno;
                    n = (ssize_t)there;
                }
                there = (size_t)n;
            }
            input_from += there;
            at += there;
            written = at;
            length -= (uint32_t)there;
        }
    }
    if (fd >= 0 && !why && size != written && ftruncate(fd, (off_t)size) < 0) {
        why = errno;
    }
    return why;
}

/* Each returns 0, or an error number. */
static int make_file(const struct entry *e, int dir, const char *name) {
    struct timespec both[2];
    int fd = -1, why;
    if (dir >= 0) {
        fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EEXIST && unlinkat(dir, name, 0) == 0) {
            fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        }
    }
    why = fd < 0 ? errno : 0;
    if (fd < 0) {
        content(-1);
        return why;
    }
    why = content(fd);
    if (fchown(fd, e->user, e->group) < 0 || fchmod(fd, e->mode) < 0 || futimens(fd, times(e, both)) < 0) {
        why = why ? why : errno;
    }
    return close(fd) < 0 && !why ? errno : why;
}

static struct store later; /* directories' times, which what comes into them changes: struct late and the path, each */

struct late {
    struct timespec time[2];
    size_t size; /* of what follows */
};

static void at_the_end(const struct entry *e, const char *path) {
    struct late l;
    long at;
    times(e, l.time);
    l.size = strlen(path) + 1;
    at = reserve(&later, sizeof l + l.size);
    if (at >= 0) { /* else it gets the time at which it is made, as one of very many */
        memcpy(later.bytes + at, &l, sizeof l);
        memcpy(later.bytes + at + sizeof l, path, l.size);
    }
}

static int make_directory(const struct entry *e, int dir, const char *name, const char *path) {
    int fd, why = 0;
    if (mkdirat(dir, name, 0700) < 0) {
        struct stat there;
        if (errno != EEXIST || fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) < 0) {
            return errno;
        }
        if (!S_ISDIR(there.st_mode)) {
            return ENOTDIR; /* it may be a link to a directory, as /lib is */
        }
    }
    fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    if (fchown(fd, e->user, e->group) < 0 || fchmod(fd, e->mode) < 0) {
        why = errno;
    }
    close(fd);
    at_the_end(e, path);
    return why;
}

static int make_node_once(const struct entry *e, int dir, const char *name, const char *target) {
    static const mode_t kinds[] = {[CHARACTER_DEVICE] = S_IFCHR, [BLOCK_DEVICE] = S_IFBLK, [PIPE] = S_IFIFO, [SOCKET] = S_IFSOCK};
    const char *old_name;
    char copy[LONGEST_PATH + 1];
    int old_dir;
    if (e->type == SYMBOLIC_LINK) {
        return symlinkat(target, dir, name);
    }
    if (e->type != HARD_LINK) {
        return mknodat(dir, name, kinds[e->type] | 0600, makedev(e->major, e->minor));
    }
    dir = dup(dir); /* as the other path may take the place of the one kept open */
    strcpy(copy, name);
    old_dir = open_parent(target, &old_name);
    if (old_dir < 0 || linkat(old_dir, old_name, dir, copy, 0) < 0) {
        int why = errno;
        close(dir);
        errno = why;
        return -1;
    }
    close(dir);
    return 0;
}

static int make_node(const struct entry *e, const char *path, int dir, const char *name, const char *target) {
    struct timespec both[2];
    if (make_node_once(e, dir, name, target) < 0) {
        if (errno != EEXIST) {
            return errno;
        }
        dir = open_parent(path, &name);
        if (dir < 0 || unlinkat(dir, name, 0) < 0 || make_node_once(e, dir, name, target) < 0) {
            return errno;
        }
    }
    if (e->type == HARD_LINK) {
        return 0;
    }
    if (fchownat(dir, name, e->user, e->group, AT_SYMLINK_NOFOLLOW) < 0 ||
        (e->type != SYMBOLIC_LINK && fchmodat(dir, name, e->mode, 0) < 0) || utimensat(dir, name, times(e, both), AT_SYMLINK_NOFOLLOW) < 0) {
        return errno;
    }
    return 0;
}

/* Makes a directory and those above it, but for what is there; a symbolic link to a directory counts. */
static int make_all(const char *path) {
    char copy[PATH_MAX], *at = copy;
    struct stat there;
    if (strlen(path) >= sizeof copy) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(copy, path);
    while (*at) {
        char *end = at + strspn(at, "/");
        end += strcspn(end, "/");
        if (*end) {
            *end = 0;
            if (*copy && mkdir(copy, 0755) < 0 && errno != EEXIST && stat(copy, &there) < 0) {
                return -1;
            }
            *end = '/';
        } else if (mkdir(copy, 0755) < 0 && (stat(copy, &there) < 0 || !S_ISDIR(there.st_mode))) {
            return -1;
        }
        at = end;
    }
    return 0;
}

static void no_way_on(const char *path, int why) {
    complain(where, path, why);
    _exit(1);
}

static void root_directory(const char *directory) {
    if (make_all(directory) < 0 || (base = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
        no_way_on("", errno);
    }
}

/* The root may be something else than a directory: then it takes the place that was named. */
static int make_root(const struct entry *e, const char *directory, const char *target) {
    static char above[PATH_MAX];
    size_t size = strlen(directory);
    const char *name;
    while (size > 1 && directory[size - 1] == '/') {
        size--;
    }
    if (size >= sizeof above) {
        return ENAMETOOLONG;
    }
    memcpy(above, directory, size);
    above[size] = 0;
    name = strrchr(above, '/') ? strrchr(above, '/') + 1 : above;
    if (!*name || e->type == HARD_LINK) {
        return EISDIR;
    }
    if (name == above) {
        root_directory(".");
    } else {
        above[name - above - 1] = 0;
        root_directory(name - above == 1 ? "/" : above);
    }
    return e->type == REGULAR_FILE ? make_file(e, base, name) : make_node(e, name, base, name, target);
}

static void set_late_times(void) {
    size_t at = 0;
    struct late l;
    while (at < later.size) {
        const char *path, *name;
        int dir, bad;
        memcpy(&l, later.bytes + at, sizeof l);
        path = later.bytes + at + sizeof l;
        dir = open_parent(path, &name);
        bad = !*path ? futimens(base, l.time) : dir < 0 ? -1 : utimensat(dir, name, l.time, AT_SYMLINK_NOFOLLOW);
        if (bad < 0 && errno != ENOENT) {
            complain(where, path, errno);
            trouble = 1;
        }
        at += sizeof l + l.size;
    }
}

int unpack(const char *directory) {
    static char path[LONGEST_PATH + 1], target[LONGEST_PATH + 1];
    struct entry e;
    where = directory;
    umask(0);
    input = malloc(BUFFER);
    if (!input) {
        no_way_on("", ENOMEM);
    }
    for (;;) {
        const char *name;
        long size;
        int why, dir;
        while ((size = take_entry(input + input_from, input_to - input_from, &e)) == 0) {
            more_input();
        }
        if (size < 0) {
            broken("there is no such entry");
        }
        input_from += (size_t)size;
        if (e.type != NO_MORE) {
            memcpy(path, e.path.bytes, e.path.size);
            path[e.path.size] = 0;
            memcpy(target, e.target.bytes, e.target.size);
            target[e.target.size] = 0;
        }
        if (base < 0 && e.type != NO_MORE && e.path.size == 0 && e.type != DIRECTORY) {
            why = make_root(&e, directory, target);
        } else {
            if (base < 0) {
                root_directory(directory);
            }
            if (e.type == NO_MORE) {
                break;
            }
            if (e.path.size == 0) {
                why = e.type != DIRECTORY ? EISDIR : fchown(base, e.user, e.group) < 0 || fchmod(base, e.mode) < 0 ? errno : 0;
                at_the_end(&e, "");
                if (e.type == REGULAR_FILE) {
                    content(-1);
                }
            } else {
                dir = open_parent(path, &name);
                if (strlen(name) > NAME_MAX) {
                    errno = ENAMETOOLONG;
                    dir = -1;
                }
                why = e.type == REGULAR_FILE ? make_file(&e, dir, name)
                      : dir < 0              ? errno
                      : e.type == DIRECTORY  ? make_directory(&e, dir, name, path)
                                             : make_node(&e, path, dir, name, target);
            }
        }
        if (why) {
            complain(directory, path, why);
            trouble = 1;
            if (why == ENOSPC || why == EDQUOT || why == EROFS) {
                return 1; /* what follows would fare no better */
            }
        }
    }
    set_late_times();
    return trouble;
}

/* ---- PACK ---- */

static unsigned char *output;
static size_t output_size;

static void write_all(const unsigned char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = write(1, bytes, size);
        if (n <= 0) {
            _exit(1); /* nobody wants it */
        }
        bytes += n;
        size -= (size_t)n;
    }
}

static void flush(void) {
    write_all(output, output_size);
    output_size = 0;
}

/* Where SIZE bytes of output belong, which are few. */
static unsigned char *append(size_t size) {
    if (output_size + size > BUFFER) {
        flush();
    }
    output_size += size;
    return output + output_size - size;
}

static char at_path[LONGEST_PATH + 1]; /* of what is being packed, "" for the root */
static size_t at_size;
static dev_t file_system;

/* Files with several names, by device and inode: the place of the first one's path in names, or 0. */
static struct first {
    dev_t device;
    ino_t inode;
    size_t name;
} *firsts;
enum { FIRSTS = 1 << 16 }; /* three quarters of them at most; links beyond that become copies */
static size_t many_firsts;
static struct store names;

/* The place of a file with several names in the table, which is empty if it has not been packed yet; 0 if there can be none. */
static struct first *first_of(const struct stat *s) {
    size_t slot = (size_t)(s->st_ino * 0x9e3779b97f4a7c15ULL >> 40) % FIRSTS;
    if (!firsts && !(firsts = calloc(FIRSTS, sizeof *firsts))) {
        return 0;
    }
    while (firsts[slot].name && (firsts[slot].inode != s->st_ino || firsts[slot].device != s->st_dev)) {
        slot = (slot + 1) % FIRSTS;
    }
    return firsts + slot;
}

/* Now that it has been packed, links to it may follow. */
static void remember(const struct stat *s) {
    struct first *first = s->st_nlink > 1 ? first_of(s) : 0;
    long at;
    if (!first || first->name || many_firsts >= FIRSTS / 4 * 3 || (names.size == 0 && reserve(&names, 1) < 0) /* none has the place 0 */ ||
        (at = reserve(&names, at_size + 1)) < 0) {
        return;
    }
    memcpy(names.bytes + at, at_path, at_size + 1);
    *first = (struct first){s->st_dev, s->st_ino, (size_t)at};
    many_firsts++;
}

static void put_entry(unsigned type, const struct stat *s, const char *target) {
    size_t target_size = strlen(target);
    unsigned char *p = append(ENTRY + 8 + at_size + target_size);
    int device = type == CHARACTER_DEVICE || type == BLOCK_DEVICE;
    p[0] = (unsigned char)type;
    p[1] = p[2] = p[3] = 0;
    p = set32(p + 4, s->st_mode & 07777);
    p = set32(set32(p, s->st_uid), s->st_gid);
    p = set32(set64(p, (uint64_t)s->st_mtim.tv_sec), (uint32_t)s->st_mtim.tv_nsec);
    p = set32(set32(p, device ? major(s->st_rdev) : 0), device ? minor(s->st_rdev) : 0);
    p = set32(p, (uint32_t)at_size);
    memcpy(p, at_path, at_size);
    p = set32(p + at_size, (uint32_t)target_size);
    memcpy(p, target, target_size);
}

static void report(int why) {
    if (why != ENOENT || at_size == 0) { /* what has gone meanwhile is no error */
        complain(where, at_path, why);
        trouble = 1;
    }
}

/* Sends data up to END, or to where there is no more. Returns the place it came to. */
static off_t put_data(int fd, off_t at, off_t end) {
    while (at < end) {
        ssize_t n;
        size_t room;
        if (BUFFER - output_size < 4 + 4096) {
            flush();
        }
        room = BUFFER - output_size - 4;
        n = pread(fd, output + output_size + 4, (off_t)room < end - at ? room : (size_t)(end - at), at);
        if (n < 0) {
            report(errno);
        }
        if (n <= 0) {
            break;
        }
        set32(output + output_size, (uint32_t)n);
        output_size += 4 + (size_t)n;
        at += n;
    }
    return at;
}

/* Sends a hole of units; the rest of it is the next data, but at the file's end. Returns the place it came to. */
static off_t put_hole(off_t at, off_t end, off_t size) {
    off_t units = (end - at + (end == size ? HOLE_UNIT - 1 : 0)) / HOLE_UNIT;
    while (units > 0) {
        off_t some = units < 0x7fffffff ? units : 0x7fffffff;
        set32(append(4), 0x80000000u | (uint32_t)some);
        units -= some;
        at += some * HOLE_UNIT;
    }
    return at < size ? at : size;
}

enum { PAGE = 4096, SPOOL = 1 << 20 };
static unsigned char *spool;

/* The kernel's own files say that they are empty, or have a page: what they have shows only by reading. Returns the size of a file's content,
   which is in the spool then, or -1 if it is to be read as it says, or -2 if it can't be had. */
static long read_small(int fd, const struct stat *s) {
    size_t most = s->st_size == 0 ? SPOOL + 1 : (size_t)s->st_size, size = 0;
    ssize_t n = 1;
    struct stat now;
    if (s->st_size > PAGE) {
        return -1;
    }
    if (!spool && !(spool = malloc(SPOOL + 1))) {
        report(ENOMEM);
        return -2;
    }
    while (size < most && (n = read(fd, spool + size, most - size)) > 0) {
        size += (size_t)n;
    }
    if (n < 0) {
        report(errno);
        return -2;
    }
    if (size > SPOOL && fstat(fd, &now) == 0 && now.st_size > 0) {
        size = SPOOL; /* it has grown meanwhile, as others do */
    } else if (size > SPOOL) {
        complain_of(where, at_path, "it does not say how large it is, and has more than 1 MiB");
        trouble = 1;
        return -2;
    }
    return (long)size;
}

static void put_small(long size) {
    set64(append(8), (uint64_t)size);
    if (size > 0) {
        set32(append(4), (uint32_t)size);
    }
    if (size <= PAGE) {
        memcpy(append((size_t)size), spool, (size_t)size);
        return;
    }
    flush();
    write_all(spool, (size_t)size);
}

static void put_content(int fd, const struct stat *s) {
    off_t at = 0, size = s->st_size;
    int sparse = s->st_blocks * 512LL < size;
    set64(append(8), (uint64_t)size);
    while (at < size) {
        off_t data = sparse ? lseek(fd, at, SEEK_DATA) : at, end = size, to;
        if (data < 0 && errno == ENXIO) {
            data = size;
        } else if (data < 0) {
            data = at;
            sparse = 0;
        }
        data = data < size ? data : size;
        if (data - at >= HOLE_UNIT || (data > at && data == size)) {
            at = put_hole(at, data, size);
            if (at == size) {
                break;
            }
        }
        if (sparse) {
            end = lseek(fd, data, SEEK_HOLE);
            end = end < 0 || end > size ? size : end;
        }
        to = put_data(fd, at, end);
        at = to;
        if (to < end) { /* it has become shorter, and its size was sent */
            put_hole(to, size, size);
            break;
        }
    }
}

static void pack_below(int fd);

/* Packs what NAME in DIR is; its path is in at_path already. */
static void pack_one(int dir, const char *name, int follow) {
    static char target[PATH_MAX];
    struct stat s, now;
    ssize_t n;
    long small;
    int fd, flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
    struct first *first;
    if (fstatat(dir, name, &s, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0) {
        report(errno);
        return;
    }
    if (!S_ISDIR(s.st_mode) && s.st_nlink > 1 && (first = first_of(&s)) && first->name) {
        put_entry(HARD_LINK, &s, names.bytes + first->name);
        return;
    }
    switch (s.st_mode & S_IFMT) {
    case S_IFLNK:
        n = readlinkat(dir, name, target, sizeof target - 1);
        if (n < 0) {
            report(errno);
        } else {
            target[n] = 0;
            put_entry(SYMBOLIC_LINK, &s, target);
            remember(&s);
        }
        break;
    case S_IFCHR:
        put_entry(CHARACTER_DEVICE, &s, "");
        remember(&s);
        break;
    case S_IFBLK:
        put_entry(BLOCK_DEVICE, &s, "");
        remember(&s);
        break;
    case S_IFIFO:
        put_entry(PIPE, &s, "");
        remember(&s);
        break;
    case S_IFREG:
    case S_IFDIR:
        fd = openat(dir, name, flags);
        if (fd < 0 || fstat(fd, &now) < 0) {
            report(errno);
        } else if (S_ISREG(now.st_mode) && S_ISREG(s.st_mode)) {
            small = read_small(fd, &now);
            if (small != -2) {
                put_entry(REGULAR_FILE, &now, "");
                if (small == -1) {
                    put_content(fd, &now);
                } else {
                    put_small(small);
                }
                remember(&now);
            }
        } else if (S_ISDIR(now.st_mode) && S_ISDIR(s.st_mode)) {
            put_entry(DIRECTORY, &now, "");
            if (at_size == 0) {
                file_system = now.st_dev;
            }
            if (now.st_dev == file_system) {
                pack_below(fd); /* which closes it */
                fd = -1;
            }
        } /* else something else has taken its place, and it has gone */
        if (fd >= 0) {
            close(fd);
        }
        break;
    default: /* a socket is nothing without the process that listens on it */
        break;
    }
}

static void pack_below(int fd) {
    size_t above = at_size;
    struct dirent *e;
    DIR *d = fdopendir(fd);
    if (!d) {
        report(errno);
        close(fd);
        return;
    }
    for (;;) {
        size_t length;
        errno = 0;
        e = readdir(d);
        if (!e) {
            break;
        }
        length = strlen(e->d_name);
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        if (above + length + 1 > LONGEST_PATH) {
            report(ENAMETOOLONG);
            continue;
        }
        if (above) {
            at_path[at_size++] = '/';
        }
        memcpy(at_path + at_size, e->d_name, length + 1);
        at_size += length;
        pack_one(dirfd(d), e->d_name, 0);
        at_size = above;
        at_path[at_size] = 0;
    }
    if (errno) {
        report(errno);
    }
    closedir(d);
}

int pack(const char *path) {
    where = path;
    output = malloc(BUFFER);
    if (!output) {
        no_way_on("", ENOMEM);
    }
    pack_one(AT_FDCWD, path, 1);
    if (output_size) {
        *append(1) = NO_MORE; /* without a root there is no tree */
        flush();
    } else if (!trouble) {
        no_way_on("", EINVAL); /* a socket */
    }
    return trouble;
}

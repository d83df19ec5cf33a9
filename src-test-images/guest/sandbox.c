/*
 * The agent of a sandbox: the guest's side of docs/reference/sandbox-channel.md.
 *
 * One process that waits in poll(2) and nowhere else. It stands outside of the sandbox's process namespace, and what it starts are its own
 * children in there. What the host gets goes through one buffer of bounded size; a child's pipe is read only when there is room in it, and when the
 * host has room for that channel. A machine may be emulated, so that a system call costs what a hundred do elsewhere: there are no
 * more of them between a request and its program than it needs, and what belongs together is written to the port at once, as each
 * write interrupts the hypervisor.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "frames.h"
#include "sandbox.h"

enum { IN = 192 << 10, OUT = 256 << 10, RESERVE = 16 << 10 /* of it for frames that hold no data */, REPLY = 2048 /* and for one of them */ };
enum { HELD = WINDOW + 4096, GRANT = 65536, AT_ONCE = 32768 /* as much as the port takes in one call */ };
enum { PARTS = 16 << 20 /* of all requests that are not complete yet */, PLENTY = 64 << 20 };
enum { LINGER = 2, YOUTH = 10, NAP_LEAST = 5, NAP_MOST = 50, LAST_OF_TERMINAL = 50, DESERTED = 200, TREE_PIPE = 256 << 10 };

struct outlet {
    int fd;          /* -1: at its end */
    uint32_t credit; /* what the host has room for */
    int left;        /* what may still be read once the process has ended; -1: it has not */
};

struct stream {
    uint32_t number; /* 0: the host has begun anew and knows nothing of it */
    unsigned kind;   /* 0: its OPEN is not complete */
    struct outlet out[2];
    int in, listener, polled[3];
    int theirs[2]; /* the other ends of its pipes as long as it is young: so it does not wake the agent by closing them, and then by ending */
    int used, terminal, told, reaped, connecting, in_ended, host_has_answered, stopped;
    char last; /* of the bytes that went in */
    uint32_t window, passed;
    char *held; /* what goes in next */
    size_t held_from, held_to;
    unsigned char *parts;
    size_t parts_size;
    uint32_t port, listens_for; /* the number of the stream that accepted it */
    pid_t pid;
    int status;
    struct rusage usage;
    long long begun, ended, deadline, young_until;
    long long deserted_until; /* when to look again whether anybody has the terminal open */
};

static int port, children, null, mounts = -1, terminals = -1, badness;
static pid_t keeper;
static char **job_environment;
static struct rlimit files;
static int verdict; /* how the agent's time ends, -1: it goes on */

static unsigned char *in, *out;
static size_t in_from, in_to, out_from, out_to;
static size_t begun_left; /* of the frame that has been written in part */
static int lazy;          /* whether what waits in there may wait a little for more */
static int starved;       /* whether something could not be done as there was no room in there */

static enum { STRANGE, TALKING, SILENT } state;
static uint32_t newest, newest_of_guest;

static struct stream *streams;
static unsigned short active[STREAMS], vacant[STREAMS];
static unsigned many_active, many_vacant, turn;
static pid_t *numbers;  /* shared: each child writes its own as it sees it. The agent can't learn it more cheaply */
static size_t all_parts;
static char *spare;     /* of what a stream has held */
static struct pollfd *polls;
static long long nap_ends, nap, tired_until;

static long long now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

/* Memory that no child gets: a fork copies what is known of each page. */
static void *own_memory(size_t size) {
    void *p = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        return 0;
    }
    madvise(p, size, MADV_DONTFORK);
    return p;
}

static void broken(const char *what) {
    errno = EPROTO;
    failed("the host breaks the rules of the sandbox channel", what);
    verdict = SANDBOX_FAILED;
}

/* ---- frames to the host ---- */

/* Room behind what waits, after moving that to the front if need be. */
static size_t out_room(size_t wanted) {
    if (out_from == out_to) {
        out_from = out_to = 0;
    }
    if (OUT - out_to < wanted && out_from > 0) {
        memmove(out, out + out_from, out_to - out_from);
        out_to -= out_from;
        out_from = 0;
    }
    return OUT - out_to;
}

static int room_for_reply(void) {
    if (out_room(REPLY) < REPLY) {
        starved = 1;
        return 0;
    }
    return 1;
}

/* The header of a frame whose payload is to follow, for which there is room. Returns the payload's place. */
static unsigned char *begin_frame(unsigned type, unsigned channel, uint32_t stream, size_t size) {
    unsigned char *p = set32(out + out_to, (uint32_t)size);
    *p++ = (unsigned char)type;
    *p++ = (unsigned char)channel;
    p = set32(set16(p, 0), stream);
    if (out_from == out_to) {
        lazy = 1;
    }
    lazy = lazy && (type == STARTED || type == END_OF_DATA);
    out_to += HEADER + size;
    return p;
}

/* Keeps count of where frames end. */
static void count_written(size_t n) {
    size_t at = out_from;
    out_from += n;
    if (n < begun_left) {
        begun_left -= n;
        return;
    }
    at += begun_left;
    begun_left = 0;
    while (at < out_from) {
        size_t size = HEADER + get32(out + at);
        if (at + size > out_from) {
            begun_left = at + size - out_from;
        }
        at += size;
    }
}

static void write_port(void) {
    while (out_from < out_to) {
        size_t size = out_to - out_from;
        ssize_t n = write(port, out + out_from, size < AT_ONCE ? size : AT_ONCE);
        if (n <= 0) {
            return;
        }
        count_written((size_t)n);
    }
}

/* Nobody is at the other end; whoever comes next begins anew. */
static void take_a_nap(void) {
    state = state == TALKING ? STRANGE : state;
    in_from = in_to = out_from = out_to = begun_left = 0;
    nap = nap ? nap * 2 : NAP_LEAST;
    nap = nap < NAP_MOST ? nap : NAP_MOST;
    nap_ends = now_ms() + nap;
}

static void put_ended(uint32_t number, unsigned how, unsigned code, const struct stream *s, const char *text) {
    size_t size = strlen(text);
    unsigned char *p = begin_frame(ENDED, 0, number, 40 + size);
    *p++ = (unsigned char)how;
    *p++ = 0;
    p = set16(p, code);
    if (s && s->reaped) {
        p = set64(p, (uint64_t)s->usage.ru_utime.tv_sec * 1000000 + (uint64_t)s->usage.ru_utime.tv_usec);
        p = set64(p, (uint64_t)s->usage.ru_stime.tv_sec * 1000000 + (uint64_t)s->usage.ru_stime.tv_usec);
        p = set64(p, (uint64_t)s->usage.ru_maxrss * 1024);
    } else {
        memset(p, 0, 24);
        p += 24;
    }
    p = set64(p, s ? (uint64_t)((s->ended ? s->ended : now_us()) - s->begun) : 0);
    memcpy(set32(p, (uint32_t)size), text, size);
}

static void not_done(const struct stream *s, uint32_t number, const char *what, int why) {
    char text[200];
    put(put(put(text, what), ": "), strerrordesc_np(why) ? strerrordesc_np(why) : "unknown error");
    put_ended(number, NOT_DONE, (unsigned)why, s, text);
}

/* ---- streams ---- */

static struct stream *find(uint32_t number) {
    unsigned i;
    for (i = 0; i < many_active; i++) {
        if (streams[active[i]].number == number) {
            return streams + active[i];
        }
    }
    return 0;
}

static struct stream *new_stream(uint32_t number) {
    struct stream *s;
    if (many_vacant == 0) {
        return 0;
    }
    active[many_active] = vacant[--many_vacant];
    s = streams + active[many_active++];
    memset(s, 0, sizeof *s);
    numbers[s - streams] = 0;
    s->number = number;
    s->used = 1;
    s->theirs[0] = s->theirs[1] = s->in = s->listener = s->out[0].fd = s->out[1].fd = s->polled[0] = s->polled[1] = s->polled[2] = -1;
    s->out[0].left = s->out[1].left = -1;
    s->window = s->out[0].credit = s->out[1].credit = WINDOW;
    s->begun = now_us();
    return s;
}

static void drop_held(struct stream *s) {
    if (s->held && !spare) {
        spare = s->held;
    } else if (s->held) {
        munmap(s->held, HELD);
    }
    s->held = 0;
    s->held_from = s->held_to = 0;
}

static void drop_parts(struct stream *s) {
    if (s->parts) {
        munmap(s->parts, s->parts_size + 1);
        all_parts -= s->parts_size;
    }
    s->parts = 0;
    s->parts_size = 0;
}

/* Connections and terminals have one descriptor for both directions. */
static void close_in(struct stream *s) {
    if (s->in >= 0 && s->in != s->out[0].fd) {
        close(s->in);
    }
    s->in = -1;
    drop_held(s);
}

static void close_out(struct stream *s, int i) {
    if (s->out[i].fd >= 0 && s->out[i].fd != s->in) {
        close(s->out[i].fd);
    }
    s->out[i].fd = -1;
}

/* The end of a process's youth: from now on it counts what itself does with its output. */
static void let_go(struct stream *s) {
    int i;
    for (i = 0; i < 2; i++) {
        if (s->theirs[i] >= 0) {
            close(s->theirs[i]);
            s->theirs[i] = -1;
        }
    }
    s->young_until = 0;
}

static void free_stream(struct stream *s) {
    unsigned i = 0, index = (unsigned)(s - streams);
    close_in(s);
    close_out(s, 0);
    close_out(s, 1);
    let_go(s);
    if (s->listener >= 0) {
        close(s->listener);
    }
    drop_parts(s);
    s->used = 0;
    while (active[i] != index) {
        i++;
    }
    active[i] = active[--many_active];
    vacant[many_vacant++] = (unsigned short)index;
}

static int is_process(const struct stream *s) { return s->kind >= EXEC && s->kind <= PACK; }

/* The first frame of a stream that has begun. A process has written its number long before it puts anything out, ends, or is no longer young. */
static void tell_started(struct stream *s) {
    if (!s->told && s->number && room_for_reply()) {
        set32(begin_frame(STARTED, 0, s->number, 4), s->kind == EXEC ? (uint32_t)numbers[s - streams] : s->kind == LISTEN ? s->port : 0);
        s->told = 1;
    }
}

static void signal_group(const struct stream *s, int number) {
    if (s->pid && !s->reaped && kill(-s->pid, number) < 0) {
        kill(s->pid, number); /* it has not come to lead a group yet, and gets to it once it is ready for signals */
    }
}

/* ---- what goes in ---- */

static void grant(struct stream *s) {
    if (s->passed >= GRANT && s->number && !s->in_ended && room_for_reply()) {
        set32(begin_frame(MORE_WINDOW, 0, s->number, 4), s->passed);
        s->window += s->passed;
        s->passed = 0;
    }
}

/* A reader that has gone is none of the host's errors: the rest is dropped, as its window grows. */
static void drop_input(struct stream *s) {
    s->passed += (uint32_t)(s->held_to - s->held_from);
    close_in(s);
}

/* Nobody has the terminal open, as a program that ends closes its streams first; or it opens it again, as the terminal is its own yet. To close our
   end would be to hang up. It is not polled for a while, as it says so at once each time. */
static int is_deserted(struct stream *s, int why) {
    if (!s->terminal || s->reaped || why != EIO) {
        return 0;
    }
    s->deserted_until = now_ms() + DESERTED;
    return 1;
}

/* The end of a connection that did not end as both sides wished. */
static void fail_connection(struct stream *s, const char *what, int why) {
    if (s->number) {
        not_done(s, s->number, what, why);
    }
    free_stream(s);
}

static void end_input(struct stream *s) {
    if (s->kind == CONNECT || s->kind == ACCEPTED) {
        shutdown(s->in, SHUT_WR);
    }
    close_in(s);
}

/* Writes bytes as far as they are taken. Returns how many, or -1 if there is no stream any more. */
static ssize_t take_in(struct stream *s, const char *bytes, size_t size) {
    size_t done = 0;
    while (done < size) {
        ssize_t n = write(s->in, bytes + done, size - done);
        if (n < 0 && (errno == EAGAIN || is_deserted(s, errno))) {
            break;
        }
        if (n < 0 && (s->kind == CONNECT || s->kind == ACCEPTED)) {
            fail_connection(s, "the connection is lost", errno);
            return -1;
        }
        if (n < 0) {
            s->passed += (uint32_t)size;
            close_in(s);
            return (ssize_t)size;
        }
        done += (size_t)n;
        s->last = bytes[done - 1];
        s->deserted_until = 0;
    }
    s->passed += (uint32_t)done;
    return (ssize_t)done;
}

static void push(struct stream *s) {
    while (s->in >= 0 && s->held_from < s->held_to) {
        ssize_t n = take_in(s, s->held + s->held_from, s->held_to - s->held_from);
        if (n < 0) {
            return;
        }
        if (n == 0) {
            break;
        }
        s->held_from += (size_t)n; /* 0 of 0 if that has closed it */
        s->held_from = s->held ? s->held_from : 0;
    }
    if (s->held_from == s->held_to) {
        drop_held(s);
        if (s->in_ended && s->in >= 0) {
            end_input(s);
        }
    }
    grant(s);
}

/* Keeps what could not be written yet: never more than the window. */
static void hold(struct stream *s, const void *bytes, size_t size) {
    if (!s->held) {
        s->held = spare ? spare : own_memory(HELD);
        spare = 0;
        if (!s->held) {
            signal_group(s, SIGKILL); /* better than to feed it what is not all */
            drop_input(s);
            s->passed += (uint32_t)size;
            return;
        }
    }
    if (s->held_to + size > HELD) {
        memmove(s->held, s->held + s->held_from, s->held_to - s->held_from);
        s->held_to -= s->held_from;
        s->held_from = 0;
    }
    memcpy(s->held + s->held_to, bytes, size);
    s->held_to += size;
}

static void data(struct stream *s, const struct frame *f) {
    ssize_t n = 0;
    if (s->in_ended || f->size > s->window) {
        broken(s->in_ended ? "data behind the end" : "data beyond the window");
        return;
    }
    s->window -= f->size;
    if (s->in < 0) {
        s->passed += f->size;
    } else {
        if (!s->held && !s->connecting && (n = take_in(s, (const char *)f->payload, f->size)) < 0) {
            return;
        }
        if ((size_t)n < f->size) {
            hold(s, f->payload + n, f->size - (size_t)n);
        }
    }
    grant(s);
}

static void end_of_data(struct stream *s) {
    struct termios t;
    if (s->in_ended) {
        broken("a second end");
        return;
    }
    /* On a terminal the end is a character that is typed; where the kernel edits lines, the first only ends a line that has been begun. */
    if (s->terminal && s->in >= 0 && tcgetattr(s->in, &t) == 0) {
        char twice[2] = {(char)t.c_cc[VEOF], (char)t.c_cc[VEOF]}, last = s->held ? s->held[s->held_to - 1] : s->last;
        hold(s, twice, t.c_lflag & ICANON && last && last != '\n' ? 2 : 1);
    }
    s->in_ended = 1;
    if (!s->connecting) {
        push(s);
    }
}

/* ---- what comes out ---- */

static void end_out(struct stream *s, int i) {
    close_out(s, i);
    if (s->number) {
        tell_started(s);
        begin_frame(END_OF_DATA, (unsigned)i + 1, s->number, 0);
    }
}

/* Whether there is room for data; for little of it only if nothing waits, so that the frames stay large. */
static int room_for_data(void) { return out_room(0) >= (out_from == out_to ? RESERVE + 4096 : RESERVE + HEADER + PAYLOAD); }

/* Reads once. Whoever wants the end as well reads until there is one. */
static void pull(struct stream *s, int i) {
    struct outlet *o = s->out + i;
    size_t limit = OUT - out_to - RESERVE - HEADER;
    ssize_t n;
    tell_started(s);
    limit = limit < PAYLOAD ? limit : PAYLOAD;
    limit = limit < o->credit ? limit : o->credit;
    limit = o->left >= 0 && (size_t)o->left < limit ? (size_t)o->left : limit;
    if (limit == 0) {
        return;
    }
    n = read(o->fd, out + out_to + HEADER, limit);
    if (n > 0) {
        begin_frame(DATA, (unsigned)i + 1, s->number, (size_t)n);
        o->credit -= (uint32_t)n;
        o->left -= o->left >= 0 ? (int)n : 0;
        if (o->left == 0) {
            end_out(s, i);
        }
    } else if (n < 0 && errno == EAGAIN) {
        if (o->left >= 0 && now_ms() >= s->deadline) {
            end_out(s, i); /* somebody else has read the rest, or has the terminal open */
        }
    } else if (n < 0 && (s->kind == CONNECT || s->kind == ACCEPTED)) {
        fail_connection(s, "the connection is lost", errno);
    } else if (n == 0 || !is_deserted(s, errno)) {
        end_out(s, i); /* a terminal's end is an error */
    }
}

/* Output that nobody is there for. */
static void drop_output(struct stream *s, int i) {
    char bytes[16384];
    ssize_t n = read(s->out[i].fd, bytes, sizeof bytes);
    if (n == 0 || (n < 0 && errno != EAGAIN && !is_deserted(s, errno))) {
        close_out(s, i);
    }
}

/* A process has ended: what is in its pipes now belongs to it, and no more. */
static void last_of(struct stream *s) {
    int i;
    close_in(s);
    let_go(s);
    s->deserted_until = 0;
    for (i = 0; i < 2; i++) {
        struct outlet *o = s->out + i;
        if (o->fd < 0) {
            continue;
        }
        if (s->number == 0 || s->stopped) {
            close_out(s, i);
        } else if (s->terminal) {
            o->left = INT_MAX; /* it comes through a worker of the kernel's, which then reports an end unless others have it open */
            s->deadline = now_ms() + LAST_OF_TERMINAL;
        } else if (ioctl(o->fd, FIONREAD, &o->left) < 0) {
            o->left = 0;
        }
    }
}

/* Ends what has come to its end. */
static void settle(struct stream *s) {
    int i;
    for (i = 0; i < 2; i++) {
        if (s->out[i].fd >= 0 && s->out[i].left == 0 && room_for_reply()) {
            end_out(s, i);
        }
    }
    if (s->out[0].fd >= 0 || s->out[1].fd >= 0 || !room_for_reply()) {
        return;
    }
    if (is_process(s) && s->reaped) {
        if (s->number) {
            tell_started(s);
            put_ended(s->number, WIFSIGNALED(s->status) ? KILLED : EXITED, WIFSIGNALED(s->status) ? WTERMSIG(s->status) : WEXITSTATUS(s->status), s, "");
        }
        free_stream(s);
    } else if ((s->kind == CONNECT || s->kind == ACCEPTED) && s->in < 0) {
        put_ended(s->number, EXITED, 0, s, "");
        free_stream(s);
    }
}

/* ---- processes ---- */

/* Lines of a file, one after the other; those that are too long are passed over. */
struct lines {
    int fd;
    size_t from, to;
    char bytes[65536];
};

static char *next_line(struct lines *l) {
    int too_long = 0;
    for (;;) {
        char *end = memchr(l->bytes + l->from, '\n', l->to - l->from), *line = l->bytes + l->from;
        ssize_t n;
        if (end) {
            *end = 0;
            l->from = (size_t)(end + 1 - l->bytes);
            if (!too_long) {
                return line;
            }
            too_long = 0;
            continue;
        }
        memmove(l->bytes, line, l->to - l->from);
        l->to -= l->from;
        l->from = 0;
        if (l->to == sizeof l->bytes - 1) {
            too_long = 1;
            l->to = 0;
        }
        n = read(l->fd, l->bytes + l->to, sizeof l->bytes - 1 - l->to);
        if (n <= 0) {
            if (l->to == 0 || too_long) {
                return 0;
            }
            l->bytes[l->to++] = '\n'; /* the last line may lack it */
            continue;
        }
        l->to += (size_t)n;
    }
}

/* Cuts a line at its colons. Returns how many parts there are, the last with what is too many. */
static int split(char *line, char **parts, int most) {
    int many = 1;
    parts[0] = line;
    while (many < most && (line = strchr(line, ':'))) {
        *line++ = 0;
        parts[many++] = line;
    }
    return many;
}

static int is_number(const char *text, uint32_t *n) {
    unsigned long long value = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9' && value < 0xffffffff; p++) {
        value = value * 10 + (unsigned long long)(*p - '0');
    }
    *n = (uint32_t)value;
    return p > text && !*p && value < 0xffffffff;
}

enum { GROUPS = 1024 };

/* Who a process is to be. */
struct account {
    uint32_t user, group;
    char name[256], home[1024], shell[1024];
    int many_groups;
    gid_t groups[GROUPS];
};

static void refuse(const char *what, const char *which, int status) {
    char line[700], *p = put(put(line, "construir: "), what);
    size_t size = strnlen(which, 500);
    memcpy(p, which, size);
    put(p + size, "\n");
    say(2, line);
    _exit(status);
}

static void copy_text(char *into, const char *from, size_t size) {
    size_t length = strnlen(from, size - 1);
    memcpy(into, from, length);
    into[length] = 0;
}

static void find_groups(struct account *a, struct lines *l) {
    char *line, *parts[4];
    l->from = l->to = 0;
    l->fd = open("/etc/group", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    while (l->fd >= 0 && (line = next_line(l))) {
        char *rest = 0, *member;
        uint32_t group;
        if (split(line, parts, 4) < 4 || !is_number(parts[2], &group)) {
            continue;
        }
        for (member = strtok_r(parts[3], ",", &rest); member; member = strtok_r(0, ",", &rest)) {
            if (strcmp(member, a->name) == 0 && group != a->group && a->many_groups < GROUPS) {
                a->groups[a->many_groups++] = group;
                break;
            }
        }
    }
    if (l->fd >= 0) {
        close(l->fd);
    }
}

/* NAME, UID or UID:GID. A number without an entry is in the group of that number, and has no home. */
static void find_account(struct account *a, const char *user) {
    struct lines *l = malloc(sizeof *l);
    char copy[256], *colon, *line, *parts[7];
    uint32_t number, group;
    int by_number, found = 0, own_group;
    copy_text(copy, user, sizeof copy);
    colon = strchr(copy, ':');
    own_group = colon && is_number(colon + 1, &group);
    if (colon) {
        *colon = 0;
    }
    by_number = is_number(copy, &number);
    if (!l || strlen(user) >= sizeof copy || (colon && (!by_number || !own_group))) {
        refuse("there is no user ", user, 126);
    }
    l->from = l->to = 0;
    l->fd = open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    while (!found && l->fd >= 0 && (line = next_line(l))) {
        uint32_t its_number, its_group;
        if (split(line, parts, 7) < 7 || !is_number(parts[2], &its_number) || !is_number(parts[3], &its_group) ||
            (by_number ? its_number != number : strcmp(parts[0], copy) != 0)) {
            continue;
        }
        found = 1;
        a->user = its_number;
        a->group = its_group;
        copy_text(a->name, parts[0], sizeof a->name);
        copy_text(a->home, *parts[5] ? parts[5] : "/", sizeof a->home);
        copy_text(a->shell, *parts[6] ? parts[6] : "/bin/sh", sizeof a->shell);
    }
    if (l->fd >= 0) {
        close(l->fd);
    }
    if (!found && !by_number) {
        refuse("there is no user ", user, 126);
    }
    if (!found) {
        a->user = a->group = number;
        put(a->name, copy);
        put(a->home, "/");
        put(a->shell, "/bin/sh");
    }
    if (own_group) {
        a->group = group;
    }
    a->many_groups = 0;
    if (found && !own_group) {
        find_groups(a, l);
    }
    a->groups[a->many_groups++] = a->group;
    free(l);
}

/* Ends a string where it stands: over what comes next, which has been read. */
static char *text_of(const struct text *t) {
    char *s = (char *)t->bytes;
    s[t->size] = 0;
    return s;
}

static void texts_of(const unsigned char *at, uint32_t many, char **into) {
    uint32_t i;
    for (i = 0; i < many; i++) {
        struct text t = {at + 4, get32(at)};
        *(unsigned char *)at = 0; /* ends the one before */
        into[i] = (char *)t.bytes;
        at += 4 + t.size;
    }
    *(unsigned char *)at = 0;
}

/* The value of NAME in an environment whose later variables count, or 0. */
static const char *value_of(char **environment, const char *name) {
    size_t size = strlen(name);
    const char *value = 0;
    for (; *environment; environment++) {
        if (strncmp(*environment, name, size) == 0 && (*environment)[size] == '=') {
            value = *environment + size + 1;
        }
    }
    return value;
}

static char *variable(const char *name, const char *value) {
    char *text = malloc(strlen(name) + strlen(value) + 2);
    return text ? (put(put(put(text, name), "="), value), text) : "";
}

enum { JOBS_OWN = 32, FEW = 64 };

/* A job's variables, with the user's own over it, and over that what was asked for; into ALL, which has room for JOBS_OWN more than those, and one. */
static void environment_of(const struct request *r, const struct account *a, char **all) {
    static const char *const of_user[] = {"HOME", "USER", "LOGNAME", "SHELL"};
    const char *values[] = {a ? a->home : 0, a ? a->name : 0, a ? a->name : 0, a ? a->shell : 0};
    char **to = all, **given = all + JOBS_OWN, **from;
    uint32_t i;
    texts_of(r->variables, r->many_variables, given);
    given[r->many_variables] = 0;
    for (from = job_environment; *from; from++) {
        char name[64];
        size_t size = strcspn(*from, "=");
        memcpy(name, *from, size);
        name[size] = 0;
        for (i = 0; i < 4 && a && strcmp(name, of_user[i]) != 0; i++) {
        }
        if (!value_of(given, name)) {
            *to++ = a && i < 4 ? variable(name, values[i]) : *from;
        }
    }
    memmove(to, given, (r->many_variables + 1) * sizeof *given);
}

/* The program's path, as execvp(3) would find it; looked for by stat(2), as an exec that fails is dear. */
static const char *find_program(const char *name, char **environment) {
    static char path[PATH_MAX];
    const char *at = value_of(environment, "PATH"), *end;
    int there = 0;
    struct stat s;
    if (strchr(name, '/')) {
        return name;
    }
    for (; at && *name; at = *end ? end + 1 : 0) {
        size_t size;
        end = strchrnul(at, ':');
        size = (size_t)(end - at);
        if (size + strlen(name) + 2 > sizeof path) {
            continue;
        }
        memcpy(path, at, size);
        put(put(path + size, size ? "/" : ""), name);
        if (stat(path, &s) == 0 && S_ISREG(s.st_mode)) {
            if (access(path, X_OK) == 0) {
                return path;
            }
            there = 1;
        }
    }
    if (there) {
        refuse(name, ": not executable", 126);
    }
    refuse(name, ": not found", 127);
    return 0;
}

static void execute(const struct request *r) {
    char *few[FEW + JOBS_OWN + 3], **arguments = few, **environment, *user = text_of(&r->user), *directory = text_of(&r->path);
    struct account *a = 0;
    const char *program;
    int i;
    if ((size_t)r->many_arguments + r->many_variables > FEW) { /* else without malloc, which each process has to find pages for */
        arguments = calloc((size_t)r->many_arguments + r->many_variables + JOBS_OWN + 3, sizeof *arguments);
    }
    if (!arguments || (*user && !(a = calloc(1, sizeof *a)))) {
        refuse("there is no memory for the arguments", "", 126);
    }
    if (a) {
        find_account(a, user);
    }
    environment = arguments + r->many_arguments + 2;
    arguments[r->many_arguments + 1] = 0;
    environment_of(r, a, environment);
    texts_of(r->arguments, r->many_arguments, arguments + 1); /* after the variables, of whose number it overwrites a part */
    if (a && (a->user || a->group)) {
        for (i = 0; i < 3; i++) { /* programs open them by /dev/stdout */
            if (i > 0 || !(r->flags & NO_STDIN)) {
                fchown(i, a->user, r->flags & TERMINAL ? (gid_t)-1 : a->group);
            }
        }
    }
    if (a && (setgroups((size_t)a->many_groups, a->groups) < 0 || setgid(a->group) < 0 || setuid(a->user) < 0)) {
        refuse("can't become the user ", user, 126);
    }
    directory = *directory ? directory : "/job";
    if (chdir(directory) < 0) {
        char line[700];
        int why = errno;
        copy_text(line, directory, 500);
        put(put(line + strlen(line), ": "), strerrordesc_np(why) ? strerrordesc_np(why) : "unknown error");
        refuse("can't change to ", line, 126);
    }
    program = find_program(arguments[1], environment);
    exec_program(program, arguments + 1, environment);
}

/* The child's part. Those beside it could look into it from now on: the port goes first. It can't read memory that is only the agent's. */
static void become(const struct request *r, const int *ends, unsigned slot, int terminal, int ordinary) {
    sigset_t none;
    int i;
    close(port);
    numbers[slot] = getpid();
    if (!ordinary) {
        write_file("/proc/self/oom_score_adj", "0"); /* the machine's /proc, not the sandbox's */
    }
    if (mounts >= 0 && setns(mounts, CLONE_NEWNS) < 0) {
        failed("can't join the sandbox's mounts", 0);
        _exit(126);
    }
    setsid();
    if (terminal) {
        ioctl(ends[1], TIOCSCTTY, 0);
    }
    for (i = 0; i < 3; i++) {
        dup2(ends[i], i);
    }
    setrlimit(RLIMIT_NOFILE, &files);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0); /* all have their defaults already */
    if (r->kind == EXEC) {
        execute(r);
    }
    syscall(SYS_close_range, 3, ~0U, 0);
    prctl(PR_SET_NAME, r->kind == PACK ? "construir-pack" : "construir-unpack");
    if (chdir("/job") < 0) {
        chdir("/");
    }
    _exit(r->kind == PACK ? pack(text_of(&r->path)) : unpack(text_of(&r->path)));
}

/* A pipe of which one end, that of INDEX, is the agent's and does not block. */
static int make_pipe(int index, int *ours, int *theirs, size_t size) {
    int both[2];
    if (pipe2(both, O_CLOEXEC) < 0) {
        return -1;
    }
    *ours = both[index];
    *theirs = both[!index];
    fcntl(*ours, F_SETFL, O_NONBLOCK); /* both are one pipe, but two open files */
    if (size) {
        fcntl(*ours, F_SETPIPE_SZ, size);
    }
    return 0;
}

static void set_size(int fd, uint32_t rows, uint32_t columns) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    ioctl(fd, TIOCSWINSZ, &size);
}

/* A new terminal, among those that the sandbox sees. Returns the agent's end, and the other in THEIRS. */
static int make_terminal(const struct request *r, int *theirs) {
    int unlocked = 0, master = openat(terminals, "ptmx", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (master < 0) {
        return -1;
    }
    if (ioctl(master, TIOCSPTLCK, &unlocked) < 0 || (*theirs = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) {
        int why = errno;
        close(master);
        errno = why;
        return -1;
    }
    set_size(master, r->rows, r->columns);
    return master;
}

/* The ends of a process's three streams: ours in the stream, theirs in ENDS. */
static int make_ends(struct stream *s, const struct request *r, int *ends) {
    size_t tree_pipe = r->kind == EXEC ? 0 : TREE_PIPE;
    if (r->flags & TERMINAL) {
        int terminal = make_terminal(r, ends);
        if (terminal < 0) {
            return -1;
        }
        s->terminal = 1;
        s->out[0].fd = terminal;
        ends[1] = ends[2] = ends[0];
        if (!(r->flags & NO_STDIN)) {
            s->in = terminal;
        } else {
            ends[0] = null;
        }
        return 0;
    }
    ends[0] = null;
    if (r->kind != PACK && !(r->flags & NO_STDIN) && make_pipe(1, &s->in, ends, tree_pipe) < 0) {
        return -1;
    }
    if (r->kind == UNPACK) {
        ends[1] = null;
    } else if (make_pipe(0, &s->out[0].fd, ends + 1, tree_pipe) < 0) {
        return -1;
    }
    if (r->flags & STDERR_TO_STDOUT) {
        ends[2] = ends[1];
        return 0;
    }
    return make_pipe(0, &s->out[1].fd, ends + 2, 0);
}

/* For the time of a fork the agent is as any process to the kernel when memory is short, and its child stays so: a child that has to look for its own
   file in /proc takes a tenth longer for all that it does. Only with much memory to spare. Returns whether it is so. */
static int seem_ordinary(int yes) {
    struct sysinfo now;
    if (badness < 0 || (yes && (sysinfo(&now) < 0 || (unsigned long long)now.freeram * now.mem_unit < PLENTY))) {
        return 0;
    }
    return yes ? pwrite(badness, "0", 1, 0) == 1 : pwrite(badness, "-1000", 5, 0) == 5;
}

static void start_process(struct stream *s, const struct request *r) {
    int ends[3] = {-1, -1, -1}, terminal = 0, why = 0, ordinary, i, j;
    unsigned slot = (unsigned)(s - streams);
    pid_t pid;
    if (make_ends(s, r, ends) < 0) {
        why = errno;
    } else {
        terminal = s->terminal;
        ordinary = seem_ordinary(1);
        pid = fork();
        if (pid == 0) {
            become(r, ends, slot, terminal, ordinary); /* which has no stream */
        }
        why = pid < 0 ? errno : 0;
        if (ordinary) {
            seem_ordinary(0);
        }
        s->pid = pid;
        s->young_until = now_ms() + YOUTH;
    }
    for (i = 0; i < 3; i++) {
        for (j = 0; j < i && ends[j] != ends[i]; j++) {
        }
        if (ends[i] < 0 || ends[i] == null || j < i) {
            continue;
        }
        if (i > 0 && !why && !terminal) {
            s->theirs[i - 1] = ends[i];
        } else {
            close(ends[i]);
        }
    }
    if (why) {
        s->pid = 0;
        not_done(s, s->number, "can't start a process", why);
        free_stream(s);
    }
}

/* Whether process 1 of the namespace is about to end, which kills all others before it has ended itself: then that is what happened to them,
   and no end of theirs. The ninth field of its state are the kernel's flags (proc(5)); 4 is PF_EXITING. */
static int is_leaving(pid_t pid) {
    char path[40], text[512], *at;
    int field;
    put(put_number(put(path, "/proc/"), pid), "/stat");
    if (read_file(path, text, sizeof text) < 0 || !(at = strrchr(text, ')'))) {
        return 1;
    }
    for (field = 2; field < 9 && (at = strchr(at, ' ')); field++) {
        at++;
    }
    return at && (strtoul(at, 0, 10) & 4);
}

static void reap(void) {
    struct signalfd_siginfo one;
    struct rusage usage;
    int status;
    pid_t pid;
    if (read(children, &one, sizeof one) < 0) { /* however many have ended, there is one signal */
        return;
    }
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        unsigned i;
        if (pid == keeper) { /* by reboot(2) in there, which says by the signal what was asked for */
            keeper = 0;
            verdict = !WIFSIGNALED(status)           ? SANDBOX_FAILED
                      : WTERMSIG(status) == SIGHUP   ? SANDBOX_REBOOT
                      : WTERMSIG(status) == SIGINT   ? SANDBOX_POWER_OFF
                                                     : SANDBOX_FAILED;
            return;
        }
        for (i = 0; i < many_active; i++) {
            struct stream *s = streams + active[i];
            if (s->pid == pid && !s->reaped) {
                if (keeper && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && is_leaving(keeper)) {
                    break;
                }
                s->reaped = 1;
                s->status = status;
                s->usage = usage;
                s->ended = now_us();
                last_of(s);
                break;
            }
        }
    }
}

/* ---- connections ---- */

static int try_connect(struct stream *s, int family) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)s->port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, why;
    if (fd < 0) {
        return errno;
    }
    if ((family == AF_INET ? connect(fd, (struct sockaddr *)&four, sizeof four) : connect(fd, (struct sockaddr *)&six, sizeof six)) < 0 &&
        errno != EINPROGRESS) {
        why = errno;
        close(fd);
        return why;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    s->in = s->out[0].fd = fd;
    s->connecting = family;
    return 0;
}

/* Tries the second address when nobody listens at the first. */
static void connect_again(struct stream *s, int why) {
    int family = s->connecting;
    s->connecting = 0;
    if (s->in >= 0) {
        close(s->in);
        s->in = s->out[0].fd = -1;
    }
    if (why == ECONNREFUSED && family != AF_INET6 && try_connect(s, AF_INET6) == 0) {
        return;
    }
    fail_connection(s, "can't connect", why);
}

static void start_connection(struct stream *s) {
    int why = try_connect(s, AF_INET);
    if (why) {
        connect_again(s, why);
    }
}

static void connected(struct stream *s) {
    int why = 0;
    socklen_t size = sizeof why;
    if (getsockopt(s->in, SOL_SOCKET, SO_ERROR, &why, &size) < 0) {
        why = errno;
    }
    if (why) {
        connect_again(s, why);
        return;
    }
    s->connecting = 0;
    tell_started(s);
    push(s);
}

static void start_listening(struct stream *s) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int one = 1;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->listener < 0 || setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
        bind(s->listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(s->listener, 128) < 0 ||
        getsockname(s->listener, (struct sockaddr *)&address, &size) < 0) {
        fail_connection(s, "can't listen", errno);
        return;
    }
    s->port = ntohs(address.sin_port);
    tell_started(s);
}

/* Connections of which the host may not know yet that they are there; it bears only so many. */
static unsigned unanswered(const struct stream *listener) {
    unsigned i, many = 0;
    for (i = 0; i < many_active; i++) {
        const struct stream *s = streams + active[i];
        many += s->kind == ACCEPTED && s->listens_for == listener->number && !s->host_has_answered;
    }
    return many;
}

static void accept_one(struct stream *listener) {
    int fd, one = 1;
    struct stream *s;
    if (newest_of_guest == UINT32_MAX) {
        return;
    }
    fd = accept4(listener->listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        tired_until = errno == EAGAIN || errno == ECONNABORTED ? 0 : now_ms() + NAP_MOST;
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    s = new_stream(++newest_of_guest);
    s->kind = ACCEPTED;
    s->listens_for = listener->number;
    s->told = 1;
    s->in = s->out[0].fd = fd;
    set32(begin_frame(INCOMING, 0, listener->number, 4), s->number);
}

/* ---- what the host asks for ---- */

static void begin(struct stream *s, const struct request *r) {
    s->kind = r->kind;
    s->port = r->port;
    if (is_process(s)) {
        start_process(s, r);
    } else if (s->kind == CONNECT) {
        start_connection(s);
    } else {
        start_listening(s);
    }
}

static void open_stream(struct stream *s, const struct frame *f) {
    struct request r;
    const unsigned char *bytes = f->payload;
    size_t size = f->size;
    if (f->stream > newest) {
        newest = f->stream;
        s = f->stream > INT32_MAX ? 0 : new_stream(f->stream);
        if (!s && f->stream > INT32_MAX) {
            broken("a stream's number of the guest's");
        } else if (!s) {
            not_done(0, f->stream, "there are too many streams", EMFILE);
        }
    }
    if (!s) {
        return; /* or it is one that was refused at its first part */
    }
    if (s->kind) {
        broken("a stream that is there already");
        return;
    }
    if (f->channel == 1 || s->parts) {
        size_t had = s->parts_size;
        void *more;
        if (had + size > OPENING) {
            broken("a request that is too long");
            return;
        }
        /* Whole pages are mapped; a byte behind the last string is written to. */
        more = all_parts + size > PARTS      ? MAP_FAILED
               : s->parts                    ? mremap(s->parts, had + 1, had + size + 1, MREMAP_MAYMOVE)
                                             : mmap(0, size + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (more == MAP_FAILED) {
            not_done(s, s->number, "the request is too long", ENOMEM);
            free_stream(s);
            return;
        }
        s->parts = more;
        s->parts_size += size;
        all_parts += size;
        memcpy(s->parts + had, bytes, size);
        if (f->channel == 1) {
            return;
        }
        bytes = s->parts;
        size = s->parts_size;
    }
    if (read_request(bytes, size, &r) < 0) {
        broken("a request that is none");
        return;
    }
    begin(s, &r);
    if (find(f->stream) == s) {
        drop_parts(s);
    }
}

/* The host wants no more of it. */
static void reset(struct stream *s) {
    if (is_process(s)) {
        s->stopped = 1;
        signal_group(s, SIGKILL);
        tell_started(s);
        close_in(s);
        close_out(s, 0);
        close_out(s, 1);
        let_go(s);
        return;
    }
    put_ended(s->number, EXITED, 0, s, "");
    free_stream(s);
}

/* What ran for a former connection goes on; nobody hears of it any more. */
static void detach(void) {
    unsigned i = many_active;
    while (i-- > 0) {
        struct stream *s = streams + active[i];
        if (is_process(s)) {
            s->number = 0;
            close_in(s);
            let_go(s);
            if (s->reaped) {
                close_out(s, 0);
                close_out(s, 1);
            }
        } else {
            free_stream(s);
        }
    }
}

static void hello(const struct frame *f) {
    struct hello h;
    unsigned char *p;
    char name[65];
    if (read_hello(f, &h) < 0) {
        broken("a HELLO that is none");
        return;
    }
    /* What has been written in part is written in full, and nothing else of what waits. */
    out_to = out_from + begun_left;
    out_room(REPLY);
    p = begin_frame(HELLO, 0, 0, 24);
    memcpy(p, "CNSB", 4);
    memcpy(p + 8, h.nonce, 16);
    detach();
    newest = 0;
    newest_of_guest = INT32_MAX;
    if (h.lowest > 1 || h.highest < 1) {
        set16(set16(p + 4, 0), 1);
        state = STRANGE;
        return;
    }
    set16(set16(p + 4, 1), 0);
    reseed(h.seed, 32, 1);
    explicit_bzero((void *)h.seed, 32);
    do_clock();
    if (h.name.size > 0 && h.name.size < sizeof name) {
        memcpy(name, h.name.bytes, h.name.size);
        sethostname(name, h.name.size);
    }
    state = TALKING;
}

static void handle(const struct frame *f) {
    struct stream *s = f->stream ? find(f->stream) : 0;
    if (f->type == HELLO) {
        hello(f);
        return;
    }
    if (state == STRANGE) {
        broken("something else than HELLO comes first");
        return;
    }
    if (f->type == END) {
        verdict = SANDBOX_ENDED;
        return;
    }
    if (state == SILENT) {
        state = f->type == RESUME ? TALKING : SILENT; /* all else has crossed */
        return;
    }
    switch (f->type) {
    case PING:
        memcpy(begin_frame(PONG, 0, 0, f->size), f->payload, f->size);
        return;
    case QUIESCE:
        sync();
        begin_frame(QUIET, 0, 0, 0);
        state = SILENT;
        return;
    case OPEN:
        open_stream(s, f);
        return;
    default:
        break;
    }
    if (!s || s->stopped) {
        return; /* it has ended meanwhile */
    }
    if (s->kind == 0 && f->type != RESET) {
        broken("a stream that is not open yet");
        return;
    }
    s->host_has_answered = 1;
    switch (f->type) {
    case DATA:
        data(s, f);
        break;
    case END_OF_DATA:
        end_of_data(s);
        break;
    case MORE_WINDOW: {
        struct outlet *o = s->out + f->channel - 1;
        uint32_t more = get32(f->payload);
        if (more == 0 || more > WINDOW - o->credit) {
            broken("a window out of bounds");
            return;
        }
        o->credit += more;
        break;
    }
    case SIGNAL:
        signal_group(s, f->payload[0]);
        break;
    case RESIZE:
        if (s->terminal && s->out[0].fd >= 0) {
            set_size(s->out[0].fd, get16(f->payload), get16(f->payload + 2));
        }
        break;
    default:
        reset(s);
    }
}

static void handle_all(void) {
    while (verdict < 0 && in_from < in_to && room_for_reply()) {
        struct frame f;
        long size = take_frame(in + in_from, in_to - in_from, &f);
        if (size < 0) {
            broken("a frame that is none");
            return;
        }
        if (size == 0) {
            break;
        }
        in_from += (size_t)size;
        handle(&f);
    }
    if (in_from == in_to) {
        in_from = in_to = 0;
    }
}

/* The port gives a page at most in one call; less means that no more is there. */
static void read_port(void) {
    ssize_t n;
    do {
        if (IN - in_to < 4096 && in_from > 0) {
            memmove(in, in + in_from, in_to - in_from);
            in_to -= in_from;
            in_from = 0;
        }
        if (IN - in_to < 4096) {
            return;
        }
        n = read(port, in + in_to, IN - in_to);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            handle_all(); /* what came before */
            take_a_nap();
            return;
        }
        if (n > 0) {
            in_to += (size_t)n;
            nap = 0;
        }
    } while (n >= 4096);
}

/* ---- the loop ---- */

static int add_poll(unsigned *many, int fd, short events) {
    polls[*many] = (struct pollfd){.fd = fd, .events = events};
    return (int)(*many)++;
}

static short what_of(int index) { return index < 0 ? 0 : polls[index].revents; }

/* Waits for something to do, at most as long as something else can wait for. */
static void wait_for_work(void) {
    unsigned many = 0, i;
    long long now = nap_ends || tired_until || many_active ? now_ms() : 0;
    int timeout = starved && out_room(REPLY) >= REPLY ? 0 : out_from < out_to && lazy ? LINGER : -1, room = state == TALKING && room_for_data();
    starved = 0;
    nap_ends = nap_ends > now ? nap_ends : 0;
    tired_until = tired_until > now ? tired_until : 0;
    add_poll(&many, children, POLLIN);
    add_poll(&many, nap_ends ? -1 : port,
             (short)((in_from > 0 || IN - in_to >= 4096 ? POLLIN : 0) | (out_from < out_to && !lazy ? POLLOUT : 0)));
    if (nap_ends || tired_until) {
        long long left = (nap_ends && (!tired_until || nap_ends < tired_until) ? nap_ends : tired_until) - now;
        timeout = timeout < 0 || left < timeout ? (int)left : timeout;
    }
    for (i = 0; i < many_active; i++) {
        struct stream *s = streams + active[i];
        int j;
        s->polled[0] = s->polled[1] = s->polled[2] = -1;
        if (state != TALKING) {
            continue;
        }
        if (s->young_until) {
            long long left = s->young_until > now ? s->young_until - now : 0;
            timeout = timeout < 0 || left < timeout ? (int)left : timeout;
        }
        if (s->deadline) {
            long long left = s->deadline > now ? s->deadline - now : 0;
            timeout = s->out[0].credit && (timeout < 0 || left < timeout) ? (int)left : timeout;
        }
        if (s->deserted_until > now) {
            long long left = s->deserted_until - now;
            timeout = timeout < 0 || left < timeout ? (int)left : timeout;
            continue;
        }
        s->deserted_until = 0;
        if (s->listener >= 0 && !tired_until && many_vacant && unanswered(s) < GUESTS_OWN) {
            s->polled[0] = add_poll(&many, s->listener, POLLIN);
        }
        if (s->in >= 0 && (s->connecting || s->held)) {
            s->polled[0] = add_poll(&many, s->in, POLLOUT);
        }
        for (j = 0; j < 2 && !s->connecting; j++) {
            if (s->out[j].fd >= 0 && (s->number == 0 || (room && s->out[j].credit))) {
                s->polled[j + 1] = add_poll(&many, s->out[j].fd, POLLIN);
            }
        }
    }
    if (poll(polls, many, timeout) <= 0) {
        for (i = 0; i < many; i++) {
            polls[i].revents = 0;
        }
        lazy = 0; /* it has waited long enough */
    }
}

/* One step for a stream; it may be none afterwards. */
static void attend_to(struct stream *s) {
    short inward = what_of(s->polled[0]);
    uint32_t number = s->number;
    int j;
    s->polled[0] = -1;
    if (s->young_until && now_ms() >= s->young_until) {
        let_go(s);
        tell_started(s);
    }
    if (inward && s->listener >= 0) {
        if (room_for_reply() && many_vacant) {
            accept_one(s);
        }
    } else if (inward && s->connecting) {
        if (room_for_reply()) {
            connected(s);
        }
    } else if (inward && room_for_reply()) {
        push(s);
    } else {
        grant(s);
    }
    for (j = 0; j < 2; j++) {
        if (!s->used) {
            return;
        }
        if (s->out[j].fd >= 0 && (what_of(s->polled[j + 1]) || (s->deadline && now_ms() >= s->deadline))) {
            if (number == 0) {
                drop_output(s, j);
            } else if (room_for_data()) {
                pull(s, j);
            }
        }
        s->polled[j + 1] = -1;
    }
    if (s->used) {
        settle(s);
    }
}

/* Every stream in turn, beginning with another one each time, as the first gets most of the room. */
static void attend_to_all(void) {
    unsigned short now[STREAMS];
    unsigned many = many_active, i;
    if (state != TALKING || many == 0) {
        return;
    }
    memcpy(now, active, many * sizeof *now);
    turn++;
    for (i = 0; i < many; i++) {
        struct stream *s = streams + now[(turn + i) % many];
        if (s->used) {
            attend_to(s);
        }
    }
}

static int set_up(const struct sandbox *box) {
    char path[60], *end;
    struct statfs kind;
    struct rlimit more;
    sigset_t ended;
    int i;
    port = box->port;
    keeper = box->keeper;
    job_environment = box->environment;
    verdict = -1;
    do {
        null = open("/dev/null", O_RDWR);
    } while (null >= 0 && null < 3);
    fcntl(null, F_SETFD, FD_CLOEXEC);
    for (i = 1; i < NSIG; i++) {
        signal(i, SIG_DFL); /* all are blocked; a child need only undo that */
    }
    badness = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    children = signalfd(-1, &ended, SFD_NONBLOCK | SFD_CLOEXEC);
    end = put(path, "");
    if (keeper) {
        end = put_number(put(path, "/proc/"), keeper);
        put(end, "/ns/mnt");
        mounts = open(path, O_RDONLY | O_CLOEXEC);
        end = put(end, "/root");
    }
    put(end, "/dev/pts");
    terminals = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (terminals >= 0 && (fstatfs(terminals, &kind) < 0 || kind.f_type != 0x1cd1)) { /* a job may have left anything there */
        close(terminals);
        terminals = -1;
    }
    getrlimit(RLIMIT_NOFILE, &files);
    more = files;
    more.rlim_cur = more.rlim_max;
    setrlimit(RLIMIT_NOFILE, &more);
    in = mmap(0, IN + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    out = own_memory(OUT);
    streams = own_memory(STREAMS * sizeof *streams);
    polls = own_memory((3 * STREAMS + 2) * sizeof *polls);
    numbers = mmap(0, STREAMS * sizeof *numbers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (i = 0; i < STREAMS; i++) {
        vacant[many_vacant++] = (unsigned short)(STREAMS - 1 - i);
    }
    return null < 0 || children < 0 || (keeper && mounts < 0) || in == MAP_FAILED || !out || !streams || !polls || numbers == MAP_FAILED ? -1 : 0;
}

int serve(const struct sandbox *box) {
    int rounds = 0;
    if (set_up(box) < 0) {
        failed("can't serve the sandbox", 0);
        return SANDBOX_FAILED;
    }
    while (verdict < 0) {
        wait_for_work();
        if (polls[0].revents) {
            reap();
        }
        if (polls[1].revents) {
            read_port();
        }
        handle_all();
        attend_to_all();
        rounds = lazy ? rounds + 1 : 0;
        if (!lazy || rounds > 3) {
            lazy = 0;
            write_port();
        }
    }
    return verdict;
}

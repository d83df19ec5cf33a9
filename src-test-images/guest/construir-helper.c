/*
 * construir-helper: the system calls the shell script `construir` can't make.
 *
 * The script decides, this program acts. One call carries out a chain of steps, separated by an argument ",", because
 * starting a process is what costs most in an emulated machine:
 *
 *     construir-helper mount proc proc /proc , insmod /modules/a.ko , try trim /job
 *
 * A step that fails prints why and ends the chain with status 1; with "try" before its name the chain goes on. Steps:
 *
 *   mount TYPE SOURCE TARGET [OPTIONS]   mount(2); OPTIONS: ro noatime nosuid nodev noexec remount silent, the rest as data.
 *                                        "retry" repeats for 5 s, "await" does and says that it waits
 *   mkdir DIR...                         makes what is missing
 *   insmod [ID:]FILE...                  loads modules; "3:FILE" only if there is a virtio device of type 3
 *   else PROGRAM                         what this process becomes if a later step ends the chain: PROGRAM, with the argument
 *                                        --no-job after `wait` and --failed after all others
 *   ready                                prints the line that says so
 *   wait SECONDS|forever                 waits for the job disk; without one in time, the chain ends with status 2. In later
 *                                        steps @disk is its device, and @serial its serial
 *   tell                                 prints "vdb job-0123456789ab"
 *   loopback                             brings up the interface lo
 *   clock                                steps the clock to the RTC if they differ
 *   reseed TEXT                          mixes TEXT and bytes of /dev/hwrng into the random generator and reseeds it
 *   clear JOBDIR                         removes what is in the way of the supervisor's own files and is none
 *   copy FROM TO                         copies a small file, if there is one
 *   furnish ROOT                         mounts in ROOT, in advance, what the job finds there; what cannot be yet is left to `run`
 *   run SERIAL ROOT LIVE JOBDIR COMMAND  runs the job; see run() below. ROOT is "" for "no root of its own", LIVE "" for
 *                                        the output port, or the console where there is none
 *   shell ROOT COMMAND ARGUMENT...       runs a command with the console in ROOT, as `run` would, and waits for it; if it
 *                                        powers off or reboots, ROOT is trimmed and unmounted first
 *   killall                              kills every process that is not an ancestor of this one
 *   trim DIR                             gives free blocks back (FITRIM)
 *   umount DIR                           unmounts; if it is busy: makes it read-only as far as that goes, detaches it
 *   power off|reboot|halt                ends the machine
 *
 * Called by the name poweroff, halt or reboot it does that, for images that have no such program. Called modprobe, as the kernel does
 * when something needs a module, it runs the modprobe of the root that the job is in.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h> /* ElfW */
#include <linux/fs.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/rtc.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h> /* renameat */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"

#ifndef RNDRESEEDCRNG
#define RNDRESEEDCRNG _IO('R', 0x07)
#endif

enum { STATUS_SIZE = 512, CHUNK = 65536, PENDING = 4 * CHUNK };
enum { LOG_DELAY = 3000 }; /* a machine that is killed has in its log all but the last three seconds' output */
enum { SILENT_HOST = 1000, STUCK_HOST = 10000 }; /* ms without a word from the host about the output it has read */

/* ---- small things; no stdio, which would double the size of the static binary ---- */

char *put(char *at, const char *text) { return stpcpy(at, text); }

char *put_number(char *at, long long n) {
    char digits[24];
    int i = 0;
    if (n < 0) {
        *at++ = '-';
        n = -n;
    }
    do {
        digits[i++] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    while (i) {
        *at++ = digits[--i];
    }
    *at = 0;
    return at;
}

/* A login that starts on a terminal hangs it up for all who had it open; opened anew, it works. Returns 0, or -1. */
static int reopen(int fd) {
    char path[40];
    int again;
    put_number(put(path, "/proc/self/fd/"), fd);
    again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (again < 0) {
        return -1;
    }
    dup3(again, fd, fd == 2 ? 0 : O_CLOEXEC);
    close(again);
    return 0;
}

void say(int fd, const char *text) {
    ssize_t n = write(fd, text, strlen(text));
    if (n < 0 && errno == EIO && reopen(fd) == 0) {
        n = write(fd, text, strlen(text));
    }
    if (n < 0) {
        return; /* nobody is left to be told */
    }
}

/* Prints "construir: WHAT: WHICH: why" for the errno at hand; returns -1 so that callers can return it. */
int failed(const char *what, const char *which) {
    char line[512];
    int why = errno;
    char *p = put(line, "\nconstruir: ");
    p = put(p, what);
    if (which) {
        p = put(p, ": ");
        strncpy(p, which, 200);
        p[200] = 0;
        p += strlen(p);
    }
    p = put(p, ": ");
    p = put(p, strerrordesc_np(why) ? strerrordesc_np(why) : "unknown error");
    put(p, "\n");
    say(2, line);
    return -1;
}

long long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int read_file(const char *path, char *into, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;
    if (fd < 0) {
        return -1;
    }
    n = read(fd, into, size - 1);
    close(fd);
    if (n < 0) {
        return -1;
    }
    while (n > 0 && (into[n - 1] == '\n' || into[n - 1] == ' ')) {
        n--;
    }
    into[n] = 0;
    return (int)n;
}

void write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        say(fd, text);
        close(fd);
    }
}

/* ---- mounts and modules ---- */

static int do_mount(const char *type, const char *source, const char *target, const char *options) {
    static const struct {
        const char *name;
        unsigned long flag;
    } known[] = {{"ro", MS_RDONLY},     {"noatime", MS_NOATIME}, {"nosuid", MS_NOSUID}, {"nodev", MS_NODEV},
                 {"noexec", MS_NOEXEC}, {"remount", MS_REMOUNT}, {"silent", MS_SILENT}, {0, 0}};
    unsigned long flags = 0;
    char copy[256], data[256] = "", *save = 0, *word;
    int i, retry = 0;
    long long end = now_ms() + 5000;

    strncpy(copy, options ? options : "", sizeof copy - 1);
    copy[sizeof copy - 1] = 0;
    for (word = strtok_r(copy, ",", &save); word; word = strtok_r(0, ",", &save)) {
        for (i = 0; known[i].name && strcmp(known[i].name, word) != 0; i++) {
        }
        if (known[i].name) {
            flags |= known[i].flag;
        } else if (strcmp(word, "retry") == 0 || strcmp(word, "await") == 0) {
            retry = *word;
        } else {
            if (*data) {
                strcat(data, ",");
            }
            strcat(data, word);
        }
    }
    while (mount(source, target, type, flags, *data ? data : 0) < 0) {
        if (!retry || now_ms() > end) {
            return failed("can't mount", source);
        }
        if (retry == 'a') {
            say(2, "\nconstruir: waiting\n"); /* whoever keeps machines ready pauses this one now */
            retry = 'r';
        }
        usleep(2000);
    }
    return 0;
}

/* virtio devices say their type in sysfs as 0x0003 and the like. */
static int have_virtio(int id) {
    DIR *d = opendir("/sys/bus/virtio/devices");
    struct dirent *e;
    char path[300], value[32];
    int found = 0;
    if (!d) {
        return 0;
    }
    while (!found && (e = readdir(d))) {
        if (e->d_name[0] == '.') {
            continue;
        }
        put(put(put(path, "/sys/bus/virtio/devices/"), e->d_name), "/device");
        found = read_file(path, value, sizeof value) > 0 && strtol(value, 0, 16) == id;
    }
    closedir(d);
    return found;
}

static int do_insmod(char **files) {
    int bad = 0;
    for (; *files; files++) {
        const char *path = *files;
        int fd;
        if (*path >= '0' && *path <= '9') {
            if (!have_virtio(atoi(path))) {
                continue;
            }
            path = strchr(path, ':');
            if (!path) {
                continue;
            }
            path++;
        }
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT) {
            continue; /* kernels differ in what is a module */
        }
        if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST)) {
            bad = failed("can't load module", path);
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    return bad;
}

static int do_mkdir(char **dirs) {
    for (; *dirs; dirs++) {
        if (mkdir(*dirs, 0755) < 0 && errno != EEXIST) {
            return failed("can't make directory", *dirs);
        }
    }
    return 0;
}

/* ---- the job disk ---- */

/* Looks once. 1: found, name and serial are set. 0: not there. -1: not there, but a disk that may yet change its serial. */
static int look_for_disk(char *name, char *serial) {
    DIR *d = opendir("/sys/block");
    struct dirent *e;
    char path[300], value[64];
    int result = 0, second_without_serial = 0;
    if (!d) {
        return 0;
    }
    while (result != 1 && (e = readdir(d))) {
        if (strncmp(e->d_name, "vd", 2) != 0 || strlen(e->d_name) > 15) {
            continue;
        }
        put(put(put(path, "/sys/block/"), e->d_name), "/serial");
        if (read_file(path, value, sizeof value) < 0) {
            continue;
        }
        if (strncmp(value, "job-", 4) == 0) {
            strcpy(name, e->d_name);
            strcpy(serial, value);
            result = 1;
        } else if (strcmp(e->d_name, "vda") != 0) {
            result = -1;
            second_without_serial |= !*value && strcmp(e->d_name, "vdb") == 0;
        }
    }
    closedir(d);
    if (result != 1 && second_without_serial) { /* made by hand, without a serial */
        strcpy(name, "vdb");
        strcpy(serial, "none");
        result = 1;
    }
    return result;
}

static char job_disk[24] = "/dev/", job_serial[64];
static int failure = 1;        /* the status with which a chain ends that failed */
static const char *fallback = 0; /* or what then takes over */

static int do_wait(const char *how_long) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    struct pollfd p = {.fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT), .events = POLLIN};
    long long end = strcmp(how_long, "forever") == 0 ? -1 : now_ms() + atoi(how_long) * 1000LL;
    char drop[4096];
    int look;

    if (p.fd >= 0) {
        bind(p.fd, (struct sockaddr *)&address, sizeof address); /* without events the loop is a slower poll */
    }
    while ((look = look_for_disk(job_disk + 5, job_serial)) != 1) {
        if (end >= 0 && now_ms() >= end) {
            failure = 2;
            return -1;
        }
        /* A disk that is there may be a stand-in that becomes the job's when the machine is resumed from a memory
           image: no event tells that. A disk that is not there announces itself. */
        if (poll(&p, 1, look < 0 ? 5 : 100) > 0) {
            while (recv(p.fd, drop, sizeof drop, 0) > 0) {
            }
        }
    }
    if (p.fd >= 0) {
        close(p.fd);
    }
    return 0;
}

static int do_tell(void) {
    char line[100];
    put(put(put(put(line, job_disk + 5), " "), job_serial), "\n");
    say(1, line);
    return 0;
}

/* Programs talk to themselves by it even where there is no network. */
static int do_loopback(void) {
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0) {
        return failed("can't bring up", "lo");
    }
    close(fd);
    return 0;
}

/* ---- after a resume: time and randomness ---- */

/* Sets the clock by the RTC, which counts whole seconds: with half of one added it is half a second off at most. */
int do_clock(void) {
    struct rtc_time r;
    struct tm tm = {0};
    struct timespec t = {.tv_nsec = 500000000}, mine;
    long long ahead;
    int fd = open("/dev/rtc0", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, RTC_RD_TIME, &r) < 0) {
        return failed("can't read the clock", "/dev/rtc0");
    }
    close(fd);
    tm.tm_sec = r.tm_sec;
    tm.tm_min = r.tm_min;
    tm.tm_hour = r.tm_hour;
    tm.tm_mday = r.tm_mday;
    tm.tm_mon = r.tm_mon;
    tm.tm_year = r.tm_year;
    t.tv_sec = timegm(&tm);
    /* The kernel has done as well at its start; a clock that may be right need not be stepped. */
    clock_gettime(CLOCK_REALTIME, &mine);
    ahead = (mine.tv_sec - t.tv_sec) * 1000000000LL + mine.tv_nsec - t.tv_nsec;
    if ((ahead > 500000000 || ahead < -500000000) && clock_settime(CLOCK_REALTIME, &t) < 0) {
        return failed("can't set the clock", 0);
    }
    return 0;
}

/* A machine that was stopped in mid-job, or whose host slept, goes on with the clock as it was, and only the RTC knows. What is
   compared is the RTC with the time since the boot: the clock itself is the job's to set, and keeps what it set it to. */
struct pace {
    int rtc;           /* sysfs's file rather than the device, which only one process may have open; -1 if there is none */
    long long between; /* the RTC minus the time since the boot, ms */
    long long looked;  /* when, by the time since the boot */
};

enum { TICK = 500, STOOD = 2500 }; /* ms; the RTC counts whole seconds, so that two looks may differ by two without a stop */

static int read_rtc(int fd, long long *ms) {
    char text[32];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    if (n <= 0) {
        return -1;
    }
    text[n] = 0;
    *ms = atoll(text) * 1000 + 500;
    return 0;
}

static struct pace begin_pace(void) {
    struct pace pace = {.rtc = open("/sys/class/rtc/rtc0/since_epoch", O_RDONLY | O_CLOEXEC)};
    if (pace.rtc >= 0 && read_rtc(pace.rtc, &pace.between) < 0) {
        close(pace.rtc);
        pace.rtc = -1;
    }
    pace.looked = now_ms();
    pace.between -= pace.looked;
    return pace;
}

/* Puts the clock forward by what the machine stood; to the RTC, where it went by that. */
static void keep_pace(struct pace *pace) {
    struct timespec t;
    long long rtc, mine, stood;
    pace->looked = now_ms();
    if (pace->rtc < 0 || read_rtc(pace->rtc, &rtc) < 0) {
        return;
    }
    stood = rtc - pace->looked - pace->between;
    if (stood < STOOD && stood > -STOOD) {
        return;
    }
    pace->between += stood;
    clock_gettime(CLOCK_REALTIME, &t);
    mine = t.tv_sec * 1000LL + t.tv_nsec / 1000000;
    if (stood < 0 || (rtc - mine < STOOD && mine - rtc < STOOD)) {
        return; /* somebody has set the RTC, or the clock as well */
    }
    mine = rtc - mine - stood < STOOD && mine + stood - rtc < STOOD ? rtc : mine + stood;
    t.tv_sec = mine / 1000;
    t.tv_nsec = mine % 1000 * 1000000;
    clock_settime(CLOCK_REALTIME, &t);
}

/* Mixes bytes, and others of the device, into the random generator, and has it reseed. If those bytes are ENOUGH, it goes without the device's. */
int reseed(const void *bytes, size_t size, int enough) {
    char drawn[256];
    int out = open("/dev/urandom", O_RDWR | O_CLOEXEC), in = open("/dev/hwrng", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    long long end = now_ms() + (enough ? 50 : 5000);
    size_t got = 0;
    int bad;
    if (out < 0) {
        return failed("can't open", "/dev/urandom");
    }
    bad = write(out, bytes, size) != (ssize_t)size;
    /* The driver keeps bytes it fetched before the memory image was saved, and every clone has the same: read past them. */
    while (in >= 0 && got < 1024 && now_ms() < end) {
        ssize_t n = read(in, drawn, sizeof drawn);
        if (n > 0) {
            got += (size_t)n;
            if (write(out, drawn, (size_t)n) < 0) {
                break;
            }
        } else if (n < 0 && errno == EAGAIN) {
            usleep(500);
        } else {
            break;
        }
    }
    if (in >= 0) {
        close(in);
    }
    if (!enough && got < 256) {
        errno = ENODATA;
        bad = failed("the host gives too few random bytes", "/dev/hwrng");
    } else if (bad || ioctl(out, RNDRESEEDCRNG) < 0) {
        bad = failed("can't reseed the random generator", 0);
    }
    close(out);
    return bad ? -1 : 0;
}

/* Without a device the serial, new for every run, still tells clones of one memory image apart. */
static int do_reseed(const char *text) { return reseed(text, strlen(text), 0); }

/* ---- the job ---- */

static int console_fd = 2;

/* Anything but plain files by these names would get in the way of the supervisor's own; only rarely worth a process. */
static int do_clear(const char *jobdir) {
    static const char *const names[] = {"/construir.status", "/construir.log"};
    struct stat there;
    char path[300];
    size_t i;
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        pid_t remover;
        put(put(path, jobdir), names[i]);
        if (lstat(path, &there) < 0 || S_ISREG(there.st_mode) || unlink(path) == 0) {
            continue;
        }
        remover = fork();
        if (remover == 0) {
            execlp("rm", "rm", "-rf", path, (char *)0);
            _exit(127);
        }
        if (remover > 0) {
            waitpid(remover, 0, 0);
        }
    }
    return 0;
}

static int do_copy(const char *from, const char *to) {
    char text[4096];
    int in = open(from, O_RDONLY | O_CLOEXEC), out, bad = 0;
    ssize_t n;
    if (in < 0) {
        return 0;
    }
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    n = read(in, text, sizeof text);
    if (out < 0 || n < 0 || write(out, text, (size_t)n) != n) {
        bad = failed("can't write", to);
    }
    close(in);
    if (out >= 0) {
        close(out);
    }
    return bad;
}

/* The device of a virtio port, or 0 if there is none of that name. */
static const char *find_port(const char *wanted, char *into) {
    DIR *d = opendir("/sys/class/virtio-ports");
    struct dirent *e;
    char path[300], name[64];
    int found = 0;
    while (d && !found && (e = readdir(d))) {
        if (e->d_name[0] == '.' || strlen(e->d_name) > 30) {
            continue;
        }
        put(put(put(path, "/sys/class/virtio-ports/"), e->d_name), "/name");
        found = read_file(path, name, sizeof name) > 0 && strcmp(name, wanted) == 0;
        if (found) {
            put(put(into, "/dev/"), e->d_name);
        }
    }
    if (d) {
        closedir(d);
    }
    return found ? into : 0;
}

/* The device of the output port, or the console. */
static const char *find_live(char *into) {
    const char *port = find_port("dev.construir.output", into);
    return port ? port : "/dev/console";
}

/* The console may be stuck; a hint is not worth hanging for. */
static void announce(const char *what, const char *serial) {
    char line[128];
    struct pollfd p = {.fd = console_fd, .events = POLLOUT};
    put(put(put(put(put(line, "\nconstruir: "), what), " "), serial), "\n");
    if (poll(&p, 1, 1000) > 0) {
        say(console_fd, line);
    }
}

static void status_text(char *into, const char *serial, const char *state, const char *key, int value) {
    char *p;
    memset(into, ' ', STATUS_SIZE);
    p = put(put(put(put(put(into, "run="), serial), "\nstate="), state), "\n");
    if (key) {
        p = put(put_number(put(put(p, key), "="), value), "\n");
    }
    *p = ' ';
    into[STATUS_SIZE - 1] = '\n';
}

/* The directory is held open, so that the job can't lead the path elsewhere. */
static int create_status(int dir, const char *text) {
    int fd;
    unlinkat(dir, "construir.status", 0);
    fd = openat(dir, "construir.status", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) {
        return -1;
    }
    fchmod(fd, 0644);
    if (write(fd, text, STATUS_SIZE) != STATUS_SIZE || fsync(fd) < 0 || syncfs(dir) < 0) {
        close(fd);
        unlinkat(dir, "construir.status", 0);
        return -1;
    }
    return fd;
}

/* The end of a job is worth more than the last of its output. */
static void make_room(int dir) {
    enum { SOME = 64 << 10 };
    int fd = openat(dir, "construir.log", O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat log;
    if (fd >= 0 && fstat(fd, &log) == 0 && S_ISREG(log.st_mode) && ftruncate(fd, log.st_size > SOME ? log.st_size - SOME : 0) == 0) {
        syncfs(dir);
    }
    close(fd);
}

/* Writes the end in place, and closes the file. If the job removed, replaced or truncated it, writes a new one, for which the log gives way. */
static int finish_status(int dir, int fd, const char *text, const char *jobdir) {
    struct stat mine, there;
    unsigned long none = 0;
    int attempt;
    for (attempt = 0; attempt < 3; attempt++) {
        if (fd >= 0 && fstat(fd, &mine) == 0 && fstatat(dir, "construir.status", &there, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(there.st_mode) &&
            mine.st_ino == there.st_ino && mine.st_dev == there.st_dev && mine.st_size >= STATUS_SIZE &&
            pwrite(fd, text, STATUS_SIZE, 0) == STATUS_SIZE && ftruncate(fd, STATUS_SIZE) == 0 && fsync(fd) == 0) {
            close(fd);
            return syncfs(dir);
        }
        mount(0, jobdir, 0, MS_REMOUNT | MS_NOATIME, 0); /* the job may have made it read-only */
        ioctl(dir, FS_IOC_SETFLAGS, &none);              /* or immutable */
        if (unlinkat(dir, "construir.status", 0) < 0 && (errno == EISDIR || errno == EPERM)) {
            int there_fd = openat(dir, "construir.status", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
            if (there_fd >= 0) {
                ioctl(there_fd, FS_IOC_SETFLAGS, &none);
                close(there_fd);
            }
            if (unlinkat(dir, "construir.status", 0) < 0 && unlinkat(dir, "construir.status", AT_REMOVEDIR) < 0) {
                renameat(dir, "construir.status", dir, "construir.status.job");
            }
        }
        close(fd); /* which frees what the file took, if the job has removed it */
        if (attempt > 0) {
            make_room(dir);
        }
        fd = create_status(dir, text);
        if (fd >= 0) {
            close(fd);
            return 0;
        }
    }
    return -1;
}

static void become_quiet_child(void) {
    sigset_t none;
    int i;
    for (i = 1; i < NSIG; i++) {
        signal(i, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
}

/* Whether something is mounted on a directory below ROOT, or had better not be yet. */
static int is_mounted(const char *root, const char *dir) {
    char path[100];
    struct stat at, above;
    char *end = put(put(path, root), dir);
    if (lstat(path, &at) < 0) {
        return 0;
    }
    if (*root && S_ISLNK(at.st_mode)) {
        return 1; /* it leads elsewhere once ROOT is the root */
    }
    if (stat(path, &at) < 0) {
        return 0;
    }
    put(end, "/..");
    return stat(path, &above) == 0 && at.st_dev != above.st_dev;
}

/* Makes the nodes whose opening has the kernel load a module, as depmod lists them for this kernel: "fuse fuse c10:229". With no
   such list, or no modules, there is none. */
static void make_static_nodes(const char *root) {
    struct utsname kernel;
    char path[300], table[4096], *line, *rest = 0;
    if (uname(&kernel) < 0 || strlen(kernel.release) > 100 || strlen(root) > 100) {
        return;
    }
    put(put(put(put(path, root), "/lib/modules/"), kernel.release), "/modules.devname");
    if (read_file(path, table, sizeof table) < 0) {
        return;
    }
    for (line = strtok_r(table, "\n", &rest); line; line = strtok_r(0, "\n", &rest)) {
        char *word = 0, *name, *type, *minor = 0, *slash;
        strtok_r(line, " ", &word); /* the module */
        name = strtok_r(0, " ", &word);
        type = strtok_r(0, " ", &word);
        minor = type ? strchr(type, ':') : 0;
        if (*line == '#' || !minor || (*type != 'c' && *type != 'b') || *name == '/' || strstr(name, "..") || strlen(name) > 60) {
            continue;
        }
        put(put(put(path, root), "/dev/"), name);
        slash = strchr(name, '/');
        if (slash) {
            char *end = path + strlen(path) - strlen(slash);
            *end = 0;
            mkdir(path, 0755);
            *end = '/';
        }
        if (mknod(path, (*type == 'c' ? S_IFCHR : S_IFBLK) | 0600, makedev(atoi(type + 1), atoi(minor + 1))) == 0 &&
            (strcmp(name, "fuse") == 0 || strcmp(name, "net/tun") == 0)) {
            chmod(path, 0666); /* as udev has it: what they give away is decided later */
        }
    }
}

/* What every Linux program expects to find mounted below ROOT, but for what is there already. A root that lacks the
   directory gets it. /proc is not among them: it shows the namespace of who mounts it. */
static int furnish(const char *root) {
    static const char *const mounts[][4] = {{"sysfs", "/sys", "nosuid,nodev,noexec", ""},
                                            {"devtmpfs", "/dev", "nosuid", "mode=0755"},
                                            {"devpts", "/dev/pts", "nosuid,noexec", "gid=5,mode=620,ptmxmode=666"},
                                            {"tmpfs", "/dev/shm", "nosuid,nodev", "mode=1777"},
                                            {"tmpfs", "/run", "nosuid,nodev", "mode=0755"}};
    char options[100], path[100];
    size_t i;
    for (i = 0; i < sizeof mounts / sizeof *mounts; i++) {
        if (!is_mounted(root, mounts[i][1])) {
            put(put(path, root), mounts[i][1]);
            if (mkdir(path, 0755) == 0 || errno == EEXIST) {
                put(put(put(options, mounts[i][2]), ","), mounts[i][3]);
                if (do_mount(mounts[i][0], mounts[i][0], path, options) == 0 && strcmp(mounts[i][0], "devtmpfs") == 0) {
                    make_static_nodes(root);
                }
            }
        }
    }
    return 0;
}

/* The same with all the rest, in the root of this process. */
static void move_in(void) {
    mkdir("/proc", 0755);
    do_mount("proc", "proc", "/proc", "nosuid,nodev,noexec");
    furnish("");
    mkdir("/run/lock", 01777);
    chmod("/run/lock", 01777);
    mkdir("/tmp", 01777);
    chmod("/tmp", 01777);
    symlink("/proc/self/fd", "/dev/fd");
    symlink("/proc/self/fd/0", "/dev/stdin");
    symlink("/proc/self/fd/1", "/dev/stdout");
    symlink("/proc/self/fd/2", "/dev/stderr");
}

/* ---- modules that the kernel asks for ---- */

static const char keeper_file[] = "/tmp/keeper", modprobe_path[] = "/sbin/modprobe";

/* Has the kernel's calls of modprobe go to a keeper's namespaces, once its number (as seen from here) is written to the file
   that this opens. Not before the job: nothing in the boot waits for a module that is not there. */
static int offer_modules(char *number) {
    ssize_t n = readlink("/proc/self", number, 15);
    number[n < 0 ? 0 : n] = 0;
    unlink(modprobe_path);
    mkdir("/sbin", 0755);
    symlink("/construir-helper", modprobe_path);
    return open(keeper_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

/* The kernel runs it as root outside of the job. The modprobe that it stands for is the job's to replace, so that is run where the
   job is: in its root, and among its processes, with which it ends. */
static int modprobe(char **arguments) {
    char number[16], path[60], *end;
    int processes, mounts, status = 0;
    pid_t child;
    if (read_file(keeper_file, number, sizeof number) <= 0) {
        return 1; /* no job yet */
    }
    end = put(put(put(path, "/proc/"), number), "/ns/");
    put(end, "pid");
    processes = open(path, O_RDONLY | O_CLOEXEC);
    put(end, "mnt");
    mounts = open(path, O_RDONLY | O_CLOEXEC);
    if (processes < 0 || mounts < 0 || setns(processes, CLONE_NEWPID) < 0) {
        return 1;
    }
    child = fork();
    if (child == 0) {
        if (setns(mounts, CLONE_NEWNS) == 0) {
            execv(modprobe_path, arguments);
        }
        _exit(127);
    }
    return child < 0 || waitpid(child, &status, 0) < 0 || status != 0;
}

/* Makes ROOT the root of a mount namespace of its own. Moved there rather than only chrooted to: what the job mounts or
   unmounts stays its own affair, the way back is shut, and user namespaces work in it as they do on a real system. */
static int enter(const char *root) {
    char number[16];
    int keeper = offer_modules(number);
    if (unshare(CLONE_NEWNS) < 0 || mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) < 0 || chdir(root) < 0 ||
        mount(".", "/", 0, MS_MOVE, 0) < 0 || chroot(".") < 0 || chdir("/") < 0) {
        return failed("can't enter the root", root);
    }
    move_in();
    if (keeper >= 0) {
        say(keeper, number);
        close(keeper);
    }
    return 0;
}

/* For a job in the system's own root: a /proc of its namespace. All other mounts are the system's, and the job's are too. */
static int see_own_processes(void) {
    if (unshare(CLONE_NEWNS) < 0 || mount(0, "/proc", 0, MS_PRIVATE, 0) < 0) {
        return failed("can't make a mount namespace", 0);
    }
    return do_mount("proc", "proc", "/proc", "nosuid,nodev,noexec");
}

/* ---- what a file is, where the kernel doesn't run it ---- */

enum { HEAD = 8192 };

/* The name of an architecture by its number in an ELF header. */
static const char *architecture(int number) {
    static const struct {
        int number;
        const char *name;
    } known[] = {{2, "SPARC"}, {3, "i386"}, {8, "MIPS"}, {20, "PowerPC"}, {21, "PowerPC 64"}, {22, "s390"}, {40, "32-bit Arm"}, {43, "SPARC"},
                 {50, "Itanium"}, {62, "x86_64"}, {183, "aarch64"}, {243, "RISC-V"}, {258, "LoongArch"}, {0, 0}};
    int i;
    for (i = 0; known[i].name && known[i].number != number; i++) {
    }
    return known[i].name ? known[i].name : "an unknown architecture";
}

/* Unsigned number of SIZE bytes in an ELF header, whose byte order its sixth byte says. */
static unsigned long long elf_number(const char *header, size_t at, size_t size) {
    unsigned long long n = 0;
    size_t i;
    for (i = 0; i < size; i++) {
        n = n << 8 | (unsigned char)header[at + (header[EI_DATA] == ELFDATA2MSB ? i : size - 1 - i)];
    }
    return n;
}

/* The dynamic loader that an ELF program names, into NAME, or "". */
static void loader(int fd, const char *elf, char *name, size_t size) {
    int wide = elf[EI_CLASS] == ELFCLASS64;
    unsigned long long at = elf_number(elf, wide ? 32 : 28, wide ? 8 : 4);
    size_t each = (size_t)elf_number(elf, wide ? 54 : 42, 2), many = (size_t)elf_number(elf, wide ? 56 : 44, 2), i;
    char part[EI_NIDENT + 56] = ""; /* behind the sixth byte's place, so that elf_number can read it */
    ssize_t length = 0;
    part[EI_DATA] = elf[EI_DATA];
    for (i = 0; i < many && length == 0; i++) {
        if (pread(fd, part + EI_NIDENT, wide ? 56 : 32, (off_t)(at + i * each)) != (wide ? 56 : 32)) {
            break;
        }
        if (elf_number(part, EI_NIDENT, 4) == PT_INTERP) {
            length = pread(fd, name, size - 1, (off_t)elf_number(part, EI_NIDENT + (wide ? 8 : 4), wide ? 8 : 4));
        }
    }
    name[length > 0 ? length : 0] = 0;
}

/* What a shell may be given: nothing that holds a NUL, none of the formats that may lack one at their beginning, no other control characters in
   the first line. Scripts in any encoding that has ASCII in it are text. */
static int is_text(const char *head, size_t length) {
    static const char *const formats[] = {ELFMAG,
                                          "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe", /* Mach-O, Java */
                                          "BC\xc0\xde", "\x1bLua", "dex\n", /* bytecode */
                                          "BZh", "\x28\xb5\x2f\xfd", "LZIP\x01", "!<arch>\n", "07070", "xar!", "MSCF", "\xff\xd8\xff", "\x89PNG",
                                          "\xfe\xff", "\xff\xfe", /* byte-order marks */
                                          0};
    size_t i;
    if (length == 0 || memchr(head, 0, length)) {
        return 0;
    }
    for (i = 0; formats[i]; i++) {
        size_t size = strlen(formats[i]);
        if (length >= size && memcmp(head, formats[i], size) == 0) {
            return 0;
        }
    }
    for (i = 0; i < length && head[i] != '\n'; i++) {
        if (head[i] == 127 || ((unsigned char)head[i] < ' ' && !strchr("\a\b\t\v\f\r\033", head[i]))) {
            return 0;
        }
    }
    return 1;
}

/* What stands in a file may be anything. A carriage return, which is no blank for the kernel, should be seen. */
static char *put_name(char *at, const char *name) {
    for (; *name && !(*name == '\r' && !name[1]); name++) {
        *at++ = *name > ' ' && *name < 127 ? *name : '?';
    }
    return put(at, *name ? "\\r" : "");
}

/* Finds out how a file is to be run: TEXT, whether a shell may; NAME, the program behind "#!" or the dynamic loader it needs,
   else ""; KIND, what it is. NAME takes 256 bytes. */
static void identify(const char *file, int *text, char *name, char *kind) {
    static char head[HEAD];
    int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : pread(fd, head, sizeof head, 0);
    *name = *text = 0;
    if (length >= 64 && memcmp(head, ELFMAG, SELFMAG) == 0) {
        loader(fd, head, name, 256);
        put(put(kind, "a program for "), architecture((int)elf_number(head, 18, 2)));
    } else if (length > 2 && head[0] == '#' && head[1] == '!') {
        size_t from = 2 + strspn(head + 2, " \t"), size = strcspn(head + from, " \t\n");
        memcpy(name, head + from, size < 255 ? size : 255);
        name[size < 255 ? size : 255] = 0;
        *text = !*name && is_text(head, (size_t)length);
        put(kind, "a script");
    } else {
        *text = length > 0 && is_text(head, (size_t)length);
        put(kind, length < 0 ? "unreadable" : length == 0 ? "empty" : *text ? "a script" : "neither a program for this system nor text");
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* Becomes a program, or says why not and ends. A shell's name may be put before the arguments: there is room for it. */
void exec_program(const char *program, char **arguments, char **environment) {
    struct stat there;
    char line[1400], name[256], kind[80], *p;
    int status = 126, text, why;
    execve(program, arguments, environment);
    why = errno;
    identify(program, &text, name, kind);
    if (text && (why == ENOEXEC || why == ETXTBSY)) { /* no "#!" line: a shell would run it itself, so do we */
        char *first = arguments[0];
        arguments[-1] = "/bin/sh";
        arguments[0] = (char *)program;
        execve(arguments[-1], arguments - 1, environment);
        why = errno;
        arguments[0] = first;
        strcpy(name, arguments[-1]);
    }
    p = put(line, "construir: ");
    strncpy(p, program, 500);
    p[500] = 0;
    p = put(p + strlen(p), ": ");
    if (why == ENOENT && stat(program, &there) < 0) {
        status = 127;
        p = put(p, "not found");
    } else if (why == ENOENT) {
        status = 127;
        p = put(put_name(put(p, "its interpreter "), *name ? name : "(none is named)"), " is not in the image");
    } else if (why == EACCES && access(program, X_OK) < 0) {
        p = put(p, "not executable");
    } else {
        p = put(p, strerrordesc_np(why) ? strerrordesc_np(why) : "can't be run");
        if (*name && strcmp(kind, "a script") == 0) {
            char interpreter[256];
            put_name(put(p, ": its interpreter "), name);
            p += strlen(p);
            identify(name, &text, interpreter, kind);
            p = why == ENOEXEC ? put(put(p, " is "), kind) : p;
        } else if (why == ENOEXEC) {
            p = put(put(p, ": it is "), kind);
        }
    }
    put(p, "\n");
    say(2, line);
    _exit(status);
}

/* What a root image's own poweroff and reboot ask of process 1, where they don't do it themselves. */
static void obey(int signal_number) {
    if (signal_number == SIGUSR1 || signal_number == SIGUSR2) {
        reboot(RB_POWER_OFF); /* in a namespace this ends only the namespace; shell() does the rest */
    } else if (signal_number == SIGTERM || signal_number == SIGINT) {
        reboot(RB_AUTOBOOT);
    }
}

static const char systemd_socket[] = "/run/systemd/private", relay_socket[] = "/run/construir.private";
static int relayed; /* whether the job has the one in place of the other */

/* A systemd that is executed anew makes its socket anew, and what was mounted on the old one is gone with it. */
static void keep_relayed(void) {
    struct stat mine, there;
    if (stat(relay_socket, &mine) == 0 && stat(systemd_socket, &there) == 0 && mine.st_ino != there.st_ino) {
        mount(relay_socket, systemd_socket, 0, MS_BIND, 0);
    }
}

/* Process 1 of a namespace: adopts and reaps what is left behind. With a job it stays, and no signal does anything to it or
   by it; those that can't be blocked don't reach a process 1. With a LOGIN, which is its child, it ends when that does. */
static void mind(pid_t login) {
    struct timespec a_moment = {.tv_nsec = 200000000};
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    for (;;) {
        int signal_number;
        pid_t pid;
        while ((pid = waitpid(-1, 0, WNOHANG)) > 0) {
            if (pid == login) {
                _exit(0);
            }
        }
        signal_number = sigtimedwait(&all, 0, relayed ? &a_moment : 0);
        if (login) {
            obey(signal_number);
        }
        if (relayed) {
            keep_relayed();
        }
    }
}

/* ---- systemctl, in a process namespace ---- */

/* Moves what is there from one end to the other, with the descriptors in it. Returns 0 at its end. */
static int relay_some(int from, int to) {
    static char bytes[CHUNK];
    union {
        char space[CMSG_SPACE(64 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    struct cmsghdr *c;
    ssize_t left = recvmsg(from, &message, MSG_CMSG_CLOEXEC), n;
    if (left <= 0) {
        return 0;
    }
    for (; left > 0; left -= n) {
        part.iov_len = (size_t)left;
        n = sendmsg(to, &message, 0);
        if (n < 0) {
            return 0;
        }
        part.iov_base = (char *)part.iov_base + n;
        for (c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
            size_t i, many = c->cmsg_type == SCM_RIGHTS ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
            for (i = 0; i < many; i++) {
                int fd;
                memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
                close(fd);
            }
        }
        message.msg_controllen = 0;
    }
    return 1;
}

static void relay_one(int client) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct pollfd p[2] = {{.fd = client, .events = POLLIN}, {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), .events = POLLIN}};
    int ends[2] = {client, p[1].fd}, i, open_ends = 2;
    strcpy(address.sun_path, systemd_socket);
    if (connect(ends[1], (struct sockaddr *)&address, sizeof address) < 0) {
        _exit(1);
    }
    while (open_ends > 0 && poll(p, 2, -1) > 0) {
        for (i = 0; i < 2; i++) {
            if (p[i].revents && !relay_some(ends[i], ends[!i])) {
                shutdown(ends[!i], SHUT_WR);
                p[i].fd = -1;
                open_ends--;
            }
        }
    }
    _exit(0);
}

/* systemctl talks to systemd only by a socket whose owner it can see, and sees none outside of its process namespace. So the
   job gets a socket that its process 1 listens on, and a process outside passes on what comes there. Returns the socket, or
   -1 where there is no systemd. */
static int begin_relay(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;
    if (access(systemd_socket, F_OK) < 0) {
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, relay_socket);
    unlink(relay_socket);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || chmod(relay_socket, 0600) < 0 || listen(fd, 64) < 0) {
        return failed("can't listen", relay_socket);
    }
    if (fork() == 0) {
        signal(SIGCHLD, SIG_IGN);
        for (;;) {
            int client = accept4(fd, 0, 0, SOCK_CLOEXEC);
            if (client >= 0 && fork() == 0) {
                close(fd);
                write_file("/proc/self/oom_score_adj", "0"); /* there may be as many as the job wants */
                relay_one(client);
            }
            close(client);
        }
    }
    return fd;
}

/* The part of process 1: who listens last counts as who is at the other end. What is mounted here stays out of the system. */
static void own_relay(int fd) {
    if (fd < 0) {
        return;
    }
    if (listen(fd, 64) < 0 || mount(0, "/run", 0, MS_SLAVE, 0) < 0 || mount(relay_socket, systemd_socket, 0, MS_BIND, 0) < 0) {
        failed("the job can't use systemctl", systemd_socket);
    }
    relayed = 1;
    close(fd);
}

struct stream {
    int log, live;
    long long log_lost, live_lost, live_written, live_moved, log_due; /* when the log is to be synced, 0: nothing to sync */
    size_t from, to;
    char pending[PENDING];
};

static void write_log(struct stream *s, const char *bytes, size_t size) {
    char note[100];
    if (s->log < 0) {
        return;
    }
    if (s->log_lost) { /* there may be room again */
        put(put(put_number(put(note, "\n[construir: "), s->log_lost), " bytes are missing here: /job was full]"), "\n");
        if (write(s->log, note, strlen(note)) != (ssize_t)strlen(note)) {
            s->log_lost += (long long)size;
            return;
        }
        s->log_lost = 0;
    }
    while (size) {
        ssize_t n = write(s->log, bytes, size);
        if (n <= 0) {
            s->log_lost += (long long)size;
            return;
        }
        bytes += n;
        size -= (size_t)n;
    }
    if (!s->log_due) {
        s->log_due = now_ms() + LOG_DELAY;
    }
}

/* Moves pending bytes on as far as the live stream takes them without blocking. */
static void push_live(struct stream *s) {
    struct pollfd p = {.fd = s->live, .events = POLLOUT};
    int reopened = 0;
    while (s->from < s->to) {
        ssize_t n = write(s->live, s->pending + s->from, s->to - s->from);
        if (n < 0 && errno == EIO && !reopened++ && reopen(s->live) == 0) {
            continue; /* it is a terminal, and was hung up */
        }
        if (n <= 0) {
            break;
        }
        s->from += (size_t)n;
        s->live_written += n;
        s->live_moved = now_ms();
    }
    /* Nobody at the other end, or nobody who has read for ten seconds: the log has it all, the job goes on. */
    if (s->from < s->to && ((poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR))) || now_ms() - s->live_moved > 10000)) {
        s->live_lost += (long long)(s->to - s->from);
        s->from = s->to = 0;
    }
    if (s->from == s->to) {
        s->from = s->to = 0;
    }
}

static void write_live(struct stream *s, const char *bytes, size_t size) {
    char note[100];
    if (s->live < 0) {
        return;
    }
    if (s->from == s->to) {
        s->live_moved = now_ms();
        if (s->live_lost) {
            ssize_t n;
            put(put(put_number(put(note, "\n[construir: "), s->live_lost), " bytes were not taken; the log has them]"), "\n");
            n = write(s->live, note, strlen(note));
            s->live_written += n > 0 ? n : 0;
            if (n != (ssize_t)strlen(note)) {
                s->live_lost += (long long)size;
                return;
            }
            s->live_lost = 0;
        }
    }
    if (s->to + size > PENDING) {
        memmove(s->pending, s->pending + s->from, s->to - s->from);
        s->to -= s->from;
        s->from = 0;
    }
    memcpy(s->pending + s->to, bytes, size);
    s->to += size;
    push_live(s);
}

static int room(const struct stream *s) { return s->to - s->from <= PENDING - CHUNK; }

static char chunk[CHUNK];

/* Reads up to LIMIT bytes and hands them on, to the log first. Returns what read(2) does. */
static ssize_t pass(struct stream *s, int from, size_t limit) {
    ssize_t n = read(from, chunk, limit < CHUNK ? limit : CHUNK);
    if (n > 0) {
        write_log(s, chunk, (size_t)n);
        write_live(s, chunk, (size_t)n);
    }
    return n;
}

/* How a job ended. */
struct end {
    int job, keeper; /* wait statuses of its main process, and of process 1 of its namespace */
};

/* Waits for the end of the job and of all that it left behind, passing its output on. Returns 0, or -1 if that can't be known.
   OUTPUT becomes -1 when the job has closed it. WHAT is announced when the console was hung up. */
static int follow(struct stream *s, int *output, int report, struct end *end, const char *what, const char *serial) {
    int console = console_fd;
    struct pace pace = begin_pace();
    for (;;) {
        struct pollfd p[4] = {{.fd = report, .events = POLLIN},
                              {.fd = room(s) ? *output : -1, .events = POLLIN},
                              {.fd = s->from < s->to ? s->live : -1, .events = POLLOUT},
                              {.fd = console}};
        poll(p, 4, s->from < s->to || s->log_due || pace.rtc >= 0 ? TICK : -1);
        if (now_ms() - pace.looked >= TICK) {
            keep_pace(&pace);
        }
        if (p[3].revents) { /* hung up, and with that some of what was printed last is lost: the host may wait for it */
            console = p[3].revents & POLLHUP && reopen(console) == 0 ? console : -1;
            announce(what, serial);
        }
        if (s->log_due && now_ms() >= s->log_due) {
            fdatasync(s->log);
            s->log_due = 0;
        }
        if (p[2].fd >= 0) {
            push_live(s);
        }
        if (p[0].revents) {
            break; /* before the output: a daemon that never stops printing must not hide the end */
        }
        if (p[1].revents && pass(s, *output, CHUNK) == 0) {
            close(*output); /* the job closed its output and runs on: nothing more to pass, only an end to wait for */
            *output = -1;
        }
    }
    return read(report, end, sizeof *end) == (ssize_t)sizeof *end ? 0 : -1;
}

/* Passes on what is still in the pipe, as far as the live stream takes it. */
static void drain(struct stream *s, int output) {
    if (output >= 0) {
        int left = 0; /* all that the job wrote is in the pipe by now; should anyone still add to it, that is not waited for */
        ioctl(output, FIONREAD, &left);
        while (left > 0) {
            ssize_t n;
            while (!room(s)) {
                struct pollfd wait = {.fd = s->live, .events = POLLOUT};
                poll(&wait, 1, 1000);
                push_live(s);
            }
            n = pass(s, output, (size_t)left);
            if (n <= 0) {
                break;
            }
            left -= (int)n;
        }
    }
    while (s->from < s->to) { /* push_live() knows when to give up */
        struct pollfd wait = {.fd = s->live, .events = POLLOUT};
        poll(&wait, 1, 1000);
        push_live(s);
    }
}

/* Waits until the host has read what was printed. At power-off the kernel resets the port, and what waits in its queue is
   gone; nothing else tells whether anything does. A host says on the port, each number on a line, how many bytes it has read
   so far, and begins with 0. One that says nothing gets a second, one that reads on gets what time it needs. */
static void await_taken(const struct stream *s) {
    long long taken = 0, number = 0, end = now_ms() + SILENT_HOST;
    char said[4096];
    struct pollfd p = {.fd = s->live, .events = POLLIN};
    struct termios terminal;
    if (s->live < 0 || s->live_written == 0 || tcgetattr(s->live, &terminal) == 0) {
        return; /* a terminal's input is people's, and its output ends in a wire */
    }
    while (taken < s->live_written) {
        long long left = end - now_ms();
        ssize_t n, i;
        if (left <= 0 || poll(&p, 1, (int)left) <= 0 || (n = read(s->live, said, sizeof said)) == 0 || (n < 0 && errno != EAGAIN)) {
            return;
        }
        for (i = 0; i < n; i++) {
            if (said[i] >= '0' && said[i] <= '9' && number < 1LL << 59) {
                number = number * 10 + (said[i] - '0');
            } else {
                taken = said[i] == '\n' ? number : taken;
                number = 0;
            }
        }
        if (n > 0) {
            end = now_ms() + STUCK_HOST;
        }
    }
}

/* Says of the disk that is thrown away what nobody can look up afterwards. */
static void tell_exhausted(const char *root) {
    struct statvfs room;
    if (statvfs(*root ? root : "/", &room) < 0) {
        return;
    }
    if (room.f_files && !room.f_ffree) {
        announce("no inodes left on", "/");
    }
    if (room.f_blocks && !room.f_bavail) {
        announce("no room left on", "/");
    }
}

static int power(const char *how);
static int do_killall(void);
static int do_trim(const char *dir);
static int do_umount(const char *dir);

/* Starts process 1 of the job's namespaces, which is the job's to look into: it holds nothing but its own. Returns its number once
   all is there. */
static pid_t start_keeper(const char *root, int relay) {
    int ready[2], own_root = *root != 0, fd;
    char byte = 0;
    pid_t keeper;
    if (pipe2(ready, O_CLOEXEC) < 0) {
        return failed("can't make a pipe", 0);
    }
    keeper = fork();
    if (keeper == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* the kernel kills all but its first process if somebody presses the keys for that */
        if ((own_root ? enter(root) : see_own_processes()) < 0) {
            _exit(1);
        }
        own_relay(relay);
        if (write(ready[1], &byte, 1) < 0) {
            _exit(1);
        }
        for (fd = 3; fd < 64; fd++) { /* more than were opened */
            close(fd);
        }
        mind(0);
    }
    close(ready[1]);
    if (keeper < 0 || read(ready[0], &byte, 1) != 1) {
        keeper = failed("can't make the job's namespaces", 0);
    }
    close(ready[0]);
    return keeper;
}

/* Enters the mounts of another process. */
static int join_mounts(pid_t of) {
    char path[40];
    int mounts;
    put(put_number(put(path, "/proc/"), of), "/ns/mnt");
    mounts = open(path, O_RDONLY | O_CLOEXEC);
    return mounts < 0 ? -1 : setns(mounts, CLONE_NEWNS);
}

/* Kills process 1 of a namespace, and with it every process in there, before waitpid returns. Bounded, as a process may hang in the kernel.
   Returns its wait status. */
static int end_keeper(pid_t keeper) {
    long long patience = now_ms() + 30000; /* there may be thousands */
    int status = 0;
    if (keeper) {
        kill(keeper, SIGKILL);
        while (waitpid(keeper, &status, WNOHANG) == 0 && now_ms() < patience) {
            usleep(1000);
        }
    }
    return status;
}

/* The parent of the job and of its process 1. It is outside of their namespace, so that nothing in there can speak for it; and it writes to
   no file of the job's, so that nothing holds it up. Reports how the job ended, after all that the job left behind has. */
static void watch_over(const char *root, const char *command, char **environment, int relay, int output, int report, int jobdir) {
    int own_root = *root != 0, own_namespace = unshare(CLONE_NEWPID) == 0;
    struct end end = {0, 0};
    pid_t keeper = 0, job;
    char *arguments[] = {0, (char *)command, 0};
    if (!own_namespace && own_root) {
        failed("can't make a process namespace", 0);
        _exit(1);
    }
    if (own_namespace && (keeper = start_keeper(root, relay)) < 0) {
        _exit(1);
    }
    job = fork();
    if (job == 0) {
        int null;
        if (keeper && join_mounts(keeper) < 0) {
            failed("can't join the job's mounts", 0);
            _exit(126);
        }
        become_quiet_child();
        setsid();
        write_file("/proc/self/oom_score_adj", "0");
        null = open("/dev/null", O_RDONLY);
        dup2(output, 1);
        dup2(output, 2);
        if (null < 0) {
            close(0);
        } else if (null != 0) {
            dup2(null, 0);
            close(null);
        }
        if (chdir("/job") < 0) {
            failed("can't change to", "/job");
        }
        exec_program(command, arguments + 1, environment);
    }
    close(output); /* or the job's output would never end */
    if (job < 0 || waitpid(job, &end.job, 0) != job) {
        _exit(1);
    }
    ioctl(jobdir, FITHAW, 0); /* else the supervisor waits in a write to a file system that the job has frozen */
    if (end.job) {
        tell_exhausted(root);
    }
    /* Until then the status file and the log are anybody's. */
    end.keeper = end_keeper(keeper);
    _exit(write(report, &end, sizeof end) == (ssize_t)sizeof end ? 0 : 1);
}

/* Waits for what has lost its parent, which process 1 of the machine adopts. Bounded, as a process may hang in the kernel. */
static void await_children(int is_first) {
    long long patience = now_ms() + 30000;
    while (is_first && waitpid(-1, 0, WNOHANG) >= 0 && now_ms() < patience) {
        usleep(1000);
    }
}

/* From now on to the end of the machine: no signal that can be blocked ends this process, nor does a lack of memory. In a system's own root its
   pages would have to be read from a disk that the job may write to. */
static void protect(int own_root) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0); /* become_quiet_child undoes it */
    signal(SIGPIPE, SIG_IGN);
    write_file("/proc/self/oom_score_adj", "-1000");
    if (!own_root && mlockall(MCL_CURRENT | MCL_FUTURE) < 0) {
        failed("can't lock its memory", 0);
    }
}

/* ---- sandboxes ---- */

static const char sandbox_port[] = "dev.construir.sandbox";

/* What the job disk asks for: 0 for a job, 's' for a sandbox, 'f' for one after a job that failed, -1 for what is not known. */
static int asked_for(int dir) {
    char line[32];
    struct stat there;
    ssize_t n;
    int fd = openat(dir, "construir.sandbox", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    n = fstat(fd, &there) == 0 && S_ISREG(there.st_mode) ? read(fd, line, sizeof line - 1) : -2;
    close(fd);
    if (n == -2) {
        return 0;
    }
    line[n > 0 ? n : 0] = 0;
    line[strcspn(line, "\n")] = 0;
    errno = EINVAL;
    return strcmp(line, "sandbox") == 0 ? 's' : strcmp(line, "on-failure") == 0 ? 'f' : -1;
}

/* Opened before anything of the job's runs: only one process at a time may have it. Waits for it, as it may be just appearing. */
static int open_sandbox_port(int patient) {
    char port[40];
    long long end = now_ms() + (patient ? 2000 : 0);
    const char *found;
    while (!(found = find_port(sandbox_port, port)) && now_ms() < end) {
        usleep(5000);
    }
    errno = ENODEV;
    return found ? open(found, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
}

/* The agent, in the place of watch_over: outside of the namespace that all it starts lives in. How its time ended is its exit status, as a pipe
   could be taken from a process that it has just forked, by those that run beside that one. */
static void attend(const char *root, char **environment, int relay, int jobdir, int port) {
    int own_root = *root != 0, own_namespace = unshare(CLONE_NEWPID) == 0, how;
    struct sandbox box = {.port = port, .environment = environment};
    if (!own_namespace && own_root) {
        failed("can't make a process namespace", 0);
        _exit(SANDBOX_FAILED);
    }
    if (own_namespace && (box.keeper = start_keeper(root, relay)) < 0) {
        _exit(SANDBOX_FAILED);
    }
    if (!own_root && mlockall(MCL_CURRENT | MCL_FUTURE) < 0) { /* which the fork has undone */
        failed("can't lock its memory", 0);
    }
    how = serve(&box);
    ioctl(jobdir, FITHAW, 0);
    end_keeper(box.keeper);
    _exit(how);
}

/* Runs an agent to its end, and returns how it ended. */
static int run_sandbox(struct stream *s, const char *root, char **environment, int relay, int jobdir, int port, const char *what, const char *serial) {
    int status, end, none = -1;
    struct end nothing;
    pid_t agent = fork();
    if (agent == 0) {
        attend(root, environment, relay, jobdir, port);
    }
    if (agent < 0) {
        failed("can't start a process", 0);
        return SANDBOX_FAILED;
    }
    end = (int)syscall(SYS_pidfd_open, agent, 0);
    if (end < 0) { /* Linux before 5.3: the clock is not kept meanwhile */
        failed("can't watch over the agent", 0);
    } else {
        follow(s, &none, end, &nothing, what, serial);
        close(end);
    }
    if (waitpid(agent, &status, 0) != agent || !WIFEXITED(status)) {
        await_children(*root != 0);
        return SANDBOX_FAILED;
    }
    return WEXITSTATUS(status);
}

/* Runs the job, to the end of all that it has left behind. OUTPUT[0] is then what may still hold some of its output, or -1. */
static int run_job(struct stream *s, const char *serial, const char *root, const char *command, char **environment, int relay, int *output,
                   struct end *end, int dir) {
    int report[2], status, watched;
    pid_t watcher;
    if (pipe2(output, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0) {
        return failed("can't make a pipe", 0);
    }

    announce("started", serial);
    watcher = fork();
    if (watcher == 0) {
        close(output[0]);
        close(report[0]);
        watch_over(root, command, environment, relay, output[1], report[1], dir);
    }
    close(output[1]);
    close(report[1]);
    if (watcher < 0) {
        return failed("can't start a process", 0);
    }
    watched = follow(s, output, report[0], end, "started", serial);
    if (waitpid(watcher, &status, 0) == watcher && WIFSIGNALED(status) && watched < 0) {
        end->job = end->keeper = status; /* whatever took it away has taken the job's first process with it, and so the job */
        await_children(*root != 0);
    } else if (watched < 0) {
        errno = ESRCH;
        return failed("the job can't be watched", 0);
    }
    return 0;
}

/*
 * Runs COMMAND, which is a path inside ROOT, and writes JOBDIR/construir.status and JOBDIR/construir.log. What the job
 * leaves running is killed before its end is written. A disk that asks for a sandbox gets one in place of the job, or after it.
 * Four processes: this one passes output on and writes the status; its child watches over the job; that one's children are the job itself, and a
 * keeper, which is process 1 of the job's PID namespace and adopts daemons. The job can't see the first two, and killing the keeper kills
 * all the job's. There is no such namespace in a system whose kernel can't.
 */
static int run(const char *serial, const char *root, const char *live, const char *jobdir, const char *command) {
    static struct stream s;
    char text[STATUS_SIZE + 8], run_variable[100], port[40];
    char *environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                           "HOME=/root",
                           "USER=root",
                           "LOGNAME=root",
                           "SHELL=/bin/sh",
                           "LANG=C.UTF-8",
                           "TERM=dumb",
                           "CONSTRUIR=1",
                           run_variable,
                           0};
    int dir, status_fd, output[2] = {-1, -1}, status, ended, own_root = *root != 0, relay, asked, sandbox = -1, how;
    struct end end = {0, 0};

    put(put(run_variable, "CONSTRUIR_RUN="), serial);
    protect(own_root);
    umask(022);

    relay = own_root ? -1 : begin_relay(); /* first, as it should hold nothing of /job */
    dir = open(jobdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return failed("can't open", jobdir);
    }
    asked = asked_for(dir);
    if (asked < 0) {
        return failed("unknown kind of sandbox", "construir.sandbox");
    }
    if (asked && (sandbox = open_sandbox_port(asked == 's')) < 0 && asked == 's') {
        return failed("can't open the port", sandbox_port);
    }
    status_text(text, serial, "started", 0, 0);
    status_fd = create_status(dir, text);
    if (status_fd < 0) {
        return failed("can't write construir.status", jobdir);
    }
    s.log = openat(dir, "construir.log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (s.log < 0) {
        failed("can't write construir.log", jobdir); /* the job can still run, and be watched */
    }
    if (!*live) {
        live = find_live(port);
    }
    s.live = open(live, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (s.live < 0) {
        failed("can't open the live output", live);
    }
    if (asked == 's') {
        announce("started", serial);
        how = run_sandbox(&s, root, environment, relay, dir, sandbox, "started", serial);
        if (how == SANDBOX_POWER_OFF || how == SANDBOX_REBOOT) {
            power(how == SANDBOX_REBOOT ? "reboot" : "off");
        }
        if (how != SANDBOX_ENDED) {
            errno = EPROTO;
            return failed("the sandbox ended", 0);
        }
    } else if (run_job(&s, serial, root, command, environment, relay, output, &end, dir) < 0) {
        return -1;
    }
    /* reboot(2) inside a PID namespace kills its process 1, by SIGHUP to restart and by SIGINT to power off or halt, and the job with
       it: the job asked for that, so it gets it, without a status. */
    if (WIFSIGNALED(end.job) && WTERMSIG(end.job) == SIGKILL && WIFSIGNALED(end.keeper) &&
        (WTERMSIG(end.keeper) == SIGHUP || WTERMSIG(end.keeper) == SIGINT)) {
        drain(&s, output[0]);
        await_taken(&s);
        power(WTERMSIG(end.keeper) == SIGHUP ? "reboot" : "off");
    }
    if (!own_root) {
        do_killall(); /* in a system that booted by itself, others may have started something for the job */
    }
    status = end.job;
    drain(&s, output[0]);
    if (s.log >= 0) {
        close(s.log);
    }
    status_text(text, serial, "ended", WIFSIGNALED(status) ? "signal" : "exit", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    ended = finish_status(dir, status_fd, text, jobdir);
    if (ended < 0) {
        failed("can't write the end into construir.status", jobdir);
    }
    await_taken(&s);
    if (ended == 0 && status != 0 && sandbox >= 0) {
        announce("failed", serial);
        status_fd = openat(dir, "construir.status", O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        how = run_sandbox(&s, root, environment, relay, dir, sandbox, "failed", serial);
        if (how == SANDBOX_POWER_OFF || how == SANDBOX_REBOOT) {
            power(how == SANDBOX_REBOOT ? "reboot" : "off");
        }
        ended = finish_status(dir, status_fd, text, jobdir); /* it stays the job's, whatever was done to the file */
        if (!own_root) {
            do_killall();
        }
    }
    if (ended == 0) {
        announce("ended", serial);
    }
    close(dir);
    return 0;
}

/* Whoever keeps the root disk wants it clean, and as small as it can be. */
static void leave(const char *root, const char *how) {
    char bound[100];
    put(put(bound, root), "/etc/resolv.conf"); /* the script may have put its own over the root's */
    umount2(bound, 0);
    do_trim(root);
    do_umount(root);
    power(how);
}

/* A login, or whatever else needs the console, in the root image. */
static int shell(const char *root, char **command) {
    char *environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=vt100", 0};
    pid_t keeper;
    int status;
    if (unshare(CLONE_NEWPID) < 0) {
        return failed("can't make a process namespace", 0);
    }
    keeper = fork();
    if (keeper == 0) {
        pid_t child;
        if (enter(root) < 0) {
            _exit(1);
        }
        child = fork();
        if (child == 0) {
            become_quiet_child();
            setsid();
            execve(command[0], command, environment);
            failed("can't run", command[0]);
            _exit(127);
        }
        mind(child);
    }
    if (keeper < 0 || waitpid(keeper, &status, 0) < 0) {
        return failed("can't start a process", 0);
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP) {
        leave(root, "reboot");
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) {
        leave(root, "off");
    }
    return 0;
}

/* ---- the end ---- */

/* The parent of a process, and in STATE the letter of its state; -1 if there is no such process. */
static pid_t parent_of(pid_t pid, char *state) {
    char path[64], text[512], *p;
    put(put_number(put(path, "/proc/"), pid), "/stat");
    if (read_file(path, text, sizeof text) < 0 || !(p = strrchr(text, ')')) || strlen(p) < 5) {
        return -1;
    }
    *state = p[2]; /* ") S 123" */
    return (pid_t)atoi(p + 4);
}

static int is_ancestor(pid_t pid) {
    char state;
    pid_t at = getpid();
    while (at > 1 && at != pid) {
        at = parent_of(at, &state);
    }
    return at == pid;
}

/* Kills until a look finds nobody: what is killed may have forked meanwhile. Not for ever, as an init may restart its
   services as fast as they are killed. */
static int do_killall(void) {
    long long end = now_ms() + 500;
    int found;
    do {
        DIR *d = opendir("/proc");
        struct dirent *e;
        if (!d) {
            return failed("can't open", "/proc");
        }
        found = 0;
        while ((e = readdir(d))) {
            char state = 0;
            pid_t pid = (pid_t)atoi(e->d_name), parent;
            if (pid <= 2 || is_ancestor(pid)) {
                continue;
            }
            parent = parent_of(pid, &state);
            if (parent >= 0 && parent != 2 && state != 'Z' && state != 'X') { /* 2 is the parent of the kernel's threads */
                found = 1;
                kill(pid, SIGKILL);
            }
        }
        closedir(d);
        if (found) {
            usleep(2000);
        }
    } while (found && now_ms() < end);
    return 0;
}

static int do_trim(const char *dir) {
    struct fstrim_range all = {.start = 0, .len = ~0ULL, .minlen = 0};
    int fd = open(dir, O_RDONLY | O_CLOEXEC), result;
    if (fd < 0) {
        return failed("can't open", dir);
    }
    result = ioctl(fd, FITRIM, &all);
    if (result < 0 && errno != EOPNOTSUPP && errno != ENOTTY) {
        failed("can't discard free space", dir);
    }
    close(fd);
    return result;
}

static int do_umount(const char *dir) {
    int attempt, fd;
    for (attempt = 0; attempt < 20; attempt++) {
        if (umount2(dir, 0) == 0) {
            return 0;
        }
        if (errno != EBUSY) {
            return failed("can't unmount", dir);
        }
        usleep(5000);
    }
    failed("can't unmount, making it read-only instead", dir);
    fd = open(dir, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        syncfs(fd);
        close(fd);
    }
    if (mount(0, dir, 0, MS_REMOUNT | MS_RDONLY, 0) < 0) {
        write_file("/proc/sysrq-trigger", "u");
        usleep(200000); /* that one is done by a kernel thread, later */
    }
    umount2(dir, MNT_DETACH);
    return 0;
}

static int power(const char *how) {
    reboot(strcmp(how, "reboot") == 0 ? RB_AUTOBOOT : strcmp(how, "halt") == 0 ? RB_HALT_SYSTEM : RB_POWER_OFF);
    return failed("can't power", how);
}

static int step(int n, char **a) {
    const char *name = a[0];
    int i;
    for (i = 1; i < n; i++) {
        a[i] = strcmp(a[i], "@disk") == 0 ? job_disk : strcmp(a[i], "@serial") == 0 ? job_serial : a[i];
    }
    if (strcmp(name, "mount") == 0 && n >= 4) {
        return do_mount(a[1], a[2], a[3], n > 4 ? a[4] : 0);
    }
    if (strcmp(name, "mkdir") == 0) {
        return do_mkdir(a + 1);
    }
    if (strcmp(name, "insmod") == 0) {
        return do_insmod(a + 1);
    }
    if (strcmp(name, "else") == 0 && n == 2) {
        fallback = a[1];
        return 0;
    }
    if (strcmp(name, "ready") == 0) {
        say(2, "\nconstruir: ready\n");
        return 0;
    }
    if (strcmp(name, "wait") == 0 && n == 2) {
        return do_wait(a[1]);
    }
    if (strcmp(name, "tell") == 0) {
        return do_tell();
    }
    if (strcmp(name, "loopback") == 0) {
        return do_loopback();
    }
    if (strcmp(name, "clock") == 0) {
        return do_clock();
    }
    if (strcmp(name, "reseed") == 0 && n == 2) {
        return do_reseed(a[1]);
    }
    if (strcmp(name, "clear") == 0 && n == 2) {
        return do_clear(a[1]);
    }
    if (strcmp(name, "furnish") == 0 && n == 2) {
        return furnish(a[1]);
    }
    if (strcmp(name, "copy") == 0 && n == 3) {
        return do_copy(a[1], a[2]);
    }
    if (strcmp(name, "run") == 0 && n == 6) {
        return run(a[1], a[2], a[3], a[4], a[5]);
    }
    if (strcmp(name, "shell") == 0 && n >= 3) {
        return shell(a[1], a + 2);
    }
    if (strcmp(name, "killall") == 0) {
        return do_killall();
    }
    if (strcmp(name, "trim") == 0 && n == 2) {
        return do_trim(a[1]);
    }
    if (strcmp(name, "umount") == 0 && n == 2) {
        return do_umount(a[1]);
    }
    if (strcmp(name, "power") == 0 && n == 2) {
        return power(a[1]);
    }
    errno = EINVAL;
    return failed("no such step", name);
}

int main(int argc, char **argv) {
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    int from = 1, to;
    if (strcmp(name, "poweroff") == 0 || strcmp(name, "halt") == 0 || strcmp(name, "reboot") == 0) {
        sync();
        return power(*name == 'r' ? name : "off") < 0;
    }
    if (strcmp(name, "modprobe") == 0) {
        return modprobe(argv);
    }
    for (; from < argc; from = to + 1) {
        int optional;
        for (to = from; to < argc && strcmp(argv[to], ",") != 0; to++) {
        }
        argv[to] = 0;
        if (to == from) {
            continue;
        }
        optional = strcmp(argv[from], "try") == 0 && to - from > 1;
        from += optional;
        if (step(to - from, argv + from) < 0 && !optional) {
            if (fallback) {
                execl(fallback, fallback, failure == 2 ? "--no-job" : "--failed", (char *)0);
                failed("can't run", fallback);
                power("off"); /* process 1 must not end: that would be a panic, which says something else */
            }
            return failure;
        }
    }
    return 0;
}

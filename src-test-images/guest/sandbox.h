/* What the parts of construir-helper share. */
#ifndef CONSTRUIR_SANDBOX_H
#define CONSTRUIR_SANDBOX_H

#include <stddef.h>
#include <sys/types.h>

/* construir-helper.c */
char *put(char *at, const char *text);
char *put_number(char *at, long long n);
void say(int fd, const char *text);
int failed(const char *what, const char *which);
long long now_ms(void);
int read_file(const char *path, char *into, size_t size);
void write_file(const char *path, const char *text);
int do_clock(void);
int reseed(const void *bytes, size_t size, int enough);
void exec_program(const char *program, char **arguments, char **environment);

/* sandbox.c */
struct sandbox {
    int port;           /* the virtio port, open and non-blocking */
    pid_t keeper;       /* process 1 of the sandbox, 0 if it has no process namespace of its own */
    char **environment; /* a job's */
};

/* How an agent's time ends; its process's exit status. */
enum { SANDBOX_ENDED, SANDBOX_FAILED, SANDBOX_POWER_OFF, SANDBOX_REBOOT };

int serve(const struct sandbox *box);

/* trees.c: each runs as a process of its own, with the tree as its input or output, and returns its exit status. */
int unpack(const char *directory);
int pack(const char *path);

#endif

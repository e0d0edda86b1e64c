/*
 * Calls that the link redirects (-Wl,--wrap): allocations that fail when an input says so, and what must not reach the machine on
 * which the fuzzer runs.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz_host.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

int fuzz_fail_at, fuzz_fail_times, fuzz_has_failed, fuzz_no_openat2, fuzz_inside;

static int fails(void) {
  if (!fuzz_inside || fuzz_fail_at == 0)
    return 0;
  if (fuzz_fail_at > 1) {
    fuzz_fail_at--;
    return 0;
  }
  if (fuzz_fail_times-- <= 0) {
    fuzz_fail_at = 0;
    return 0;
  }
  fuzz_has_failed = 1;
  errno = ENOMEM;
  return 1;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);

void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { return fails() ? NULL : __real_calloc(count, size); }
void *__wrap_realloc(void *block, size_t size) { return fails() ? NULL : __real_realloc(block, size); }

/* Reads every string, as the kernel would, and fails as the program's name says. */
int __wrap_execve(const char *path, char *const argv[], char *const environment[]);
int __wrap_execve(const char *path, char *const argv[], char *const environment[]) {
  size_t bytes = strlen(path), i;
  for (i = 0; argv[i] != NULL; i++)
    bytes += strlen(argv[i]);
  for (i = 0; environment[i] != NULL; i++)
    bytes += strlen(environment[i]);
  errno = bytes % 5 == 0 ? EACCES : bytes % 5 == 1 ? ENOEXEC : bytes % 5 == 2 ? ENOTDIR : bytes % 5 == 3 ? E2BIG : ENOENT;
  return -1;
}

int __wrap_kill(pid_t pid, int number);
int __wrap_kill(pid_t pid, int number) {
  (void)pid;
  errno = number < 0 || number > 64 ? EINVAL : ESRCH;
  return -1;
}

int __wrap_setpriority(int which, id_t who, int nice);
int __wrap_setpriority(int which, id_t who, int nice) {
  (void)which, (void)who, (void)nice;
  errno = ESRCH;
  return -1;
}

pid_t fuzz_children[FUZZ_MOST_CHILDREN];
int fuzz_child_count;

pid_t __real_fork(void);
pid_t __wrap_fork(void);
pid_t __wrap_fork(void) {
  pid_t pid = __real_fork();
  if (pid > 0 && fuzz_inside && fuzz_child_count < FUZZ_MOST_CHILDREN)
    fuzz_children[fuzz_child_count++] = pid;
  return pid;
}

/* Nobody makes room while a call waits for it. */
int __real_poll(struct pollfd *all, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *all, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *all, nfds_t count, int timeout) {
  if (!fuzz_inside || timeout >= 0)
    return __real_poll(all, count, timeout);
  if (__real_poll(all, count, 0) > 0)
    return 1;
  errno = EIO;
  return -1;
}

/* Nobody else's port, and no packet. */
int __real_bind(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t length) {
  if (address->sa_family == AF_UNIX || ((const struct sockaddr_in *)address)->sin_port == 0)
    return __real_bind(fd, address, length);
  errno = EADDRINUSE;
  return -1;
}

int __real_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length) {
  if (address->sa_family == AF_UNIX)
    return __real_connect(fd, address, length);
  errno = ((const struct sockaddr_in *)address)->sin_port & 1 ? EINPROGRESS : ECONNREFUSED;
  return -1;
}

/* No call of the host has more arguments; a seventh would be read from the caller's stack. */
long __real_syscall(long number, long a, long b, long c, long d, long e);
long __wrap_syscall(long number, long a, long b, long c, long d, long e);
long __wrap_syscall(long number, long a, long b, long c, long d, long e) {
  if (number == SYS_openat2 && fuzz_no_openat2) {
    errno = ENOSYS;
    return -1;
  }
  return __real_syscall(number, a, b, c, d, e);
}

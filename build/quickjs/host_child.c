/*
 * Forked children that do one thing which may hang (a dead NFS or FUSE server) or must not be done here, and write what they find to a
 * pipe. The caller ends them at a deadline.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define LAST_SIGNAL 64

/* close_range since 5.9. Before: what is beyond stays open, which the parent has only with so many clients. */
static void close_others(int keep) {
  if ((keep <= 0 || syscall(SYS_close_range, 0, keep - 1, 0) == 0) && syscall(SYS_close_range, keep + 1, ~0u, 0) == 0)
    return;
  for (int fd = 0; fd < 1024; fd++)
    if (fd != keep)
      close(fd);
}

void host_child_reset_signals(void) {
  sigset_t none;
  for (int number = 1; number <= LAST_SIGNAL; number++)
    signal(number, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

void host_child_begin(int keep) {
  close_others(keep);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  host_child_reset_signals();
  umask(0);
}

pid_t host_child_fork(void) {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  pid_t pid = fork();
  if (pid != 0) {
    int saved = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = saved;
  }
  return pid;
}

JSValue host_child_start(JSContext *ctx, int (*work)(void *job, int out), void *job) {
  int ends[2];
  /* Before anything is started that would then be nobody's. */
  JSValue row = host_new_numbers(ctx, (double[]){-1, -1}, 2);
  if (JS_IsException(row))
    return row;
  if (pipe2(ends, O_CLOEXEC) < 0) {
    JS_FreeValue(ctx, row);
    return JS_NewInt32(ctx, -errno);
  }
  pid_t pid = host_child_fork();
  if (pid == 0) {
    host_child_begin(ends[1]);
    _exit(work(job, ends[1]));
  }
  int error = pid < 0 ? errno : 0;
  close(ends[1]);
  if (error) {
    close(ends[0]);
    JS_FreeValue(ctx, row);
    return JS_NewInt32(ctx, -error);
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  host_loop_watch_child(pid);
  /* They are there already: nothing is allocated. */
  JS_SetPropertyUint32(ctx, row, 0, JS_NewInt32(ctx, pid));
  JS_SetPropertyUint32(ctx, row, 1, JS_NewInt32(ctx, ends[0]));
  return row;
}

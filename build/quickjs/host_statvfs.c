/*
 * statvfs(3): as an array, into numbers that are there, and with a deadline: a forked child asks, and is killed when it does not answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

static int ask(const char *path, struct statvfs *s) {
  int error;
  do
    error = statvfs(path, s) == 0 ? 0 : errno;
  while (error == EINTR);
  return error;
}

static JSValue new_row(JSContext *ctx, const struct statvfs *s) {
  const double numbers[] = {
      (double)s->f_bsize, (double)s->f_frsize, (double)s->f_blocks, (double)s->f_bfree, (double)(int64_t)s->f_bavail,
      (double)s->f_files, (double)s->f_ffree,  (double)s->f_favail, (double)s->f_flag,  (double)s->f_namemax,
  };
  return host_new_numbers(ctx, numbers, countof(numbers));
}

static JSValue statvfs_row(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  JSValue failed;
  struct statvfs s;
  const char *path = host_to_path(ctx, argv[0], &failed);
  if (!path)
    return failed;
  int error = ask(path, &s);
  JS_FreeCString(ctx, path);
  return error ? JS_NewInt32(ctx, -error) : new_row(ctx, &s);
}

static double known(uint64_t count, double value) { return count == UINT64_MAX ? NAN : value; }

/* (path, numbers) -> 0 or errno */
static JSValue statvfs_into(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  JSValue failed;
  struct statvfs s;
  size_t count;
  const char *path = host_to_path(ctx, argv[0], &failed);
  if (!path)
    return failed;
  int error = ask(path, &s);
  JS_FreeCString(ctx, path);
  if (error)
    return JS_NewInt32(ctx, -error);
  double *numbers = host_numbers_of(ctx, argv[1], &count);
  if (!numbers)
    return JS_EXCEPTION;
  const double found[] = {(double)s.f_bsize,
                          (double)s.f_frsize,
                          known(s.f_blocks, (double)s.f_blocks),
                          known(s.f_bfree, (double)s.f_bfree),
                          known(s.f_bavail, (double)(int64_t)s.f_bavail),
                          known(s.f_files, (double)s.f_files),
                          known(s.f_ffree, (double)s.f_ffree)};
  if (count < countof(found))
    return JS_ThrowRangeError(ctx, "no room for the numbers");
  memcpy(numbers, found, sizeof found);
  return JS_NewInt32(ctx, 0);
}

/* --- with a deadline ---------------------------------------------------------------------------------------------------- */

/* Children that can be killed but sit in the kernel (a dead NFS server) are reaped when they can be. */
#define MAX_LEFT_BEHIND 64
static pid_t left_behind[MAX_LEFT_BEHIND];
static int left_behind_count;

static void reap_left_behind(void) {
  int kept = 0;
  for (int i = 0; i < left_behind_count; i++)
    if (waitpid(left_behind[i], NULL, WNOHANG) == 0)
      left_behind[kept++] = left_behind[i];
  left_behind_count = kept;
}

static double monotonic(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

struct answer {
  int error;
  struct statvfs value;
};

_Noreturn static void answer_in_child(const char *path, int out) {
  struct answer answer;
  memset(&answer, 0, sizeof answer);
  host_child_begin(out);
  answer.error = ask(path, &answer.value);
  while (write(out, &answer, sizeof answer) < 0 && errno == EINTR) /* less than PIPE_BUF: whole or not */
    continue;
  _exit(0);
}

/* The answer, or ETIMEDOUT at the deadline, or EIO when the child ended without one. */
static int await_answer(int fd, double deadline, struct answer *answer) {
  for (;;) {
    double left = deadline - monotonic();
    struct pollfd wait = {fd, POLLIN, 0};
    int ready = poll(&wait, 1, left <= 0 ? 0 : (int)ceil(left * 1000));
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready < 0)
      return errno;
    if (ready > 0)
      return host_read(fd, answer, sizeof *answer) == (ssize_t)sizeof *answer ? answer->error : EIO;
    if (deadline - monotonic() <= 0)
      return ETIMEDOUT;
  }
}

/* How long a child may take to end after SIGKILL. */
#define KILLED_SECONDS 0.1

/* The child has answered, has ended, or is to end. */
static void end_child(pid_t pid, int fd) {
  struct answer ignored;
  kill(pid, SIGKILL);
  /* It ends at once, which closes the pipe, unless it hangs where even SIGKILL does not reach. */
  if (await_answer(fd, monotonic() + KILLED_SECONDS, &ignored) == ETIMEDOUT)
    left_behind[left_behind_count++] = pid;
  else
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
      continue;
}

static int statvfs_in_child(const char *path, double timeout, struct answer *answer) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0)
    return errno;
  pid_t pid = host_child_fork();
  if (pid == 0)
    answer_in_child(path, ends[1]);
  int error = pid < 0 ? errno : 0;
  close(ends[1]);
  if (!error) {
    error = await_answer(ends[0], monotonic() + timeout, answer);
    end_child(pid, ends[0]);
  }
  close(ends[0]);
  return error;
}

static JSValue statvfs_timed(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  JSValue failed;
  struct answer answer;
  double timeout;
  if (JS_ToFloat64(ctx, &timeout, argv[1]))
    return JS_EXCEPTION;
  if (!(timeout >= 0))
    timeout = 0;
  if (timeout > 1e6)
    timeout = 1e6;
  reap_left_behind();
  if (left_behind_count == MAX_LEFT_BEHIND)
    return JS_NewInt32(ctx, -EAGAIN);
  const char *path = host_to_path(ctx, argv[0], &failed);
  if (!path)
    return failed;
  int error = statvfs_in_child(path, timeout, &answer);
  JS_FreeCString(ctx, path);
  return error ? JS_NewInt32(ctx, -error) : new_row(ctx, &answer.value);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("statvfs", 1, statvfs_row),
    JS_CFUNC_DEF("statvfsInto", 2, statvfs_into),
    JS_CFUNC_DEF("statvfsTimed", 2, statvfs_timed),
};

const struct host_area host_statvfs_area = {functions, countof(functions)};

/*
 * Other programs, the daemon, and statvfs with a deadline.
 *
 * Every fd of this process is close-on-exec, so a child closes nothing (a loop up to RLIMIT_NOFILE can take minutes).
 * `args` is the whole argv of the program, [0] included. A name without a slash is looked for in PATH of the environment
 * that is handed over.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
#define LAST_SIGNAL 64
#define MAX_LEFT_BEHIND 64

/* --- what to run: everything is allocated before fork ----------------------------------------------------- */

struct program {
  char **candidates; /* full paths to try in turn */
  char **argv;
  char **environment;
  const char *script; /* of the candidates: it may be executed, and is no program (ENOEXEC) */
};

static void free_list(char **list) {
  if (!list) return;
  for (char **p = list; *p; p++) free(*p);
  free(list);
}

static void free_program(struct program *p) {
  free_list(p->candidates);
  free_list(p->argv);
  free_list(p->environment);
}

/* malloc'ed bytes of a string, NULL with an exception pending. A NUL inside would cut an argument: refused. */
static char *copy_string(JSContext *ctx, JSValueConst value) {
  size_t length;
  const char *text = host_to_bytes(ctx, &length, value);
  char *copy = NULL;
  if (!text) return NULL;
  if (strlen(text) != length) JS_ThrowTypeError(ctx, "a NUL character in a program's name, arguments or environment");
  else if (!(copy = strdup(text))) JS_ThrowOutOfMemory(ctx);
  JS_FreeCString(ctx, text);
  return copy;
}

/* A copy of a JavaScript array of strings; NULL with an exception pending. */
static char **string_list(JSContext *ctx, JSValueConst array) {
  uint32_t length;
  JSValue value = JS_GetPropertyStr(ctx, array, "length");
  int bad = JS_IsException(value) || JS_ToUint32(ctx, &length, value);
  JS_FreeValue(ctx, value);
  if (bad) return NULL;
  if (length > 1000000) {
    JS_ThrowRangeError(ctx, "too many strings");
    return NULL;
  }
  char **list = calloc((size_t)length + 1, sizeof(*list));
  if (!list) {
    JS_ThrowOutOfMemory(ctx);
    return NULL;
  }
  for (uint32_t i = 0; i < length; i++) {
    value = JS_GetPropertyUint32(ctx, array, i);
    if (!JS_IsException(value)) list[i] = copy_string(ctx, value);
    JS_FreeValue(ctx, value);
    if (!list[i]) {
      free_list(list);
      return NULL;
    }
  }
  return list;
}

static char **path_candidates(const char *name, char **environment) {
  const char *path = DEFAULT_PATH;
  size_t count = 1;
  int bare = *name && !strchr(name, '/');
  if (bare) {
    for (char **e = environment; *e; e++)
      if (!strncmp(*e, "PATH=", 5)) path = *e + 5;
    for (const char *p = path; *p; p++) count += *p == ':';
  }
  char **list = calloc(count + 1, sizeof(*list));
  if (!list) return NULL;
  if (!bare) {
    list[0] = strdup(name);
    return list;
  }
  for (size_t i = 0; i < count; i++) {
    size_t length = strcspn(path, ":");
    char *full = malloc(length + strlen(name) + 3);
    if (!full) {
      free_list(list);
      return NULL;
    }
    memcpy(full, path, length);
    if (length == 0) full[length++] = '.'; /* an empty element is the current directory */
    full[length] = '/';
    strcpy(full + length + 1, name);
    list[i] = full;
    path += strcspn(path, ":");
    if (*path == ':') path++;
  }
  return list;
}

static int convert_program(JSContext *ctx, struct program *p, JSValueConst *argv) {
  memset(p, 0, sizeof(*p));
  char *name = copy_string(ctx, argv[0]);
  if (!name) return -1;
  p->argv = string_list(ctx, argv[1]);
  if (p->argv) p->environment = string_list(ctx, argv[2]);
  if (p->environment) {
    p->candidates = path_candidates(name, p->environment);
    if (!p->candidates) JS_ThrowOutOfMemory(ctx);
  }
  free(name);
  if (p->candidates) return 0;
  free_program(p);
  return -1;
}

/* Returns only when nothing could be executed: the errno that says most. */
static int exec_program(struct program *p) {
  int error = ENOENT;
  for (char **c = p->candidates; *c; c++) {
    execve(*c, p->argv, p->environment);
    if (errno == ENOEXEC) p->script = *c;
    if (errno == EACCES) error = EACCES;
    else if (errno != ENOENT && errno != ENOTDIR) return errno;
    else if (error == ENOENT && !p->candidates[1]) error = errno;
  }
  return error;
}

static void reset_signals(void) {
  sigset_t none;
  for (int number = 1; number <= LAST_SIGNAL; number++) signal(number, SIG_DFL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* fork with all signals blocked in both; the child must unblock them, the parent calls unblock(). */
static pid_t fork_blocked(sigset_t *before) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, before);
  pid_t pid = fork();
  if (pid != 0) {
    int saved = errno;
    sigprocmask(SIG_SETMASK, before, NULL);
    errno = saved;
  }
  return pid;
}

/* --- fds ---------------------------------------------------------------------------------------------------- */

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* The same file on a number above 2, so that dup2 in the child cannot overwrite one that is still needed. */
static int above_standard(int fd) {
  if (fd < 0 || fd > 2) return fd;
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  int saved = errno;
  close(fd);
  errno = saved;
  return moved;
}

static int make_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) < 0) {
    ends[0] = ends[1] = -1;
    return -errno;
  }
  ends[0] = above_standard(ends[0]);
  ends[1] = above_standard(ends[1]);
  if (ends[0] >= 0 && ends[1] >= 0) return 0;
  int error = errno;
  close_fd(&ends[0]);
  close_fd(&ends[1]);
  return -error;
}

static ssize_t read_retry(int fd, void *buffer, size_t length) {
  ssize_t n;
  do {
    n = read(fd, buffer, length);
  } while (n < 0 && errno == EINTR);
  return n;
}

static void reap(pid_t pid) {
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

/* --- spawn -------------------------------------------------------------------------------------------------- */

enum stream { STREAM_INHERIT, STREAM_NULL, STREAM_PIPE };

struct streams {
  enum stream wanted[3];
  int child[3];  /* -1: inherited */
  int parent[3]; /* -1: no pipe */
  int report[2]; /* the errno of a failed exec; closed by a successful one */
};

static void close_streams(struct streams *s) {
  for (int i = 0; i < 3; i++) {
    close_fd(&s->child[i]);
    close_fd(&s->parent[i]);
  }
  close_fd(&s->report[0]);
  close_fd(&s->report[1]);
}

static int open_streams(struct streams *s) {
  for (int i = 0; i < 3; i++) s->child[i] = s->parent[i] = -1;
  int error = make_pipe(s->report);
  for (int i = 0; i < 3 && !error; i++) {
    if (s->wanted[i] == STREAM_NULL) {
      s->child[i] = above_standard(open("/dev/null", (i == 0 ? O_RDONLY : O_WRONLY) | O_CLOEXEC));
      if (s->child[i] < 0) error = -errno;
    } else if (s->wanted[i] == STREAM_PIPE) {
      int ends[2];
      error = make_pipe(ends);
      s->child[i] = ends[i == 0 ? 0 : 1];
      s->parent[i] = ends[i == 0 ? 1 : 0];
      if (!error) fcntl(s->parent[i], F_SETFL, O_NONBLOCK | (i == 0 ? O_WRONLY : O_RDONLY));
    }
  }
  if (error) close_streams(s);
  return error;
}

static void run_child(struct program *program, const struct streams *s) {
  int error = 0;
  for (int i = 0; i < 3 && !error; i++)
    if (s->child[i] >= 0 && dup2(s->child[i], i) < 0) error = errno;
  reset_signals();
  if (!error) error = exec_program(program);
  while (write(s->report[1], &error, sizeof(error)) < 0 && errno == EINTR) continue;
  _exit(127);
}

static JSValue spawn_spawn(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  struct program program;
  struct streams s;
  sigset_t before;
  for (int i = 0; i < 3; i++) {
    JSValueConst v = argv[3 + i];
    if (JS_IsNull(v) || JS_IsUndefined(v)) s.wanted[i] = STREAM_INHERIT;
    else s.wanted[i] = JS_ToBool(ctx, v) ? STREAM_PIPE : STREAM_NULL;
  }
  if (convert_program(ctx, &program, argv)) return JS_EXCEPTION;
  int error = open_streams(&s);
  if (error) {
    free_program(&program);
    return JS_NewInt32(ctx, error);
  }
  pid_t pid = fork_blocked(&before);
  if (pid == 0) run_child(&program, &s);
  error = pid < 0 ? errno : 0;
  free_program(&program);
  for (int i = 0; i < 3; i++) close_fd(&s.child[i]);
  close_fd(&s.report[1]);
  if (pid > 0 && read_retry(s.report[0], &error, sizeof(error)) == (ssize_t)sizeof(error)) reap(pid);
  close_fd(&s.report[0]);
  if (error) {
    close_streams(&s);
    return JS_NewInt32(ctx, -error);
  }
  host_loop_watch_child(pid);
  JSValue row = JS_NewArray(ctx);
  JS_SetPropertyUint32(ctx, row, 0, JS_NewInt32(ctx, pid));
  for (uint32_t i = 0; i < 3; i++) JS_SetPropertyUint32(ctx, row, i + 1, JS_NewInt32(ctx, s.parent[i]));
  return row;
}

/* As execvp(3) and every shell: a text without #! is a script of sh. Returns only an errno. */
static int exec_or_shell(struct program *p) {
  int error = exec_program(p), count = 0;
  if (error != ENOEXEC || !p->script) return error;
  while (p->argv[count]) count++;
  const char **words = calloc((size_t)count + 2, sizeof(*words));
  if (!words) return ENOMEM;
  words[0] = "/bin/sh";
  words[1] = p->script;
  for (int i = 1; i < count; i++) words[i + 1] = p->argv[i];
  execve(words[0], (char **)words, p->environment);
  free(words);
  return error;
}

/* Handlers go with exec by themselves; ignored signals and the mask would be handed on: they are, where the caller says so. */
static JSValue spawn_exec_replace(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  struct program program;
  uint64_t ignored = 0;
  sigset_t none, before;
  int keep = JS_ToBool(ctx, argv[3]);
  if (convert_program(ctx, &program, argv)) return JS_EXCEPTION;
  if (keep) {
    int failed = exec_or_shell(&program);
    free_program(&program);
    return JS_NewInt32(ctx, -failed);
  }
  for (int number = 1; number <= LAST_SIGNAL; number++) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) < 0 || action.sa_handler != SIG_IGN) continue;
    ignored |= UINT64_C(1) << (number - 1);
    signal(number, SIG_DFL);
  }
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, &before);
  int error = exec_program(&program);
  sigprocmask(SIG_SETMASK, &before, NULL);
  for (int number = 1; number <= LAST_SIGNAL; number++)
    if (ignored >> (number - 1) & 1) signal(number, SIG_IGN);
  free_program(&program);
  return JS_NewInt32(ctx, -error);
}

static JSValue spawn_daemonize(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int null = above_standard(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null < 0) return JS_NewInt32(ctx, -errno);
  pid_t pid = fork();
  if (pid > 0) _exit(0);
  if (pid == 0) {
    setsid();
    pid = fork();
    if (pid > 0) _exit(0);
  }
  int error = pid < 0 ? errno : 0;
  for (int fd = 0; fd < 3 && !error; fd++)
    if (dup2(null, fd) < 0) error = errno;
  close(null);
  return JS_NewInt32(ctx, -error);
}

/* --- statvfs with a deadline ---------------------------------------------------------------------------------- */

/* Children that were killed but sit in the kernel (a dead NFS server): reaped when they can be. */
static pid_t left_behind[MAX_LEFT_BEHIND];
static int left_behind_count;

static void reap_left_behind(void) {
  int kept = 0;
  for (int i = 0; i < left_behind_count; i++)
    if (waitpid(left_behind[i], NULL, WNOHANG) == 0) left_behind[kept++] = left_behind[i];
  left_behind_count = kept;
}

static double monotonic(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

struct statvfs_answer {
  int error;
  struct statvfs value;
};

static void ask_statvfs(const char *path, int fd) {
  struct statvfs_answer answer;
  memset(&answer, 0, sizeof(answer));
  host_below_child(fd);
  while (statvfs(path, &answer.value) < 0) {
    if (errno == EINTR) continue;
    answer.error = errno;
    break;
  }
  while (write(fd, &answer, sizeof(answer)) < 0 && errno == EINTR) continue; /* less than PIPE_BUF: whole or not */
  _exit(0);
}

/* The answer, or ETIMEDOUT at the deadline, or EIO when the child ended without one. */
static int await_answer(int fd, double deadline, struct statvfs_answer *answer) {
  for (;;) {
    double left = deadline - monotonic();
    struct pollfd wait = {fd, POLLIN, 0};
    int ready = poll(&wait, 1, left <= 0 ? 0 : (int)ceil(left * 1000));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return errno;
    if (ready == 0) {
      if (deadline - monotonic() > 0) continue;
      return ETIMEDOUT;
    }
    return read_retry(fd, answer, sizeof(*answer)) == (ssize_t)sizeof(*answer) ? answer->error : EIO;
  }
}

/* How long a child may take to end after SIGKILL. */
#define KILLED_SECONDS 0.1

static JSValue spawn_statvfs_timed(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  struct statvfs_answer answer;
  double timeout;
  sigset_t before;
  int ends[2];
  if (JS_ToFloat64(ctx, &timeout, argv[1])) return JS_EXCEPTION;
  if (!(timeout >= 0)) timeout = 0;
  if (timeout > 1e6) timeout = 1e6;
  reap_left_behind();
  if (left_behind_count == MAX_LEFT_BEHIND) return JS_NewInt32(ctx, -EAGAIN);
  char *path = copy_string(ctx, argv[0]);
  if (!path) return JS_EXCEPTION;
  int error = make_pipe(ends);
  if (error) {
    free(path);
    return JS_NewInt32(ctx, error);
  }
  pid_t pid = fork_blocked(&before);
  if (pid == 0) ask_statvfs(path, ends[1]);
  error = pid < 0 ? errno : 0;
  free(path);
  close(ends[1]);
  if (!error) {
    error = await_answer(ends[0], monotonic() + timeout, &answer);
    if (error == ETIMEDOUT) {
      struct statvfs_answer ignored;
      kill(pid, SIGKILL);
      /* It ends at once, which closes the pipe, unless it hangs where even SIGKILL does not reach. */
      if (await_answer(ends[0], monotonic() + KILLED_SECONDS, &ignored) == ETIMEDOUT)
        left_behind[left_behind_count++] = pid;
      else
        reap(pid);
    } else {
      reap(pid); /* it has answered or ended */
    }
  }
  close(ends[0]);
  if (error) return JS_NewInt32(ctx, -error);
  const struct statvfs *v = &answer.value;
  double numbers[] = {
      (double)v->f_bsize, (double)v->f_frsize, (double)v->f_blocks, (double)v->f_bfree, (double)(int64_t)v->f_bavail,
      (double)v->f_files, (double)v->f_ffree,  (double)v->f_favail, (double)v->f_flag,  (double)v->f_namemax,
  };
  JSValue row = JS_NewArray(ctx);
  for (uint32_t i = 0; i < countof(numbers); i++)
    JS_SetPropertyUint32(ctx, row, i, JS_NewFloat64(ctx, numbers[i]));
  return row;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("spawn", 6, spawn_spawn),
    JS_CFUNC_DEF("execReplace", 4, spawn_exec_replace),
    JS_CFUNC_DEF("daemonize", 0, spawn_daemonize),
    JS_CFUNC_DEF("statvfsTimed", 2, spawn_statvfs_timed),
};

const struct host_area host_spawn_area = {functions, countof(functions)};

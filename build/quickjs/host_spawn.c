/*
 * Other programs and the daemon.
 *
 * Every fd of this process is close-on-exec, so a child closes nothing (a loop up to RLIMIT_NOFILE can take minutes).
 * `args` is the whole argv of the program, [0] included. A name without a slash is looked for in PATH of the environment
 * that is handed over.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
#define LAST_SIGNAL 64

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
  host_child_reset_signals();
  if (!error) error = exec_program(program);
  while (write(s->report[1], &error, sizeof(error)) < 0 && errno == EINTR) continue;
  _exit(127);
}

/* An errno in place of the row. */
static JSValue give_back(JSContext *ctx, JSValue row, int error) {
  JS_FreeValue(ctx, row);
  return JS_NewInt32(ctx, error);
}

static JSValue spawn_spawn(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  struct program program;
  struct streams s;
  for (int i = 0; i < 3; i++) {
    JSValueConst v = argv[3 + i];
    if (JS_IsNull(v) || JS_IsUndefined(v)) s.wanted[i] = STREAM_INHERIT;
    else s.wanted[i] = JS_ToBool(ctx, v) ? STREAM_PIPE : STREAM_NULL;
  }
  if (convert_program(ctx, &program, argv)) return JS_EXCEPTION;
  /* Before anything is started that would then be nobody's. */
  JSValue row = host_new_numbers(ctx, (double[]){-1, -1, -1, -1}, 4);
  int error = JS_IsException(row) ? 0 : open_streams(&s);
  if (error || JS_IsException(row)) {
    free_program(&program);
    return error ? give_back(ctx, row, error) : row;
  }
  pid_t pid = host_child_fork();
  if (pid == 0) run_child(&program, &s);
  error = pid < 0 ? errno : 0;
  free_program(&program);
  for (int i = 0; i < 3; i++) close_fd(&s.child[i]);
  close_fd(&s.report[1]);
  if (pid > 0 && read_retry(s.report[0], &error, sizeof(error)) == (ssize_t)sizeof(error)) reap(pid);
  close_fd(&s.report[0]);
  if (error) {
    close_streams(&s);
    return give_back(ctx, row, -error);
  }
  host_loop_watch_child(pid);
  JS_SetPropertyUint32(ctx, row, 0, JS_NewInt32(ctx, pid));
  for (uint32_t i = 0; i < 3; i++) JS_SetPropertyUint32(ctx, row, i + 1, JS_NewInt32(ctx, s.parent[i]));
  return row;
}

/* As execvp(3) and every shell: a text without #! is a script of sh. Returns only an errno. */
static int exec_or_shell(struct program *p) {
  int error = exec_program(p), count = 0;
  if (error != ENOEXEC || !p->script) return error;
  while (p->argv[count]) count++;
  const char **words = calloc((size_t)count + 3, sizeof(*words)); /* without an argv[0] too the list has an end */
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

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("spawn", 6, spawn_spawn),
    JS_CFUNC_DEF("execReplace", 4, spawn_exec_replace),
    JS_CFUNC_DEF("daemonize", 0, spawn_daemonize),
};

const struct host_area host_spawn_area = {functions, countof(functions)};

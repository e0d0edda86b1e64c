/*
 * Reading below the roots of other processes, whose owners may be hostile: small regular files, and statfs of mounts. No
 * link is followed; what is no regular file is never opened (a device node would be the host's device, a FIFO would wait).
 *
 * One forked child answers many questions, in order, through a pipe. A dead FUSE server behind a name stops that child:
 * the caller sees no more answers, ends it, and asks a new child for what comes after.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "host.h"

/* A file's text at most; an answer stays below PIPE_BUF, so it is written whole. */
#define MOST_TEXT 1024

/* O_PATH: nothing is opened yet. As openat2 does it, part by part, where the kernel has none. */
static int open_path(int root, char *path) {
  int fd = host_below_open(root, *path ? path : ".", O_PATH | O_NOFOLLOW | O_CLOEXEC), next;
  struct stat status;
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
  fd = dup(root);
  for (char *part = strtok(path, "/"); part && fd >= 0; part = strtok(NULL, "/")) {
    next = openat(fd, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    close(fd);
    fd = next;
    if (fd < 0 || (strcmp(part, "..") && fstat(fd, &status) == 0 && !S_ISLNK(status.st_mode))) continue;
    close(fd);
    errno = ELOOP;
    return -1;
  }
  return fd;
}

static ssize_t read_text(int path, char *text) {
  ssize_t length;
  int fd = host_below_regular(dup(path));
  if (fd < 0) {
    errno = -fd;
    return -1;
  }
  do
    length = read(fd, text, MOST_TEXT);
  while (length < 0 && errno == EINTR);
  close(fd);
  return length;
}

/* Answer: a line of numbers, "errno mode major minor mtime type bsize frsize blocks bfree bavail files ffree length", and the text. */
static void answer(int out, int root, char *path, int wants_text) {
  char text[MOST_TEXT + 512], content[MOST_TEXT];
  struct stat status = {0};
  struct statfs system = {0};
  ssize_t length = 0;
  int error = root < 0 ? -root : 0, fd = -1, head;
  if (!error && ((fd = open_path(root, path)) < 0 || fstat(fd, &status) < 0 || fstatfs(fd, &system) < 0)) error = errno;
  if (!error && wants_text && (length = read_text(fd, content)) < 0) error = errno;
  if (fd >= 0) close(fd);
  if (error) length = 0;
  head = snprintf(text, sizeof text, "%d %u %u %u %.3f %lu %lu %lu %llu %llu %lld %llu %llu %d\n", error, (unsigned)status.st_mode,
                  major(status.st_dev), minor(status.st_dev), host_realtime((double)status.st_mtim.tv_sec + (double)status.st_mtim.tv_nsec / 1e9),
                  (unsigned long)system.f_type & 0xffffffff, (unsigned long)system.f_bsize, (unsigned long)system.f_frsize,
                  (unsigned long long)system.f_blocks, (unsigned long long)system.f_bfree, (long long)system.f_bavail,
                  (unsigned long long)system.f_files, (unsigned long long)system.f_ffree, (int)length);
  if (length > 0) memcpy(text + head, content, (size_t)length);
  while (write(out, text, (size_t)(head + length)) < 0 && errno == EINTR) continue;
}

struct questions {
  char *text; /* "PID TICKS t|s PATH" with a NUL behind each */
  size_t length;
};

/* Questions of one process that follow each other are asked of one root. */
static int answer_all(void *opaque, int out) {
  const struct questions *questions = opaque;
  char base[64], kind, *end = questions->text + questions->length;
  int pid, last = 0, root = -ESRCH, at, error = 0;
  double ticks;
  size_t size;
  for (char *question = questions->text; question < end; question += size + 1) {
    size = strlen(question); /* strtok may cut it */
    /* One blank before the path: what follows is its own, and a name may begin with one. */
    if (sscanf(question, "%d %lf %c%n", &pid, &ticks, &kind, &at) < 3 || question[at] != ' ') {
      error = EINVAL;
      break;
    }
    if (pid != last) {
      if (root >= 0) close(root);
      snprintf(base, sizeof base, "/proc/%d", pid);
      root = host_below_base(base, ticks < 0 ? 0 : ticks);
      last = pid;
    }
    answer(out, root, question + at + 1, kind == 't');
  }
  if (root >= 0) close(root);
  return error;
}

/* probeBelow(questions): [pid of the child, fd of its answers] */
static JSValue probe_below(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  struct questions questions;
  const char *text = host_to_bytes(ctx, &questions.length, argv[0]);
  JSValue row;
  if (!text) return JS_EXCEPTION;
  questions.text = malloc(questions.length + 1);
  if (questions.text) memcpy(questions.text, text, questions.length + 1);
  JS_FreeCString(ctx, text);
  if (!questions.text) return JS_ThrowOutOfMemory(ctx);
  row = host_child_start(ctx, answer_all, &questions);
  free(questions.text);
  return row;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("probeBelow", 1, probe_below),
};

const struct host_area host_probe_area = {functions, countof(functions)};

/*
 * /proc in one call. Opening files costs most: stat always, statm, cmdline and the owner only when asked for.
 *
 * Columns of a row (the same numbers in lib/procfs/process_scan.ts; stat fields as in Documentation/filesystems/proc.rst):
 *    0 pid (the directory's name)   1 state (char code)   2 ppid   3 pgrp   4 session   5 tty_nr   6 tpgid   7 flags
 *    8 minflt   9 cminflt   10 majflt   11 cmajflt   12 utime   13 stime   14 cutime   15 cstime (ticks)
 *   16 priority   17 nice   18 num_threads   19 starttime (ticks)   20 vsize (bytes)   21 rss (pages)   22 wchan
 *   23 exit_signal   24 processor   25 rt_priority   26 policy   27 delayacct_blkio_ticks   28 guest_time   29 cguest_time
 *   30 statm size   31 resident   32 shared   33 text   34 data (pages)   35 uid   36 gid   37-39 not used
 * A number that the kernel does not write, or that was not asked for, is NaN.
 *
 * No link is followed below the directory (the kernel has none there), so a hostile tree cannot lead out of it.
 * stat is cut at 4 KB and cmdline at 128 KB.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host.h"

#define STAT_BYTES 4096
#define CMDLINE_BYTES (128 * 1024)

/* A kernel that has less than this to give returns all of it in one read. */
#define SHORT_READ 4096

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

#define COLUMN_STATM 30
#define COLUMN_UID 35
#define COLUMN_GID 36

/* stat fields 4, 5, ... (after the state letter) -> column, -1 = left out. */
static const signed char stat_column[] = {
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,                   /* ppid .. num_threads (4-20) */
    -1, 19, 20, 21,                                                               /* itrealvalue starttime vsize rss */
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 22, -1, -1, 23, 24, 25, 26, 27, 28, 29, /* rsslim (25) .. cguest_time (44) */
};

/* statm fields -> column. The fifth (lib) has been 0 since 2.6. */
static const signed char statm_column[] = {30, 31, 32, 33, -1, 34};

struct kernel_dirent {
  uint64_t d_ino;
  int64_t d_off;
  unsigned short d_reclen;
  unsigned char d_type;
  char d_name[];
};

#define TYPE_UNKNOWN 0
#define TYPE_DIRECTORY 4

/* Why a pass is not whole, 0 or a negative errno: a process that cannot be read for want of fds or memory has not ended. */
static int shortage;

enum need { WANTED, NEEDED };

/* What is only wanted is not known after an IO error; a process or thread whose state is not is no process that has ended. */
static void note_shortage(enum need need) {
  if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || (errno == EIO && need == NEEDED)) shortage = -errno;
}

/* A directory read without malloc. `buffer` is 8-byte aligned. */
struct listing {
  int fd;
  char *buffer;
  size_t size;
  long length, position;
};

static int listing_open(struct listing *l, int at, const char *path, int extra, char *buffer, size_t size) {
  do {
    l->fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | extra);
  } while (l->fd < 0 && errno == EINTR);
  l->buffer = buffer;
  l->size = size;
  l->length = l->position = 0;
  return l->fd < 0 ? -errno : 0;
}

/* The next directory whose name is a number, its number in *number; NULL at the end. */
static const char *listing_next(struct listing *l, long *number) {
  for (;;) {
    if (l->position >= l->length) {
      do {
        l->length = syscall(SYS_getdents64, l->fd, l->buffer, l->size);
      } while (l->length < 0 && errno == EINTR);
      if (l->length <= 0) {
        /* ENOENT: the process has ended. */
        if (l->length < 0 && errno != ENOENT) shortage = -errno;
        l->length = 0;
        return NULL;
      }
      l->position = 0;
    }
    struct kernel_dirent *d = (struct kernel_dirent *)(l->buffer + l->position);
    l->position += d->d_reclen;
    const char *p = d->d_name;
    long value = 0;
    if (*p < '1' || *p > '9') continue;
    for (; *p >= '0' && *p <= '9' && value < 100000000; p++) value = value * 10 + (*p - '0');
    if (*p) continue;
    if (d->d_type == TYPE_UNKNOWN) {
      struct stat st;
      if (fstatat(l->fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode)) continue;
    } else if (d->d_type != TYPE_DIRECTORY) {
      continue;
    }
    *number = value;
    return d->d_name;
  }
}

/* Bytes of at/name/file, at most `size`; -1 when it cannot be read. */
static long read_file_at(int at, const char *name, const char *file, enum need need, char *buffer, size_t size) {
  char path[64];
  int fd;
  snprintf(path, sizeof(path), "%s/%s", name, file);
  do {
    fd = openat(at, path, OPEN_FLAGS);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) {
    note_shortage(need);
    return -1;
  }
  size_t length = 0;
  while (length < size) {
    ssize_t n = read(fd, buffer + length, size - length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      note_shortage(need);
      close(fd);
      return -1;
    }
    length += (size_t)n;
    if (n < SHORT_READ) break;
  }
  close(fd);
  return (long)length;
}

/* A decimal number at *p (spaces before it skipped), NaN where there is none. */
static double next_number(const char **p, const char *end) {
  const char *s = *p;
  int negative = 0;
  uint64_t value = 0;
  while (s < end && *s == ' ') s++;
  if (s < end && *s == '-') {
    negative = 1;
    s++;
  }
  const char *first = s;
  while (s < end && *s >= '0' && *s <= '9') value = value * 10 + (uint64_t)(*s++ - '0');
  *p = s;
  if (s == first) return NAN;
  return negative ? -(double)value : (double)value;
}

/* What lies between the first '(' and the last ')': comm may itself hold parentheses, spaces and newlines. */
static int find_comm(const char *text, long length, const char **comm, const char **comm_end) {
  const char *open = memchr(text, '(', (size_t)length);
  const char *close = memrchr(text, ')', (size_t)length);
  if (!open || !close || close < open) return 0;
  *comm = open + 1;
  *comm_end = close;
  return 1;
}

static int parse_stat(const char *text, long length, double *row, const char **comm, const char **comm_end) {
  const char *end = text + length;
  if (!find_comm(text, length, comm, comm_end)) return 0;
  const char *p = *comm_end + 1;
  while (p < end && *p == ' ') p++;
  if (p >= end || *p == '\n') return 0;
  row[1] = (unsigned char)*p++;
  for (size_t i = 0; i < countof(stat_column); i++) {
    double value = next_number(&p, end);
    if (isnan(value)) break;
    if (stat_column[i] >= 0) row[stat_column[i]] = value;
  }
  return 1;
}

static void parse_statm(const char *text, long length, double *row) {
  const char *p = text, *end = text + length;
  for (size_t i = 0; i < countof(statm_column); i++) {
    double value = next_number(&p, end);
    if (isnan(value)) break;
    if (statm_column[i] >= 0) row[statm_column[i]] = value;
  }
}

static int put_text(JSContext *ctx, JSValueConst list, uint32_t index, const char *bytes, size_t length) {
  JSValue text = host_new_text(ctx, bytes, length);
  if (JS_IsException(text)) return -1;
  return JS_SetPropertyUint32(ctx, list, index, text) < 0 ? -1 : 0;
}

static int64_t listing_buffer[4096];      /* 32 KB: about 1000 processes per system call */
static int64_t task_listing_buffer[1024]; /* 8 KB */
static char stat_buffer[STAT_BYTES];
static char cmdline_buffer[CMDLINE_BYTES];

static JSValue scan_processes(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  struct listing list;
  size_t size;
  int want_cmdlines = !JS_IsNull(argv[3]) && !JS_IsUndefined(argv[3]);
  int want_statm = JS_ToBool(ctx, argv[4]);
  int want_owner = JS_ToBool(ctx, argv[5]);
  if (!JS_GetArrayBuffer(ctx, &size, argv[1])) return JS_EXCEPTION;
  JSValue failed;
  const char *dir = host_to_path(ctx, argv[0], &failed);
  if (!dir) return failed;
  int error = listing_open(&list, AT_FDCWD, dir, 0, (char *)listing_buffer, sizeof(listing_buffer));
  JS_FreeCString(ctx, dir);
  if (error) return JS_NewInt32(ctx, error);

  shortage = 0;
  uint32_t capacity = (uint32_t)(size / (SCAN_STRIDE * sizeof(double))), found = 0;
  const char *name, *comm, *comm_end;
  long pid;
  while ((name = listing_next(&list, &pid))) {
    double row[SCAN_STRIDE];
    if (found >= capacity) {
      found++;
      continue;
    }
    long length = read_file_at(list.fd, name, "stat", NEEDED, stat_buffer, sizeof(stat_buffer));
    if (length <= 0) continue;
    for (int i = 0; i < SCAN_STRIDE; i++) row[i] = NAN;
    row[0] = (double)pid;
    if (!parse_stat(stat_buffer, length, row, &comm, &comm_end)) continue;
    if (want_owner) {
      struct stat st;
      if (fstatat(list.fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        row[COLUMN_UID] = st.st_uid;
        row[COLUMN_GID] = st.st_gid;
      } else if (errno == ENOENT) {
        continue; /* ended meanwhile; else only the owner is not known */
      }
    }
    if (put_text(ctx, argv[2], found, comm, (size_t)(comm_end - comm))) goto fail;
    if (want_statm) {
      length = read_file_at(list.fd, name, "statm", WANTED, stat_buffer, sizeof(stat_buffer));
      if (length > 0) parse_statm(stat_buffer, length, row);
    }
    if (want_cmdlines) {
      length = read_file_at(list.fd, name, "cmdline", WANTED, cmdline_buffer, sizeof(cmdline_buffer));
      if (put_text(ctx, argv[3], found, cmdline_buffer, length > 0 ? (size_t)length : 0)) goto fail;
    }
    /* Storing a string may have run JavaScript: the buffer is asked for again. */
    uint8_t *rows = JS_GetArrayBuffer(ctx, &size, argv[1]);
    if (!rows || size / sizeof(row) <= found) goto fail;
    memcpy(rows + found * sizeof(row), row, sizeof(row));
    found++;
  }
  close(list.fd);
  return shortage ? JS_NewInt32(ctx, shortage) : JS_NewUint32(ctx, found);

fail:
  close(list.fd);
  return JS_EXCEPTION;
}

struct thread_count {
  double threads, runnable, uninterruptible, last_pid, processes;
};

static void count_state(struct thread_count *count, long tid, double state) {
  count->threads++;
  if (state == 'R') count->runnable++;
  if (state == 'D') count->uninterruptible++;
  if ((double)tid > count->last_pid) count->last_pid = (double)tid;
}

/* One process. Most have one thread, and then its own stat says everything; else each thread's stat is read. */
static void count_process(struct thread_count *count, int proc, const char *name, long pid) {
  double row[SCAN_STRIDE];
  const char *comm, *comm_end;
  struct listing tasks;
  char path[48];
  long length = read_file_at(proc, name, "stat", NEEDED, stat_buffer, sizeof(stat_buffer));
  if (length <= 0) return;
  row[18] = NAN;
  if (!parse_stat(stat_buffer, length, row, &comm, &comm_end)) return;
  double state = row[1];
  count->processes++;
  snprintf(path, sizeof(path), "%s/task", name);
  if (row[18] == 1 ||
      listing_open(&tasks, proc, path, O_NOFOLLOW, (char *)task_listing_buffer, sizeof(task_listing_buffer))) {
    if (row[18] != 1) note_shortage(NEEDED);
    count_state(count, pid, state); /* no task directory: a capture, or the process has just ended */
    return;
  }
  const char *task;
  long tid;
  while ((task = listing_next(&tasks, &tid))) {
    length = read_file_at(tasks.fd, task, "stat", NEEDED, stat_buffer, sizeof(stat_buffer));
    if (length > 0 && parse_stat(stat_buffer, length, row, &comm, &comm_end)) count_state(count, tid, row[1]);
  }
  close(tasks.fd);
}

static JSValue count_threads(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  struct thread_count count = {0};
  struct listing list;
  double *pids = NULL;
  size_t pid_count = 0;
  int64_t skip;
  if (JS_ToInt64(ctx, &skip, argv[1])) return JS_EXCEPTION;
  JSValue failed;
  const char *dir = host_to_path(ctx, argv[0], &failed);
  if (!dir) return failed;
  if (!JS_IsNull(argv[2]) && !JS_IsUndefined(argv[2])) {
    size_t offset, bytes, element, size;
    JSValue buffer = JS_GetTypedArrayBuffer(ctx, argv[2], &offset, &bytes, &element);
    uint8_t *base = JS_IsException(buffer) ? NULL : JS_GetArrayBuffer(ctx, &size, buffer);
    JS_FreeValue(ctx, buffer); /* the typed array keeps it, and no JavaScript runs below */
    if (!base || element != sizeof(double)) {
      JS_FreeCString(ctx, dir);
      return base ? JS_ThrowTypeError(ctx, "countThreads: not a Float64Array") : JS_EXCEPTION;
    }
    pids = (double *)(base + offset);
    pid_count = bytes / sizeof(double);
  }
  int error = listing_open(&list, AT_FDCWD, dir, 0, (char *)listing_buffer, sizeof(listing_buffer));
  JS_FreeCString(ctx, dir);
  if (error) return JS_NewInt32(ctx, error);
  shortage = 0;
  if (pids) {
    char name[24];
    for (size_t i = 0; i < pid_count; i++) {
      if (!(pids[i] >= 1 && pids[i] < 1e9) || pids[i] == (double)skip) continue;
      snprintf(name, sizeof(name), "%ld", (long)pids[i]);
      count_process(&count, list.fd, name, (long)pids[i]);
    }
  } else {
    const char *name;
    long pid;
    while ((name = listing_next(&list, &pid)))
      if (pid != skip) count_process(&count, list.fd, name, pid);
  }
  close(list.fd);
  if (shortage) return JS_NewInt32(ctx, shortage);
  const double numbers[] = {count.threads, count.runnable, count.uninterruptible, count.last_pid, count.processes};
  return host_new_numbers(ctx, numbers, countof(numbers));
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("scanProcesses", 6, scan_processes),
    JS_CFUNC_DEF("countThreads", 3, count_threads),
};

const struct host_area host_process_scan_area = {functions, countof(functions)};

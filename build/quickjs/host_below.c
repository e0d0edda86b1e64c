/*
 * Writing a file, and reading one, below a directory that somebody hostile may own: another process's root, or a folder that is
 * bound into a container. Nothing outside is ever touched: no link is followed, and no file system is entered that the host can see too.
 *
 * The work is done by a forked child, so that a dead FUSE server behind one of the names cannot stop the caller, who ends
 * the child at a deadline. Its exit status is the errno, 0 when the file stands.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "host.h"

#define MAX_PARTS 16
#define TMPFS 0x01021994

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

/* include/uapi/linux/openat2.h, since 5.6. */
struct how {
  uint64_t flags, mode, resolve;
};
#define NO_MAGICLINKS 0x02
#define NO_SYMLINKS 0x04
#define BENEATH 0x08

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)

int host_below_open(int directory, const char *path, int flags) {
  struct how how = {(uint64_t)flags, 0, NO_SYMLINKS | NO_MAGICLINKS | BENEATH};
  int fd;
  do
    fd = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
  while (fd < 0 && (errno == EINTR || errno == EAGAIN));
  return fd;
}

struct job {
  char *base;        /* "/proc/PID", or a directory that is trusted */
  double ticks;      /* starttime of that process; below 0: base is a directory */
  char *devices;     /* " 8:1 0:23 ": file systems that the host has mounted */
  char *parts;       /* "run/procg/host": made where they are missing */
  char *name;
  char *text;
  size_t length;
  double most;       /* bytes that may be read */
  int walk_only;     /* as on a kernel without openat2 */
};

/* One component. Without openat2 (ENOSYS; EPERM under an old seccomp filter) O_NOFOLLOW does for a single name. */
static int open_component(int directory, const char *name, int walk_only) {
  int fd;
  if (!walk_only) {
    fd = host_below_open(directory, name, DIRECTORY_FLAGS);
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
  }
  do
    fd = openat(directory, name, DIRECTORY_FLAGS);
  while (fd < 0 && errno == EINTR);
  return fd;
}

/* The mount that an fd lies in: a bind mount of the same file system has another one. -1 before Linux 3.15. */
static int mount_of(int fd) {
  char path[64], text[512];
  ssize_t length;
  int info, id = -1;
  char *line;
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  info = open(path, O_RDONLY | O_CLOEXEC);
  if (info < 0) return -1;
  length = read(info, text, sizeof text - 1);
  close(info);
  if (length <= 0) return -1;
  text[length] = '\0';
  line = strstr(text, "mnt_id:");
  if (line) sscanf(line, "mnt_id: %d", &id);
  return id;
}

/* A mount inside is entered only when it is a tmpfs that no mount of the host shows: the container's own. */
static int is_own_tmpfs(int fd, const struct job *job) {
  struct statfs system;
  struct stat status;
  char device[32];
  if (fstatfs(fd, &system) < 0 || fstat(fd, &status) < 0) return 0;
  snprintf(device, sizeof device, " %u:%u ", major(status.st_dev), minor(status.st_dev));
  return system.f_type == TMPFS && strstr(job->devices, device) == NULL;
}

/* Field 22 of stat; below 0 where it cannot be read. */
static double start_ticks(int process) {
  char text[1024], *at;
  int fd = openat(process, "stat", O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (length <= 0) return -1;
  text[length] = '\0';
  at = strrchr(text, ')');
  for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
  return at ? strtod(at, NULL) : -1;
}

/* The initial mount namespace since Linux 6.17 (MNT_NS_INIT_INO, include/uapi/linux/nsfs.h). */
#define HOST_MOUNTS "mnt:[4026531832]"

/* Its mounts are the host's, or ours: its root is no container's. */
static int is_host(int process) {
  static const char *const others[] = {"/proc/self/ns/mnt", "/proc/1/ns/mnt"};
  char mine[128], its[128];
  ssize_t length = readlinkat(process, "ns/mnt", its, sizeof its);
  if (length == sizeof HOST_MOUNTS - 1 && memcmp(its, HOST_MOUNTS, (size_t)length) == 0) return 1;
  for (size_t i = 0; length > 0 && i < countof(others); i++)
    if (readlink(others[i], mine, sizeof mine) == length && memcmp(mine, its, (size_t)length) == 0) return 1;
  return 0;
}

int host_below_base(const char *path, double ticks) {
  int base = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), root, error = 0;
  if (base < 0) return -errno;
  if (ticks < 0) return base;
  /* From here on everything goes through this fd: another process with the same pid is not reached. */
  if (start_ticks(base) != ticks) error = ESRCH;
  else if (is_host(base)) error = EPERM;
  root = error ? -error : openat(base, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0 && !error) root = -errno;
  close(base);
  return root;
}

static int put_file(int directory, const struct job *job, const struct stat *owner) {
  char temporary[300];
  int fd, error = 0;
  size_t done = 0;
  if (snprintf(temporary, sizeof temporary, ".%s.%d", job->name, (int)getpid()) >= (int)sizeof temporary) return ENAMETOOLONG;
  for (int attempt = 0;; attempt++) {
    fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd >= 0) break;
    if (errno != EEXIST || attempt > 0) return errno;
    unlinkat(directory, temporary, 0);
  }
  while (!error && done < job->length) {
    ssize_t written = write(fd, job->text + done, job->length - done);
    if (written > 0) done += (size_t)written;
    else if (written < 0 && errno != EINTR) error = errno;
  }
  if (owner->st_uid != 0 && fchown(fd, owner->st_uid, owner->st_gid) < 0) error = error ? error : 0;
  if (close(fd) < 0 && errno != EINTR && !error) error = errno;
  if (!error && renameat(directory, temporary, directory, job->name) < 0) error = errno;
  if (error) unlinkat(directory, temporary, 0);
  return error;
}

/* One part, made where it is missing. Its fd, or a negative errno. */
static int open_or_make(int directory, const char *part, const struct job *job, const struct stat *owner) {
  int next = open_component(directory, part, job->walk_only);
  if (next >= 0 || errno != ENOENT) return next < 0 ? -errno : next;
  if (mkdirat(directory, part, 0755) < 0 && errno != EEXIST) return -errno;
  next = open_component(directory, part, job->walk_only);
  if (next < 0) return -errno;
  if (owner->st_uid == 0 || fchown(next, owner->st_uid, owner->st_gid) == 0 || errno == EPERM) return next;
  int error = errno;
  close(next);
  return -error;
}

/* 0 where the directory lies in *mount or may be entered (which sets *mount), else an errno. */
static int check_mount(int directory, const struct job *job, const struct stat *owner, int *mount) {
  struct stat status;
  int here = mount_of(directory);
  if (here == *mount && here >= 0) return 0;
  /* Too old a kernel to ask for the mount: at least another device is refused. */
  if (!is_own_tmpfs(directory, job) &&
      (*mount >= 0 || fstat(directory, &status) < 0 || status.st_dev != owner->st_dev))
    return EXDEV;
  *mount = here;
  return 0;
}

static int write_below(const struct job *job) {
  struct stat owner;
  int directory = host_below_base(job->base, job->ticks), error = 0, mount, next;
  if (directory < 0) return -directory;
  if (fstat(directory, &owner) < 0) error = errno;
  mount = mount_of(directory);
  for (char *part = strtok(job->parts, "/"); part && !error; part = strtok(NULL, "/")) {
    next = open_or_make(directory, part, job, &owner);
    if (next < 0) {
      error = -next;
      break;
    }
    close(directory);
    directory = next;
    error = check_mount(directory, job, &owner, &mount);
  }
  if (!error) error = put_file(directory, job, &owner);
  close(directory);
  return error;
}

#define MAX_NAMES 4096

static int write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return errno;
    bytes += written;
    length -= (size_t)written;
  }
  return 0;
}

/* Names, each with a NUL behind it. Closes the directory. */
static int list_names(int directory, int out) {
  DIR *list = fdopendir(directory);
  struct dirent *entry;
  int error = list ? 0 : errno;
  for (int count = 0; !error && (entry = readdir(list)); count++)
    error = count < MAX_NAMES ? write_all(out, entry->d_name, strlen(entry->d_name) + 1) : EFBIG;
  if (list) closedir(list);
  else close(directory);
  return error;
}

int host_below_regular(int path) {
  char name[64];
  struct stat status;
  int fd = -1, error = 0;
  if (path < 0 || fstat(path, &status) < 0) error = errno;
  else if (!S_ISREG(status.st_mode)) error = S_ISLNK(status.st_mode) ? ELOOP : EINVAL;
  if (!error) {
    snprintf(name, sizeof name, "/proc/self/fd/%d", path);
    fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) error = errno;
  }
  if (path >= 0) close(path);
  return error ? -error : fd;
}

/* Closes the directory. */
static int send_file(int directory, const char *name, int out, double most) {
  static char buffer[65536];
  ssize_t length = 1;
  int fd = host_below_regular(openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)), error = 0;
  close(directory);
  if (fd < 0) return -fd;
  while (!error && length != 0) {
    length = read(fd, buffer, sizeof buffer);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) error = errno;
    else if ((most -= (double)length) < 0) error = EFBIG;
    else error = write_all(out, buffer, (size_t)length);
  }
  close(fd);
  return error;
}

/* Mounts are entered: whatever they show is read as the container's own word. */
static int read_below(void *opaque, int out) {
  const struct job *job = opaque;
  int directory = host_below_base(job->base, job->ticks), next;
  if (directory < 0) return -directory;
  for (char *part = strtok(job->parts, "/"); part; part = strtok(NULL, "/")) {
    next = open_component(directory, part, job->walk_only);
    int error = errno;
    close(directory);
    if (next < 0) return error;
    directory = next;
  }
  return *job->name ? send_file(directory, job->name, out, job->most) : list_names(directory, out);
}

static char *copy_of(JSContext *ctx, JSValueConst value, size_t *length) {
  size_t size;
  const char *text = host_to_bytes(ctx, &size, value);
  char *copy;
  if (!text) return NULL;
  copy = malloc(size + 1);
  if (copy) memcpy(copy, text, size + 1);
  else JS_ThrowOutOfMemory(ctx);
  JS_FreeCString(ctx, text);
  if (length) *length = size;
  return copy;
}

/* A part that is ".", ".." or longer than any name, or a name with a slash. */
static int is_bad_name(const char *name, size_t length) {
  return length == 0 || length > 255 || memchr(name, '/', length) != NULL || (name[0] == '.' && length <= 2 && (length == 1 || name[1] == '.'));
}

static int check_names(const struct job *job) {
  const char *at = job->parts;
  int count = 0;
  while (*at) {
    size_t length = strcspn(at, "/");
    if (is_bad_name(at, length) || ++count > MAX_PARTS) return 0;
    at += length;
    if (*at) at++;
  }
  return 1;
}

static JSValue below_write(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  struct job job = {0};
  JSValue result = JS_EXCEPTION;
  pid_t pid;
  if (JS_ToFloat64(ctx, &job.ticks, argv[1])) return JS_EXCEPTION;
  job.walk_only = JS_ToBool(ctx, argv[6]);
  if ((job.base = copy_of(ctx, argv[0], NULL)) && (job.devices = copy_of(ctx, argv[2], NULL)) &&
      (job.parts = copy_of(ctx, argv[3], NULL)) && (job.name = copy_of(ctx, argv[4], NULL)) &&
      (job.text = copy_of(ctx, argv[5], &job.length))) {
    if (!check_names(&job) || is_bad_name(job.name, strlen(job.name))) {
      result = JS_NewInt32(ctx, -EINVAL);
    } else {
      pid = host_child_fork();
      if (pid == 0) {
        host_child_begin(-1);
        _exit(write_below(&job));
      }
      result = JS_NewInt32(ctx, pid < 0 ? -errno : (int)pid);
      if (pid > 0) host_loop_watch_child(pid);
    }
  }
  free(job.base);
  free(job.devices);
  free(job.parts);
  free(job.name);
  free(job.text);
  return result;
}

static JSValue below_read(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  struct job job = {0};
  JSValue result = JS_EXCEPTION;
  if (JS_ToFloat64(ctx, &job.ticks, argv[1]) || JS_ToFloat64(ctx, &job.most, argv[4])) return JS_EXCEPTION;
  job.walk_only = JS_ToBool(ctx, argv[5]);
  if ((job.base = copy_of(ctx, argv[0], NULL)) && (job.parts = copy_of(ctx, argv[2], NULL)) &&
      (job.name = copy_of(ctx, argv[3], NULL))) {
    if (check_names(&job) && (!*job.name || !is_bad_name(job.name, strlen(job.name))))
      result = host_child_start(ctx, read_below, &job);
    else
      result = JS_NewInt32(ctx, -EINVAL);
  }
  free(job.base);
  free(job.parts);
  free(job.name);
  return result;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("writeBelow", 7, below_write),
    JS_CFUNC_DEF("readBelow", 6, below_read),
};

const struct host_area host_below_area = {functions, countof(functions)};

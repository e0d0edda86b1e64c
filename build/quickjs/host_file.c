/*
 * Whole files, directories and names. Every fd is close-on-exec, every interrupted call is repeated.
 *
 * Nothing here needs a system call newer than Linux 2.6.32.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host.h"

/* Most kernel files fit; larger ones continue on the heap. Untouched pages cost nothing. */
#define FIRST_READ (64 * 1024)

static JSValue errno_value(JSContext *ctx, int result) { return JS_NewInt32(ctx, result < 0 ? -errno : result); }

/* --- whole files ------------------------------------------------------------------------------------------------------ */

/*
 * Reads to the end. `*bytes` points at `first` or at a malloc'ed block. 0, or a negative errno; then nothing is to be
 * freed. A read error after the first bytes is an error, not the end of the file.
 */
static int read_to_end(int fd, char *first, size_t first_size, size_t maximum, char **bytes, size_t *length) {
  char *buffer = first, *grown;
  size_t capacity = first_size, used = 0;
  ssize_t got;
  for (;;) {
    if (used == capacity) {
      grown = realloc(buffer == first ? NULL : buffer, capacity * 2);
      if (grown == NULL) {
        got = -ENOMEM;
        break;
      }
      if (buffer == first)
        memcpy(grown, first, used);
      buffer = grown;
      capacity *= 2;
    }
    got = host_read(fd, buffer + used, capacity - used);
    if (got < 0) {
      got = -errno;
      break;
    }
    if (got == 0)
      break;
    used += (size_t)got;
    if (used > maximum) {
      got = -EFBIG;
      break;
    }
  }
  if (got < 0) {
    if (buffer != first)
      free(buffer);
    return (int)got;
  }
  *bytes = buffer;
  *length = used;
  return 0;
}

static JSValue read_file(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  static char first[FIRST_READ];
  JSValue result;
  const char *path;
  int32_t encoding;
  int fd, error = 0;
  double maximum;
  struct stat status;
  char *bytes = first;
  size_t length = 0;
  if (JS_ToFloat64(ctx, &maximum, argv[1]))
    return JS_EXCEPTION;
  if (JS_ToInt32(ctx, &encoding, argv[2]))
    return JS_EXCEPTION;
  path = host_to_path(ctx, argv[0], &result);
  if (path == NULL)
    return result;
  fd = host_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (fd < 0)
    error = -errno;
  JS_FreeCString(ctx, path);
  if (error != 0)
    return JS_NewInt32(ctx, error);
  if (fstat(fd, &status) != 0)
    error = -errno;
  else if (S_ISDIR(status.st_mode))
    error = -EISDIR;
  else if (!S_ISREG(status.st_mode))
    error = HOST_NOT_REGULAR;
  else
    error = read_to_end(fd, first, sizeof first, maximum >= 0 && maximum < INT_MAX ? (size_t)maximum : INT_MAX, &bytes,
                        &length);
  close(fd);
  if (error != 0)
    return JS_NewInt32(ctx, error);
  result = host_new_string(ctx, bytes, length, (enum host_encoding)encoding);
  if (bytes != first)
    free(bytes);
  return result;
}

static JSValue read_directory(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  JSValue result;
  const char *path = host_to_path(ctx, argv[0], &result);
  DIR *directory;
  struct dirent *entry;
  uint32_t count = 0;
  int error;
  if (path == NULL)
    return result;
  do
    directory = opendir(path);
  while (directory == NULL && errno == EINTR);
  error = errno;
  JS_FreeCString(ctx, path);
  if (directory == NULL)
    return JS_NewInt32(ctx, -error);
  result = JS_NewArray(ctx);
  while (!JS_IsException(result) && (errno = 0, entry = readdir(directory)) != NULL) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
      continue;
    result = host_append(ctx, result, count++, host_new_name(ctx, name, strlen(name)));
  }
  error = errno;
  closedir(directory);
  if (JS_IsException(result) || error == 0)
    return result;
  JS_FreeValue(ctx, result);
  return JS_NewInt32(ctx, -error);
}

static JSValue read_link(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  JSValue result;
  const char *path = host_to_path(ctx, argv[0], &result);
  char target[PATH_MAX];
  ssize_t length;
  int error;
  if (path == NULL)
    return result;
  length = readlink(path, target, sizeof target);
  error = errno;
  JS_FreeCString(ctx, path);
  return length < 0 ? JS_NewInt32(ctx, -error) : host_new_name(ctx, target, (size_t)length);
}

static JSValue file_status(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  JSValue result;
  struct stat s;
  int error, follow = JS_ToBool(ctx, argv[1]);
  const char *path = host_to_path(ctx, argv[0], &result);
  if (path == NULL)
    return result;
  error = (follow ? stat(path, &s) : lstat(path, &s)) == 0 ? 0 : -errno;
  JS_FreeCString(ctx, path);
  if (error != 0)
    return JS_NewInt32(ctx, error);
  {
    const double numbers[] = {
        (double)s.st_dev,         (double)s.st_ino,
        s.st_mode,                s.st_uid,
        s.st_gid,                 (double)s.st_size,
        host_realtime((double)s.st_mtim.tv_sec + (double)s.st_mtim.tv_nsec / 1e9),
        major(s.st_rdev),         minor(s.st_rdev),
        major(s.st_dev),          minor(s.st_dev),
    };
    return host_new_numbers(ctx, numbers, countof(numbers));
  }
}

/* --- names -------------------------------------------------------------------------------------------------------------- */

static JSValue with_path(JSContext *ctx, JSValueConst value, int (*call)(const char *)) {
  JSValue result;
  const char *path = host_to_path(ctx, value, &result);
  if (path == NULL)
    return result;
  result = errno_value(ctx, call(path));
  JS_FreeCString(ctx, path);
  return result;
}

static JSValue with_two_paths(JSContext *ctx, JSValueConst *argv, int (*call)(const char *, const char *)) {
  JSValue result;
  const char *first = host_to_path(ctx, argv[0], &result), *second;
  if (first == NULL)
    return result;
  second = host_to_path(ctx, argv[1], &result);
  if (second != NULL) {
    result = errno_value(ctx, call(first, second));
    JS_FreeCString(ctx, second);
  }
  JS_FreeCString(ctx, first);
  return result;
}

static JSValue with_path_and_mode(JSContext *ctx, JSValueConst *argv, int (*call)(const char *, mode_t)) {
  JSValue result;
  int32_t mode;
  const char *path;
  if (JS_ToInt32(ctx, &mode, argv[1]))
    return JS_EXCEPTION;
  path = host_to_path(ctx, argv[0], &result);
  if (path == NULL)
    return result;
  result = errno_value(ctx, call(path, (mode_t)mode));
  JS_FreeCString(ctx, path);
  return result;
}

static JSValue rename_file(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  return with_two_paths(ctx, argv, rename);
}

static JSValue unlink_file(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  return with_path(ctx, argv[0], unlink);
}

static JSValue make_directory(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  return with_path_and_mode(ctx, argv, mkdir);
}

static JSValue remove_directory(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  return with_path(ctx, argv[0], rmdir);
}

static JSValue make_symlink(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  return with_two_paths(ctx, argv, symlink);
}

static JSValue change_mode(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  return with_path_and_mode(ctx, argv, chmod);
}

static JSValue set_umask(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t mode;
  if (JS_ToInt32(ctx, &mode, argv[0]))
    return JS_EXCEPTION;
  return JS_NewInt32(ctx, (int32_t)umask((mode_t)mode));
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("readFile", 3, read_file),
    JS_CFUNC_DEF("readDirectory", 1, read_directory),
    JS_CFUNC_DEF("readLink", 1, read_link),
    JS_CFUNC_DEF("stat", 2, file_status),
    JS_CFUNC_DEF("rename", 2, rename_file),
    JS_CFUNC_DEF("unlink", 1, unlink_file),
    JS_CFUNC_DEF("mkdir", 2, make_directory),
    JS_CFUNC_DEF("rmdir", 1, remove_directory),
    JS_CFUNC_DEF("symlink", 2, make_symlink),
    JS_CFUNC_DEF("chmod", 2, change_mode),
    JS_CFUNC_DEF("umask", 1, set_umask),
};

const struct host_area host_file_area = {functions, countof(functions)};

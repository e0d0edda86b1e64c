/*
 * Files and directories. Every fd is close-on-exec, every interrupted call is repeated.
 *
 * Nothing here needs a system call newer than Linux 2.6.32.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host.h"

/* Most kernel files fit; larger ones continue on the heap. Untouched pages cost nothing. */
#define FIRST_READ (64 * 1024)

static JSValue errno_value(JSContext *ctx, int result) { return JS_NewInt32(ctx, result < 0 ? -errno : result); }

/* --- bytes and strings ---------------------------------------------------------------------------------------------- */

/* A code point below 0x10000 in three bytes at most. */
static size_t put_char(uint8_t *out, unsigned c) {
  if (c < 0x80) {
    out[0] = (uint8_t)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (uint8_t)(0xc0 | c >> 6);
    out[1] = (uint8_t)(0x80 | (c & 0x3f));
    return 2;
  }
  out[0] = (uint8_t)(0xe0 | c >> 12);
  out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
  out[2] = (uint8_t)(0x80 | (c & 0x3f));
  return 3;
}

/* As in sys.d.ts. */
enum encoding { TEXT = 0, LATIN1 = 1, NAME = 2 };

/*
 * Bytes as a string. TEXT: what is not UTF-8 becomes U+FFFD; NAME: each such byte U+DC80..U+DCFF; LATIN1: one char per byte.
 */
static JSValue new_string(JSContext *ctx, const char *bytes, size_t length, enum encoding encoding) {
  const uint8_t *in = (const uint8_t *)bytes, *end = in + length;
  size_t done = 0, used = 0;
  uint8_t *out;
  JSValue string;
  if (encoding == TEXT)
    return host_new_text(ctx, bytes, length);
  if (encoding == LATIN1)
    while (done < length && in[done] < 0x80)
      done++;
  else
    for (int step; done < length && (step = host_utf8_sequence(in + done, end)) > 0;)
      done += (size_t)step;
  if (done == length)
    return JS_NewStringLen(ctx, bytes, length);
  if (length > INT_MAX / 3 || (out = malloc(3 * length)) == NULL)
    return JS_ThrowOutOfMemory(ctx);
  done = 0;
  while (done < length) {
    int step = encoding == LATIN1 ? 0 : host_utf8_sequence(in + done, end);
    if (step > 0) {
      memcpy(out + used, in + done, (size_t)step);
      used += (size_t)step;
      done += (size_t)step;
      continue;
    }
    used += put_char(out + used, encoding == LATIN1 ? in[done] : 0xdc00u + in[done]);
    done++;
  }
  string = JS_NewStringLen(ctx, (const char *)out, used);
  free(out);
  return string;
}

JSValue host_new_name(JSContext *ctx, const char *bytes, size_t length) { return new_string(ctx, bytes, length, NAME); }

const char *host_to_bytes(JSContext *ctx, size_t *length, JSValueConst value) {
  size_t size, from, to;
  const char *text = JS_ToCStringLen(ctx, &size, value);
  uint8_t *bytes;
  if (text == NULL)
    return NULL;
  /* U+DC80..U+DCFF are ED B2 80..BF and ED B3 80..BF. Only a string with such a char is changed, and that is a copy:
   * the engine hands out its own bytes for pure ASCII only. */
  if (memchr(text, 0xed, size) != NULL) {
    bytes = (uint8_t *)text;
    for (from = to = 0; from < size;) {
      if (bytes[from] == 0xed && from + 2 < size && (bytes[from + 1] == 0xb2 || bytes[from + 1] == 0xb3)) {
        bytes[to++] = (uint8_t)((bytes[from + 1] & 3) << 6 | (bytes[from + 2] & 0x3f));
        from += 3;
      } else {
        bytes[to++] = bytes[from++];
      }
    }
    bytes[to] = '\0';
    size = to;
  }
  if (length != NULL)
    *length = size;
  return text;
}

/* A path; NULL with `*failed` set: what the caller returns. A NUL inside would name another file: -EINVAL. */
static const char *to_path(JSContext *ctx, JSValueConst value, JSValue *failed) {
  size_t length;
  const char *path = host_to_bytes(ctx, &length, value);
  *failed = JS_EXCEPTION;
  if (path != NULL && strlen(path) != length) {
    JS_FreeCString(ctx, path);
    *failed = JS_NewInt32(ctx, -EINVAL);
    return NULL;
  }
  return path;
}

static JSValue new_numbers(JSContext *ctx, const double *numbers, uint32_t count) {
  JSValue array = JS_NewArray(ctx);
  uint32_t i;
  if (JS_IsException(array))
    return array;
  for (i = 0; i < count; i++) {
    if (JS_DefinePropertyValueUint32(ctx, array, i, JS_NewFloat64(ctx, numbers[i]), JS_PROP_C_W_E) < 0) {
      JS_FreeValue(ctx, array);
      return JS_EXCEPTION;
    }
  }
  return array;
}

/* --- whole files ------------------------------------------------------------------------------------------------------ */

static int open_retrying(const char *path, int flags, mode_t mode) {
  int fd;
  do
    fd = open(path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

static ssize_t read_retrying(int fd, void *buffer, size_t size) {
  ssize_t got;
  do
    got = read(fd, buffer, size);
  while (got < 0 && errno == EINTR);
  return got;
}

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
    got = read_retrying(fd, buffer + used, capacity - used);
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
  path = to_path(ctx, argv[0], &result);
  if (path == NULL)
    return result;
  fd = open_retrying(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
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
  result = new_string(ctx, bytes, length, (enum encoding)encoding);
  if (bytes != first)
    free(bytes);
  return result;
}

static JSValue read_directory(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  JSValue result;
  const char *path = to_path(ctx, argv[0], &result);
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
    if (JS_DefinePropertyValueUint32(ctx, result, count++, host_new_name(ctx, name, strlen(name)), JS_PROP_C_W_E) < 0) {
      JS_FreeValue(ctx, result);
      result = JS_EXCEPTION;
    }
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
  const char *path = to_path(ctx, argv[0], &result);
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
  const char *path = to_path(ctx, argv[0], &result);
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
        (double)s.st_mtim.tv_sec + (double)s.st_mtim.tv_nsec / 1e9,
        major(s.st_rdev),         minor(s.st_rdev),
        major(s.st_dev),          minor(s.st_dev),
    };
    return new_numbers(ctx, numbers, countof(numbers));
  }
}

static JSValue file_system_status(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  JSValue result;
  struct statvfs s;
  int error;
  const char *path = to_path(ctx, argv[0], &result);
  if (path == NULL)
    return result;
  do
    error = statvfs(path, &s) == 0 ? 0 : -errno;
  while (error == -EINTR);
  JS_FreeCString(ctx, path);
  if (error != 0)
    return JS_NewInt32(ctx, error);
  {
    const double numbers[] = {
        (double)s.f_bsize, (double)s.f_frsize, (double)s.f_blocks, (double)s.f_bfree, (double)(int64_t)s.f_bavail,
        (double)s.f_files, (double)s.f_ffree,  (double)s.f_favail, (double)s.f_flag,  (double)s.f_namemax,
    };
    return new_numbers(ctx, numbers, countof(numbers));
  }
}

/* --- fds -------------------------------------------------------------------------------------------------------------- */

static JSValue open_file(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  JSValue result;
  int32_t flags, mode;
  const char *path;
  int fd;
  if (JS_ToInt32(ctx, &flags, argv[1]) || JS_ToInt32(ctx, &mode, argv[2]))
    return JS_EXCEPTION;
  path = to_path(ctx, argv[0], &result);
  if (path == NULL)
    return result;
  fd = open_retrying(path, flags, (mode_t)mode);
  result = errno_value(ctx, fd);
  JS_FreeCString(ctx, path);
  return result;
}

/* Not repeated on EINTR: on Linux the fd is gone then, and another one may have its number. */
static JSValue close_file(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t fd;
  if (JS_ToInt32(ctx, &fd, argv[0]))
    return JS_EXCEPTION;
  return JS_NewInt32(ctx, close(fd) == 0 || errno == EINTR ? 0 : -errno);
}

/* Writes everything. 0 or a negative errno. */
static int write_all(int fd, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, bytes, length);
    if (written >= 0) {
      bytes += written;
      length -= (size_t)written;
    } else if (errno == EAGAIN) {
      struct pollfd wait = {.fd = fd, .events = POLLOUT, .revents = 0};
      if (poll(&wait, 1, -1) < 0 && errno != EINTR)
        return -errno;
    } else if (errno != EINTR) {
      return -errno;
    }
  }
  return 0;
}

static JSValue write_text(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t fd;
  size_t length;
  const char *text;
  int error;
  if (JS_ToInt32(ctx, &fd, argv[0]))
    return JS_EXCEPTION;
  text = host_to_bytes(ctx, &length, argv[1]);
  if (text == NULL)
    return JS_EXCEPTION;
  error = write_all(fd, (const uint8_t *)text, length);
  JS_FreeCString(ctx, text);
  return JS_NewInt32(ctx, error);
}

/*
 * The bytes [offset, offset + length) of an ArrayBuffer. NULL with an exception pending. Called after all other arguments have
 * been converted: converting an object runs JavaScript, which may free the buffer.
 */
static uint8_t *slice_of(JSContext *ctx, JSValueConst buffer, int64_t offset, int64_t length) {
  size_t size;
  uint8_t *bytes = JS_GetArrayBuffer(ctx, &size, buffer);
  if (bytes == NULL)
    return NULL;
  if (offset < 0 || length < 0 || (uint64_t)offset > size || (uint64_t)length > size - (uint64_t)offset) {
    JS_ThrowRangeError(ctx, "outside the buffer");
    return NULL;
  }
  return bytes + offset;
}

static JSValue write_bytes(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t fd;
  int64_t offset, length;
  const uint8_t *bytes;
  if (JS_ToInt32(ctx, &fd, argv[0]) || JS_ToInt64(ctx, &offset, argv[2]) || JS_ToInt64(ctx, &length, argv[3]))
    return JS_EXCEPTION;
  bytes = slice_of(ctx, argv[1], offset, length);
  if (bytes == NULL)
    return JS_EXCEPTION;
  return JS_NewInt32(ctx, write_all(fd, bytes, (size_t)length));
}

static JSValue read_bytes(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t fd;
  int64_t offset, length;
  uint8_t *bytes;
  if (JS_ToInt32(ctx, &fd, argv[0]) || JS_ToInt64(ctx, &offset, argv[2]) || JS_ToInt64(ctx, &length, argv[3]))
    return JS_EXCEPTION;
  bytes = slice_of(ctx, argv[1], offset, length);
  if (bytes == NULL)
    return JS_EXCEPTION;
  return errno_value(ctx, (int)read_retrying(fd, bytes, length > INT_MAX ? INT_MAX : (size_t)length));
}

static JSValue sync_all(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  (void)ctx, (void)this_value, (void)argc, (void)argv;
  sync();
  return JS_UNDEFINED;
}

static JSValue sync_file(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t fd;
  int result;
  if (JS_ToInt32(ctx, &fd, argv[0]))
    return JS_EXCEPTION;
  do
    result = fsync(fd);
  while (result != 0 && errno == EINTR);
  return errno_value(ctx, result);
}

static JSValue truncate_file(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t fd;
  int64_t length;
  int result;
  if (JS_ToInt32(ctx, &fd, argv[0]) || JS_ToInt64(ctx, &length, argv[1]))
    return JS_EXCEPTION;
  do
    result = ftruncate(fd, (off_t)length);
  while (result != 0 && errno == EINTR);
  return errno_value(ctx, result);
}

/* A waiting lock is repeated on EINTR: the signal is delivered when the loop runs again. */
static JSValue lock_file(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t fd, operation;
  int result;
  if (JS_ToInt32(ctx, &fd, argv[0]) || JS_ToInt32(ctx, &operation, argv[1]))
    return JS_EXCEPTION;
  do
    result = flock(fd, operation);
  while (result != 0 && errno == EINTR);
  return errno_value(ctx, result);
}

/* --- names -------------------------------------------------------------------------------------------------------------- */

static JSValue with_path(JSContext *ctx, JSValueConst value, int (*call)(const char *)) {
  JSValue result;
  const char *path = to_path(ctx, value, &result);
  if (path == NULL)
    return result;
  result = errno_value(ctx, call(path));
  JS_FreeCString(ctx, path);
  return result;
}

static JSValue with_two_paths(JSContext *ctx, JSValueConst *argv, int (*call)(const char *, const char *)) {
  JSValue result;
  const char *first = to_path(ctx, argv[0], &result), *second;
  if (first == NULL)
    return result;
  second = to_path(ctx, argv[1], &result);
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
  path = to_path(ctx, argv[0], &result);
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
    JS_CFUNC_DEF("statvfs", 1, file_system_status),
    JS_CFUNC_DEF("open", 3, open_file),
    JS_CFUNC_DEF("close", 1, close_file),
    JS_CFUNC_DEF("write", 2, write_text),
    JS_CFUNC_DEF("writeBytes", 4, write_bytes),
    JS_CFUNC_DEF("read", 4, read_bytes),
    JS_CFUNC_DEF("fsync", 1, sync_file),
    JS_CFUNC_DEF("syncAll", 0, sync_all),
    JS_CFUNC_DEF("ftruncate", 2, truncate_file),
    JS_CFUNC_DEF("flock", 2, lock_file),
    JS_CFUNC_DEF("rename", 2, rename_file),
    JS_CFUNC_DEF("unlink", 1, unlink_file),
    JS_CFUNC_DEF("mkdir", 2, make_directory),
    JS_CFUNC_DEF("rmdir", 1, remove_directory),
    JS_CFUNC_DEF("symlink", 2, make_symlink),
    JS_CFUNC_DEF("chmod", 2, change_mode),
    JS_CFUNC_DEF("umask", 1, set_umask),
};

const struct host_area host_file_area = {functions, countof(functions)};

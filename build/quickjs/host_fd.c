/*
 * Open files: reading, writing, locking. Every fd is close-on-exec, every interrupted call is repeated.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

static JSValue errno_value(JSContext *ctx, int result) { return JS_NewInt32(ctx, result < 0 ? -errno : result); }

int host_open(const char *path, int flags, mode_t mode) {
  int fd;
  do
    fd = open(path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

ssize_t host_read(int fd, void *buffer, size_t size) {
  ssize_t got;
  do
    got = read(fd, buffer, size);
  while (got < 0 && errno == EINTR);
  return got;
}

static JSValue open_file(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  JSValue result;
  int32_t flags, mode;
  const char *path;
  int fd;
  if (JS_ToInt32(ctx, &flags, argv[1]) || JS_ToInt32(ctx, &mode, argv[2]))
    return JS_EXCEPTION;
  path = host_to_path(ctx, argv[0], &result);
  if (path == NULL)
    return result;
  fd = host_open(path, flags, (mode_t)mode);
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
  return errno_value(ctx, (int)host_read(fd, bytes, length > INT_MAX ? INT_MAX : (size_t)length));
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

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("open", 3, open_file),
    JS_CFUNC_DEF("close", 1, close_file),
    JS_CFUNC_DEF("write", 2, write_text),
    JS_CFUNC_DEF("writeBytes", 4, write_bytes),
    JS_CFUNC_DEF("read", 4, read_bytes),
    JS_CFUNC_DEF("fsync", 1, sync_file),
    JS_CFUNC_DEF("syncAll", 0, sync_all),
    JS_CFUNC_DEF("ftruncate", 2, truncate_file),
    JS_CFUNC_DEF("flock", 2, lock_file),
};

const struct host_area host_fd_area = {functions, countof(functions)};

#include "values.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#define MOST_FDS 16
#define MOST_SHARED 8

static int fds[MOST_FDS];
static int fd_count;
/* Buffers and lists that more than one argument may hold. */
static JSValue shared[MOST_SHARED];
static int shared_count;

void fuzz_know_fd(int fd) {
  if (fd > 2 && fd_count < MOST_FDS)
    fds[fd_count++] = fd;
  else if (fd > 2)
    close(fd);
}

void fuzz_forget_fd(int fd) {
  for (int i = 0; i < fd_count; i++)
    if (fds[i] == fd)
      fds[i--] = fds[--fd_count];
}

void fuzz_end_values(void) {
  while (fd_count > 0)
    close(fds[--fd_count]);
  while (shared_count > 0)
    JS_FreeValue(fuzz_ctx, shared[--shared_count]);
}

/* Of the last ArrayBuffer, for offsets and lengths at its ends. */
static double buffer_bytes;
/* Of the table that is being made: most have as many of everything as they should. */
static unsigned table_columns, table_rows;

static JSValue share(JSValue value) {
  if (shared_count < MOST_SHARED && JS_IsObject(value))
    shared[shared_count++] = JS_DupValue(fuzz_ctx, value);
  return value;
}

/* --- numbers and strings ------------------------------------------------------------------------------------------------------ */

static JSValue number_of(struct fuzz_input *in) {
  static const double odd[] = {0,          -0.0,        1,          -1,   2,           7,        8,        64,  65535,  65536,
                               2147483647, -2147483648.0, 2147483648.0, 4294967295.0, 4294967296.0, 9007199254740992.0, 1e15,
                               -1e15,      9.3e18,      1e300,      0.5,  -0.001,      (double)NAN, INFINITY, -INFINITY};
  unsigned which = fuzz_byte(in);
  if (which < 128)
    return JS_NewFloat64(fuzz_ctx, odd[which % countof(odd)]);
  if (which < 240)
    return JS_NewInt32(fuzz_ctx, (int)fuzz_byte(in));
  return JS_NewFloat64(fuzz_ctx, fuzz_double(in));
}

/* An offset or a length: at an end of the buffer, or any number. */
static JSValue offset_of(struct fuzz_input *in) {
  static const double from_end[] = {0, -1, 1, -8, 8};
  unsigned which = fuzz_byte(in);
  if (which < 60)
    return JS_NewInt32(fuzz_ctx, (int)which % 4);
  if (which < 120)
    return JS_NewFloat64(fuzz_ctx, buffer_bytes / 2 + from_end[which % 5]);
  return which < 200 ? JS_NewFloat64(fuzz_ctx, buffer_bytes + from_end[which % 5]) : number_of(in);
}

static JSValue text_of(struct fuzz_input *in) {
  size_t length, most = fuzz_byte(in);
  const uint8_t *bytes = fuzz_bytes(in, most > 250 ? 4096 : most % 32, &length);
  return fuzz_name(bytes, length);
}

/* One to four parts. Those of a path that may be written to cannot lead out of the scratch directory. */
static JSValue path_of(struct fuzz_input *in, int writable) {
  static const char long_name[] = "fz"
                                  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                                  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                                  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
  static const char *const parts[] = {"fz", "fza", "fzd", "fzd/fz", "fzlink", "fz\xff\xed\xb2\x80", "fz\xf0\x9f\x98\x80", ".", "", long_name,
                                      "..", "/proc", "self", "stat", "mountinfo", "fd", "/", "1", "task"};
  char path[1200];
  size_t used = 0, length;
  for (unsigned count = 1 + fuzz_below(in, 4); count > 0; count--) {
    const char *part = parts[fuzz_below(in, writable ? 10 : countof(parts))];
    length = strlen(part);
    if (used > 0)
      path[used++] = '/';
    memcpy(path + used, part, length);
    used += length;
  }
  if (fuzz_byte(in) > 250)
    path[used / 2] = '\0';
  /* A first part that is empty or "/" would make it an absolute one. */
  if (writable && used > 0 && path[0] == '/')
    path[0] = 'f';
  return fuzz_name(path, used);
}

/* --- objects ----------------------------------------------------------------------------------------------------------------------- */

/* What a conversion calls: it may do what it likes to the other arguments. */
static JSValue convert(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv, int magic) {
  (void)this_value, (void)argc, (void)argv;
  for (int i = 0; i < shared_count && magic != 0; i++) {
    if (magic == 1)
      JS_DetachArrayBuffer(ctx, shared[i]);
    else
      for (uint32_t at = 0; at < 4 && JS_IsArray(ctx, shared[i]); at++)
        JS_SetPropertyUint32(ctx, shared[i], at, JS_UNDEFINED);
  }
  JS_FreeValue(ctx, JS_GetException(ctx)); /* of a store without memory: not the caller's */
  if (magic == 2)
    JS_RunGC(JS_GetRuntime(ctx));
  if (magic == 3)
    return JS_ThrowTypeError(ctx, "not convertible");
  return JS_NewString(ctx, "fz");
}

static JSValue object_of(struct fuzz_input *in) {
  JSValue object = JS_NewObject(fuzz_ctx);
  int magic = (int)fuzz_below(in, 4);
  const char *name = fuzz_byte(in) & 1 ? "toString" : "valueOf";
  JS_SetPropertyStr(fuzz_ctx, object, name, JS_NewCFunctionMagic(fuzz_ctx, (JSCFunctionMagic *)(void *)convert, name, 0, JS_CFUNC_generic_magic, magic));
  return object;
}

static JSValue buffer_of(struct fuzz_input *in) {
  static uint8_t zeros[65536];
  unsigned which = fuzz_byte(in);
  size_t size = which < 200 ? which * 8 : which < 250 ? which : sizeof zeros;
  JSValue buffer = JS_NewArrayBufferCopy(fuzz_ctx, zeros, size);
  buffer_bytes = (double)size;
  if (which > 250)
    JS_DetachArrayBuffer(fuzz_ctx, buffer);
  return share(buffer);
}

static JSValue typed_array_of(struct fuzz_input *in) {
  JSValue global = JS_GetGlobalObject(fuzz_ctx);
  JSValue constructor = JS_GetPropertyStr(fuzz_ctx, global, fuzz_byte(in) < 240 ? "Float64Array" : "Uint8Array");
  JSValue arguments[3] = {buffer_of(in), JS_NewInt32(fuzz_ctx, (int)fuzz_below(in, 8) * 8), JS_NewInt32(fuzz_ctx, (int)fuzz_below(in, 32))};
  JSValue array = JS_CallConstructor(fuzz_ctx, constructor, 3, (JSValueConst *)arguments);
  if (JS_IsException(array)) {
    JS_FreeValue(fuzz_ctx, JS_GetException(fuzz_ctx));
    array = JS_UNDEFINED;
  } else {
    /* What it shows is not all zeros. */
    for (uint32_t i = 0; i < 4; i++) {
      JS_SetPropertyUint32(fuzz_ctx, array, i, number_of(in));
      JS_FreeValue(fuzz_ctx, JS_GetException(fuzz_ctx));
    }
  }
  JS_FreeValue(fuzz_ctx, arguments[0]);
  JS_FreeValue(fuzz_ctx, constructor);
  JS_FreeValue(fuzz_ctx, global);
  return array;
}

static JSValue list_of(struct fuzz_input *in, unsigned count, const char *kinds) {
  JSValue list = share(JS_NewArray(fuzz_ctx));
  for (uint32_t i = 0; i < count; i++) {
    char kind = kinds[fuzz_below(in, (unsigned)strlen(kinds))];
    JS_SetPropertyUint32(fuzz_ctx, list, i, fuzz_value(in, kind));
  }
  return list;
}

static unsigned any_count(struct fuzz_input *in) {
  unsigned count = fuzz_byte(in);
  return count > 250 ? 40 : count % 6;
}

/* Parts of alignTable's table, in the order of its arguments; at times of another length. */
static JSValue table_part(struct fuzz_input *in, char kind) {
  if (kind == 'H') {
    table_columns = 1 + fuzz_below(in, 3);
    table_rows = fuzz_below(in, 4);
  }
  unsigned odd = fuzz_byte(in), count = kind == 'R' ? table_rows : table_columns;
  if (odd > 245)
    count = any_count(in);
  return list_of(in, count, kind == 'C' ? "RRN" : kind == 'W' ? "wwi" : kind == 'R' ? "vvvsxd" : "vvvs");
}

/* A list that is none: a length of its own, and no elements. */
static JSValue false_list(struct fuzz_input *in) {
  JSValue object = JS_NewObject(fuzz_ctx);
  JS_SetPropertyStr(fuzz_ctx, object, "length", fuzz_byte(in) & 1 ? JS_NewInt32(fuzz_ctx, (int)fuzz_below(in, 8)) : object_of(in));
  JS_SetPropertyStr(fuzz_ctx, object, "0", fuzz_value(in, 's'));
  return object;
}

/* --- any of them ------------------------------------------------------------------------------------------------------------------- */

/* Of the wrong kind. No string: it could be a path. No small number: it could be an fd of somebody else. */
static JSValue wrong_value(struct fuzz_input *in) {
  switch (fuzz_below(in, 8)) {
  case 0:
    return JS_NULL;
  case 1:
    return object_of(in);
  case 2:
    return typed_array_of(in);
  case 3:
    return false_list(in);
  case 4:
    return shared_count > 0 ? JS_DupValue(fuzz_ctx, shared[fuzz_below(in, (unsigned)shared_count)]) : JS_UNDEFINED;
  case 5:
    return JS_NewFloat64(fuzz_ctx, NAN);
  case 6:
    return JS_NewFloat64(fuzz_ctx, 1e9);
  default:
    return JS_UNDEFINED;
  }
}

static JSValue fd_of(struct fuzz_input *in) {
  unsigned which = fuzz_byte(in);
  if (fd_count > 0 && which < 220)
    return JS_NewInt32(fuzz_ctx, fds[which % (unsigned)fd_count]);
  return JS_NewFloat64(fuzz_ctx, which & 1 ? -1 : 1e6 + which);
}

JSValue fuzz_value(struct fuzz_input *in, char kind) {
  if (fuzz_byte(in) > 235)
    return wrong_value(in);
  switch (kind) {
  case 'p':
    return path_of(in, 1);
  case 'r':
    return path_of(in, 0);
  case 's':
    return text_of(in);
  case 'b':
    return shared_count > 0 && fuzz_byte(in) & 1 ? JS_DupValue(fuzz_ctx, shared[0]) : buffer_of(in);
  case 'f':
    return fd_of(in);
  case 'N':
    return typed_array_of(in);
  case 'S':
    return list_of(in, any_count(in), "sssd");
  case 'H':
  case 'C':
  case 'X':
  case 'W':
  case 'R':
    return table_part(in, kind);
  case 'w':
    return JS_NewInt32(fuzz_ctx, (int)fuzz_below(in, 12));
  case 'o':
    return offset_of(in);
  case 'v':
    return JS_NewString(fuzz_ctx, fuzz_byte(in) & 1 ? "word" : "7");
  case 'x':
    return object_of(in);
  case 'l':
    return share(JS_NewArray(fuzz_ctx));
  case 't':
    return fuzz_byte(in) & 1 ? JS_TRUE : JS_FALSE;
  default:
    return number_of(in);
  }
}

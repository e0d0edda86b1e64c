/*
 * Bytes that may be anything, as text, and back; rows of numbers. Node's decoder gives the same: one U+FFFD for each longest broken sequence.
 */
#include "host.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Length of the well-formed UTF-8 sequence at s, or minus the bytes that one U+FFFD stands for (Unicode, table 3-7). */
int host_utf8_sequence(const uint8_t *s, const uint8_t *end) {
  uint8_t c = s[0], low = 0x80, high = 0xbf;
  int more;
  if (c < 0x80) return 1;
  if (c >= 0xc2 && c <= 0xdf) more = 1;
  else if (c >= 0xe0 && c <= 0xef) {
    more = 2;
    if (c == 0xe0) low = 0xa0;
    if (c == 0xed) high = 0x9f;
  } else if (c >= 0xf0 && c <= 0xf4) {
    more = 3;
    if (c == 0xf0) low = 0x90;
    if (c == 0xf4) high = 0x8f;
  } else return -1;
  for (int i = 1; i <= more; i++) {
    if (s + i >= end || s[i] < low || s[i] > high) return -i;
    low = 0x80;
    high = 0xbf;
  }
  return more + 1;
}

/* A string of bytes that may be anything; what is not UTF-8 becomes U+FFFD, as in every other decoder. */
JSValue host_new_text(JSContext *ctx, const char *bytes, size_t length) {
  const uint8_t *s = (const uint8_t *)bytes, *end = s + length, *p = s;
  while (p < end) {
    int n = host_utf8_sequence(p, end);
    if (n < 0) break;
    p += n;
  }
  if (p == end) return JS_NewStringLen(ctx, bytes, length);
  char *clean = malloc(3 * length), *q = clean;
  if (!clean) return JS_ThrowOutOfMemory(ctx);
  for (p = s; p < end;) {
    int n = host_utf8_sequence(p, end);
    if (n > 0) {
      memcpy(q, p, (size_t)n);
      q += n;
      p += n;
    } else {
      memcpy(q, "\xef\xbf\xbd", 3);
      q += 3;
      p -= n;
    }
  }
  JSValue text = JS_NewStringLen(ctx, clean, (size_t)(q - clean));
  free(clean);
  return text;
}

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

JSValue host_new_string(JSContext *ctx, const char *bytes, size_t length, enum host_encoding encoding) {
  const uint8_t *in = (const uint8_t *)bytes, *end = in + length;
  size_t done = 0, used = 0;
  uint8_t *out;
  JSValue string;
  if (encoding == HOST_TEXT)
    return host_new_text(ctx, bytes, length);
  if (encoding == HOST_LATIN1)
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
    int step = encoding == HOST_LATIN1 ? 0 : host_utf8_sequence(in + done, end);
    if (step > 0) {
      memcpy(out + used, in + done, (size_t)step);
      used += (size_t)step;
      done += (size_t)step;
      continue;
    }
    used += put_char(out + used, encoding == HOST_LATIN1 ? in[done] : 0xdc00u + in[done]);
    done++;
  }
  string = JS_NewStringLen(ctx, (const char *)out, used);
  free(out);
  return string;
}

JSValue host_new_name(JSContext *ctx, const char *bytes, size_t length) { return host_new_string(ctx, bytes, length, HOST_NAME); }

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

const char *host_to_path(JSContext *ctx, JSValueConst value, JSValue *failed) {
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

JSValue host_append(JSContext *ctx, JSValue list, uint32_t index, JSValue value) {
  if (JS_IsException(list)) {
    JS_FreeValue(ctx, value);
    return list;
  }
  /* The engine would store an exception as if it were a value. */
  if (!JS_IsException(value) && JS_DefinePropertyValueUint32(ctx, list, index, value, JS_PROP_C_W_E) >= 0)
    return list;
  JS_FreeValue(ctx, list);
  return JS_EXCEPTION;
}

JSValue host_new_numbers(JSContext *ctx, const double *numbers, uint32_t count) {
  JSValue list = JS_NewArray(ctx);
  for (uint32_t i = 0; i < count; i++)
    list = host_append(ctx, list, i, JS_NewFloat64(ctx, numbers[i]));
  return list;
}

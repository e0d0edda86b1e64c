/*
 * Bytes that may be anything, as text. Node's decoder gives the same: one U+FFFD for each longest broken sequence.
 */
#include "host.h"

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

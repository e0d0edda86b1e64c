/*
 * Bytes to strings and back: the three encodings of readFile, names, the environment, CRC-32, the depth check in front of JSON.parse. An
 * input is one byte that chooses, and the text.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static JSValue read_as(const char *path, int encoding) {
  JSValue arguments[3] = {JS_NewString(fuzz_ctx, path), JS_NewFloat64(fuzz_ctx, 1 << 24), JS_NewInt32(fuzz_ctx, encoding)};
  JSValue text = fuzz_call("readFile", 3, (JSValueConst *)arguments);
  JS_FreeValue(fuzz_ctx, arguments[0]);
  fuzz_check(JS_IsString(text), "a file without a text");
  return text;
}

/* Bytes that a string stands for, against what is expected. */
static void expect_bytes(JSValueConst text, const uint8_t *bytes, size_t size, const char *what) {
  size_t length;
  const char *back = host_to_bytes(fuzz_ctx, &length, text);
  fuzz_check(back != NULL && length == size && memcmp(back, bytes, size) == 0, "%s: other bytes", what);
  JS_FreeCString(fuzz_ctx, back);
}

/* Unicode, table 3-7, in another way than host_text.c: by the code point. */
static int is_well_formed(const uint8_t *text, size_t size) {
  size_t i = 0;
  while (i < size) {
    unsigned first = text[i], more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3, point, k;
    static const unsigned lowest[] = {0, 0x80, 0x800, 0x10000};
    if ((first >= 0x80 && first < 0xc0) || first > 0xf7 || size - i <= more)
      return 0;
    point = more == 0 ? first : first & (0x3f >> more);
    for (k = 1; k <= more; k++) {
      if ((text[i + k] & 0xc0) != 0x80)
        return 0;
      point = point << 6 | (text[i + k] & 0x3f);
    }
    if (point < lowest[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
      return 0;
    i += more + 1;
  }
  return 1;
}

static void try_encodings(const uint8_t *bytes, size_t size) {
  const char *path = fuzz_file(bytes, size), *clean;
  JSValue text = read_as(path, 0), latin1 = read_as(path, 1), name = read_as(path, 2), length, again;
  uint32_t units;
  size_t clean_size, i, at = 0;
  expect_bytes(name, bytes, size, "a name");
  length = JS_GetPropertyStr(fuzz_ctx, latin1, "length");
  fuzz_check(JS_ToUint32(fuzz_ctx, &units, length) == 0 && units == size, "one char per byte");
  clean = JS_ToCStringLen(fuzz_ctx, &clean_size, latin1);
  for (i = 0; i < size; i++) {
    unsigned c = (uint8_t)clean[at++];
    if (c >= 0x80)
      c = (c & 3) << 6 | ((uint8_t)clean[at++] & 0x3f);
    fuzz_check(c == bytes[i], "latin1: byte %zu", i);
  }
  JS_FreeCString(fuzz_ctx, clean);
  clean = JS_ToCStringLen(fuzz_ctx, &clean_size, text);
  fuzz_check(is_well_formed((const uint8_t *)clean, clean_size), "a text that is not UTF-8");
  if (is_well_formed(bytes, size))
    expect_bytes(text, bytes, size, "a text");
  again = read_as(fuzz_file(clean, clean_size), 0);
  expect_bytes(again, (const uint8_t *)clean, clean_size, "a text read again");
  JS_FreeCString(fuzz_ctx, clean);
  JS_FreeValue(fuzz_ctx, text);
  JS_FreeValue(fuzz_ctx, latin1);
  JS_FreeValue(fuzz_ctx, name);
  JS_FreeValue(fuzz_ctx, again);
}

static void try_environment(const uint8_t *bytes, size_t size) {
  char *value = strndup((const char *)bytes, size);
  JSValue key = JS_NewString(fuzz_ctx, "FUZZ"), found, all;
  setenv("FUZZ", value, 1);
  found = fuzz_call("getenv", 1, (JSValueConst *)&key);
  fuzz_check(JS_IsString(found), "a variable that is set");
  all = fuzz_call("environ", 0, NULL);
  fuzz_check(JS_IsArray(fuzz_ctx, all), "no environment");
  expect_bytes(found, (const uint8_t *)value, strlen(value), "a variable");
  JS_FreeValue(fuzz_ctx, all);
  JS_FreeValue(fuzz_ctx, found);
  JS_FreeValue(fuzz_ctx, key);
  unsetenv("FUZZ");
  free(value);
}

static uint32_t crc_bit_by_bit(const uint8_t *bytes, size_t size) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < size; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

static void try_crc(const uint8_t *bytes, size_t size) {
  JSValue buffer = JS_NewArrayBufferCopy(fuzz_ctx, bytes, size);
  size_t half = size / 3;
  JSValue first[4] = {buffer, JS_NewInt32(fuzz_ctx, 0), JS_NewInt64(fuzz_ctx, (int64_t)half), JS_NewInt32(fuzz_ctx, 0)};
  JSValue second[4] = {buffer, first[2], JS_NewInt64(fuzz_ctx, (int64_t)(size - half)), JS_UNDEFINED}, sum;
  uint32_t found;
  second[3] = fuzz_call("crc32", 4, (JSValueConst *)first);
  sum = fuzz_call("crc32", 4, (JSValueConst *)second);
  fuzz_check(JS_ToUint32(fuzz_ctx, &found, sum) == 0 && found == crc_bit_by_bit(bytes, size), "CRC-32");
  JS_FreeValue(fuzz_ctx, buffer);
}

static void try_json(const uint8_t *bytes, size_t size) {
  JSValue global = JS_GetGlobalObject(fuzz_ctx), json = JS_GetPropertyStr(fuzz_ctx, global, "JSON");
  JSValue parse = JS_GetPropertyStr(fuzz_ctx, json, "parse"), text = fuzz_name(bytes, size);
  JSValue value = JS_Call(fuzz_ctx, parse, json, 1, (JSValueConst *)&text);
  JS_FreeValue(fuzz_ctx, JS_GetException(fuzz_ctx));
  JS_FreeValue(fuzz_ctx, value);
  JS_FreeValue(fuzz_ctx, text);
  JS_FreeValue(fuzz_ctx, parse);
  JS_FreeValue(fuzz_ctx, json);
  JS_FreeValue(fuzz_ctx, global);
}

static void one(struct fuzz_input *in) {
  static void (*const all[])(const uint8_t *, size_t) = {try_encodings, try_environment, try_crc, try_json};
  unsigned which = fuzz_below(in, countof(all));
  all[which](in->at, (size_t)(in->end - in->at));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) { return fuzz_run(one, bytes, size); }

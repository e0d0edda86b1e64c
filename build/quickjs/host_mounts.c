/*
 * A mountinfo file in one call, and lines of a text: a host has thousands of mounts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

#define FIRST_READ (64 * 1024)
#define MOST_BYTES (16 * 1024 * 1024)

/* Most files fit; larger ones continue on the heap. Untouched pages cost nothing. */
static char first[FIRST_READ + 1];

static void release(char *bytes) {
  if (bytes != first)
    free(bytes);
}

/* Four times the room, or NULL; what was there is freed in both cases. */
static char *enlarge(char *bytes, size_t room) {
  char *larger = malloc(room * 4 + 1);
  if (larger)
    memcpy(larger, bytes, room);
  release(bytes);
  return larger;
}

/* Bytes of a file, NUL behind them, for release(); or a negative errno. */
static int read_whole(const char *path, char **bytes, size_t *length) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    return -errno;
  size_t room = FIRST_READ, used = 0;
  char *buffer = first;
  int error = 0;
  while (!error) {
    if (used == room) {
      if (room >= MOST_BYTES) {
        error = -EFBIG;
        break;
      }
      buffer = enlarge(buffer, room);
      if (!buffer) {
        error = -ENOMEM;
        break;
      }
      room *= 4;
    }
    ssize_t got = read(fd, buffer + used, room - used);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      error = -errno;
    if (got <= 0)
      break;
    used += (size_t)got;
  }
  close(fd);
  if (error) {
    if (buffer)
      release(buffer);
    return error;
  }
  buffer[used] = 0;
  *bytes = buffer;
  *length = used;
  return 0;
}

/* Undoes the kernel's octal escapes in place; gives the end. Anything else behind a backslash stays. */
static char *unescape(char *from, char *end) {
  char *to = memchr(from, '\\', (size_t)(end - from));
  if (!to)
    return end;
  for (char *at = to; at < end;) {
    if (*at == '\\' && end - at >= 4 && at[1] >= '0' && at[1] <= '1' && at[2] >= '0' && at[2] <= '7' &&
        at[3] >= '0' && at[3] <= '7') {
      *to++ = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + at[3] - '0');
      at += 4;
    } else {
      *to++ = *at++;
    }
  }
  return to;
}

struct field {
  char *start, *end;
};

struct mount {
  struct field root, target, type, source;
  unsigned major, minor;
  int covered;
};

static struct field next_field(char **at, char *end) {
  struct field field = {*at, memchr(*at, ' ', (size_t)(end - *at))};
  if (!field.end)
    field.end = end;
  *at = field.end < end ? field.end + 1 : end;
  return field;
}

static int parse_number(const char *start, const char *end, unsigned *value) {
  if (start == end || end - start > 9)
    return -1;
  *value = 0;
  for (; start < end; start++) {
    if (*start < '0' || *start > '9')
      return -1;
    *value = *value * 10 + (unsigned)(*start - '0');
  }
  return 0;
}

/* One line; -1 where it is no mount. */
static int parse_mount(char *line, char *end, struct mount *mount) {
  char *at = line;
  next_field(&at, end);
  next_field(&at, end);
  struct field device = next_field(&at, end);
  mount->root = next_field(&at, end);
  mount->target = next_field(&at, end);
  char *colon = memchr(device.start, ':', (size_t)(device.end - device.start));
  char *dash = memmem(at, (size_t)(end - at), " - ", 3);
  if (!colon || !dash || mount->target.start == mount->target.end)
    return -1;
  if (parse_number(device.start, colon, &mount->major) || parse_number(colon + 1, device.end, &mount->minor))
    return -1;
  at = dash + 3;
  mount->type = next_field(&at, end);
  if (at == end && mount->type.end == end)
    return -1;
  mount->source = next_field(&at, end);
  struct field *fields[] = {&mount->root, &mount->target, &mount->type, &mount->source};
  for (size_t i = 0; i < countof(fields); i++)
    fields[i]->end = unescape(fields[i]->start, fields[i]->end);
  return 0;
}

/* --- which mounts lie below a later one ------------------------------------------------------------------------- */

struct path_set {
  const struct mount **slots;
  size_t mask;
};

static int holds(const struct path_set *set, uint32_t hash, const char *path, size_t length) {
  for (size_t i = hash & set->mask; set->slots[i]; i = (i + 1) & set->mask) {
    const struct field *target = &set->slots[i]->target;
    if ((size_t)(target->end - target->start) == length && !memcmp(target->start, path, length))
      return 1;
  }
  return 0;
}

/* FNV-1a; each directory above is looked up on the way. Gives the hash of the whole path. */
static uint32_t look_up(const struct path_set *set, struct mount *mount) {
  const char *path = mount->target.start;
  size_t length = (size_t)(mount->target.end - path);
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; i++) {
    if (path[i] == '/' && i > 0 && !mount->covered)
      mount->covered = holds(set, hash, path, i);
    hash = (hash ^ (uint8_t)path[i]) * 16777619u;
    if (i == 0 && path[0] == '/' && length > 1 && !mount->covered)
      mount->covered = holds(set, hash, path, 1); /* "/" */
  }
  if (!mount->covered)
    mount->covered = holds(set, hash, path, length);
  return hash;
}

static int mark_covered(struct mount *mounts, size_t count) {
  struct path_set set = {NULL, 16};
  while (set.mask < count * 2)
    set.mask *= 2;
  set.slots = calloc(set.mask, sizeof *set.slots);
  if (!set.slots)
    return -ENOMEM;
  set.mask--;
  for (size_t i = count; i-- > 0;) {
    uint32_t hash = look_up(&set, &mounts[i]);
    size_t slot = hash & set.mask;
    while (set.slots[slot])
      slot = (slot + 1) & set.mask;
    set.slots[slot] = &mounts[i];
  }
  free(set.slots);
  return 0;
}

/* --- to JavaScript ---------------------------------------------------------------------------------------------------- */

struct seen {
  struct field field;
  JSValue value;
};

/* The string of a field; that of the mount before where it is the same. */
static JSValue string_of(JSContext *ctx, struct seen *seen, const struct field *field) {
  size_t length = (size_t)(field->end - field->start);
  if (seen->field.start && (size_t)(seen->field.end - seen->field.start) == length &&
      !memcmp(seen->field.start, field->start, length))
    return JS_DupValue(ctx, seen->value);
  JS_FreeValue(ctx, seen->value);
  seen->field = *field;
  seen->value = host_new_name(ctx, field->start, length);
  return JS_DupValue(ctx, seen->value);
}

static JSValue mounts_to_array(JSContext *ctx, const struct mount *mounts, size_t count) {
  struct seen seen[4] = {{{0}, JS_UNDEFINED}, {{0}, JS_UNDEFINED}, {{0}, JS_UNDEFINED}, {{0}, JS_UNDEFINED}};
  JSValue array = JS_NewArray(ctx);
  uint32_t at = 0;
  int failed = JS_IsException(array);
  for (size_t i = 0; i < count && !failed; i++) {
    const struct mount *mount = &mounts[i];
    const struct field *fields[] = {&mount->source, &mount->type, &mount->target, &mount->root};
    for (size_t j = 0; j < countof(fields) && !failed; j++) {
      JSValue text = string_of(ctx, &seen[j], fields[j]);
      failed = JS_IsException(text) || JS_SetPropertyUint32(ctx, array, at++, text) < 0;
    }
    failed = failed || JS_SetPropertyUint32(ctx, array, at++, JS_NewInt32(ctx, (int32_t)mount->major)) < 0 ||
             JS_SetPropertyUint32(ctx, array, at++, JS_NewInt32(ctx, (int32_t)mount->minor)) < 0 ||
             JS_SetPropertyUint32(ctx, array, at++, JS_NewBool(ctx, mount->covered)) < 0;
  }
  for (size_t j = 0; j < countof(seen); j++)
    JS_FreeValue(ctx, seen[j].value);
  if (!failed)
    return array;
  JS_FreeValue(ctx, array);
  return JS_EXCEPTION;
}

/* Parses `bytes` in place. A negative errno, or -EINVAL with the line's number, from 1, in `*bad`. */
static int parse_mounts(char *bytes, size_t length, struct mount **mounts, size_t *count) {
  size_t lines = 0;
  for (char *at = bytes; at < bytes + length; lines++) {
    char *end = memchr(at, '\n', (size_t)(bytes + length - at));
    at = end ? end + 1 : bytes + length;
  }
  *mounts = calloc(lines + 1, sizeof **mounts);
  if (!*mounts)
    return -ENOMEM;
  char *at = bytes;
  for (*count = 0; *count < lines; ++*count) {
    char *end = memchr(at, '\n', (size_t)(bytes + length - at));
    if (!end)
      end = bytes + length;
    if (parse_mount(at, end, &(*mounts)[*count]))
      return -EINVAL;
    at = end + 1;
  }
  return mark_covered(*mounts, *count);
}

/* Releases `bytes`. */
static JSValue split(JSContext *ctx, char *bytes, size_t length) {
  size_t count = 0;
  struct mount *mounts = NULL;
  int error = parse_mounts(bytes, length, &mounts, &count);
  JSValue result = error ? JS_NewInt32(ctx, error) : mounts_to_array(ctx, mounts, count);
  free(mounts);
  release(bytes);
  return result;
}

static JSValue read_mounts(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  char *bytes = NULL;
  size_t length = 0;
  (void)this_value, (void)argc;
  JSValue failed;
  const char *path = host_to_path(ctx, argv[0], &failed);
  if (!path)
    return failed;
  int error = read_whole(path, &bytes, &length);
  JS_FreeCString(ctx, path);
  return error ? JS_NewInt32(ctx, error) : split(ctx, bytes, length);
}

static JSValue split_mounts(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  size_t length;
  (void)this_value, (void)argc;
  const char *text = host_to_bytes(ctx, &length, argv[0]);
  if (!text)
    return JS_EXCEPTION;
  char *bytes = malloc(length + 1);
  if (bytes)
    memcpy(bytes, text, length + 1);
  JS_FreeCString(ctx, text);
  return bytes ? split(ctx, bytes, length) : JS_NewInt32(ctx, -ENOMEM);
}

/* --- lines of a text ------------------------------------------------------------------------------------------------------ */

#define MOST_WORDS 8

/* (text, words) -> the lines that hold one of them; a word holds no newline. */
static JSValue lines_with(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  const char *words[MOST_WORDS + 1] = {0};
  size_t length;
  uint32_t count = 0;
  (void)this_value, (void)argc;
  const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
  if (!text)
    return JS_EXCEPTION;
  JSValue lines = JS_NewArray(ctx);
  int failed = JS_IsException(lines), known = 0;
  while (!failed && known < MOST_WORDS) {
    JSValue word = JS_GetPropertyUint32(ctx, argv[1], (uint32_t)known);
    if (JS_IsUndefined(word))
      break;
    words[known] = JS_ToCString(ctx, word);
    JS_FreeValue(ctx, word);
    failed = !words[known++];
  }
  const char *at = text, *end = text + length, *next[MOST_WORDS] = {0};
  while (!failed) {
    const char *first = end;
    /* Where each word is next; looked for again only when it has been passed. */
    for (int i = 0; i < known; i++) {
      if (next[i] < at && !(next[i] = memmem(at, (size_t)(end - at), words[i], strlen(words[i]))))
        next[i] = end;
      if (next[i] < first)
        first = next[i];
    }
    if (first == end)
      break;
    const char *start = memrchr(at, '\n', (size_t)(first - at));
    start = start ? start + 1 : at;
    at = memchr(first, '\n', (size_t)(end - first));
    if (!at)
      at = end;
    lines = host_append(ctx, lines, count++, JS_NewStringLen(ctx, start, (size_t)(at - start)));
    failed = JS_IsException(lines);
    at += at < end;
  }
  for (int i = 0; i < known; i++)
    if (words[i])
      JS_FreeCString(ctx, words[i]);
  JS_FreeCString(ctx, text);
  if (!failed)
    return lines;
  JS_FreeValue(ctx, lines);
  return JS_EXCEPTION;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("readMounts", 1, read_mounts),
    JS_CFUNC_DEF("splitMounts", 1, split_mounts),
    JS_CFUNC_DEF("linesWith", 2, lines_with),
};

const struct host_area host_mounts_area = {functions, countof(functions)};

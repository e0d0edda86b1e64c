/*
 * Text of the kernel, of captures and of hostile trees: mountinfo, lines with words, /proc as scanProcesses and countThreads see it.
 * An input is one byte that chooses, and the texts; 0xff ends one.
 */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define MOUNT_VALUES 7
#define MOST_COMPARED 40

static const uint8_t *next_text(struct fuzz_input *in, size_t *length) {
  const uint8_t *start = in->at, *end = start < in->end ? memchr(start, 0xff, (size_t)(in->end - start)) : NULL;
  if (end == NULL)
    end = in->end;
  *length = (size_t)(end - start);
  in->at = end < in->end ? end + 1 : end;
  return start;
}

/* --- mountinfo ---------------------------------------------------------------------------------------------------------------- */

static uint32_t length_of_list(JSValueConst list) {
  uint32_t length = 0;
  JSValue value = JS_GetPropertyStr(fuzz_ctx, list, "length");
  JS_ToUint32(fuzz_ctx, &length, value);
  return length;
}

static char *target_of(JSValueConst mounts, uint32_t row, size_t *length) {
  JSValue value = JS_GetPropertyUint32(fuzz_ctx, mounts, row * MOUNT_VALUES + 2);
  const char *text = host_to_bytes(fuzz_ctx, length, value);
  char *copy = malloc(*length + 1);
  memcpy(copy, text, *length + 1);
  JS_FreeCString(fuzz_ctx, text);
  JS_FreeValue(fuzz_ctx, value);
  return copy;
}

/* `above` is `path`, or a directory that it lies in; without looking at what the host does. */
static int is_above(const char *above, size_t above_length, const char *path, size_t length) {
  if (above_length > length || memcmp(above, path, above_length) != 0)
    return 0;
  return above_length == length || path[above_length] == '/' || (above_length == 1 && above[0] == '/');
}

static void compare_covered(JSValueConst mounts, uint32_t rows) {
  for (uint32_t row = 0; row < rows && row < MOST_COMPARED; row++) {
    size_t length, later_length;
    char *path = target_of(mounts, row, &length);
    int covered = 0;
    for (uint32_t later = row + 1; later < rows && !covered; later++) {
      char *other = target_of(mounts, later, &later_length);
      covered = is_above(other, later_length, path, length);
      free(other);
    }
    JSValue told = JS_GetPropertyUint32(fuzz_ctx, mounts, row * MOUNT_VALUES + 6);
    fuzz_check(JS_ToBool(fuzz_ctx, told) == covered, "mount %u: covered %d, not %d", row, !covered, covered);
    free(path);
  }
}

static int same_value(JSValueConst a, JSValueConst b) {
  const char *x = JS_ToCString(fuzz_ctx, a), *y = JS_ToCString(fuzz_ctx, b);
  int same = strcmp(x, y) == 0;
  JS_FreeCString(fuzz_ctx, x);
  JS_FreeCString(fuzz_ctx, y);
  return same;
}

static void try_mounts(struct fuzz_input *in) {
  size_t size;
  const uint8_t *bytes = next_text(in, &size);
  JSValue path = JS_NewString(fuzz_ctx, fuzz_file(bytes, size)), text = fuzz_name(bytes, size);
  JSValue read = fuzz_call("readMounts", 1, (JSValueConst *)&path);
  JSValue split = fuzz_call("splitMounts", 1, (JSValueConst *)&text);
  fuzz_check(JS_IsArray(fuzz_ctx, read) == JS_IsArray(fuzz_ctx, split), "the file and its text differ");
  if (JS_IsArray(fuzz_ctx, read)) {
    uint32_t length = length_of_list(read);
    fuzz_check(length == length_of_list(split) && length % MOUNT_VALUES == 0, "half a mount");
    for (uint32_t i = 0; i < length; i++) {
      JSValue a = JS_GetPropertyUint32(fuzz_ctx, read, i), b = JS_GetPropertyUint32(fuzz_ctx, split, i);
      fuzz_check(same_value(a, b), "value %u differs", i);
      JS_FreeValue(fuzz_ctx, a);
      JS_FreeValue(fuzz_ctx, b);
    }
    compare_covered(read, length / MOUNT_VALUES);
  }
  JS_FreeValue(fuzz_ctx, read);
  JS_FreeValue(fuzz_ctx, split);
  JS_FreeValue(fuzz_ctx, path);
  JS_FreeValue(fuzz_ctx, text);
}

/* --- lines with words ------------------------------------------------------------------------------------------------------------- */

#define WORDS 3

/* Lines of the text that hold one of the words, found line by line. */
static uint32_t count_lines(const char *text, size_t size, const char **words) {
  const char *at = text, *end = text + size;
  uint32_t count = 0;
  while (at < end) {
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    int found = 0;
    if (line_end == NULL)
      line_end = end;
    for (int i = 0; i < WORDS; i++)
      found |= words[i][0] != '\0' && memmem(at, (size_t)(line_end - at), words[i], strlen(words[i])) != NULL;
    count += (uint32_t)found;
    at = line_end + 1;
  }
  return count;
}

static void try_lines(struct fuzz_input *in) {
  JSValue words = JS_NewArray(fuzz_ctx), arguments[2];
  const char *kept[WORDS];
  char *plain[WORDS];
  size_t size;
  for (uint32_t i = 0; i < WORDS; i++) {
    const uint8_t *word = next_text(in, &size);
    plain[i] = strndup((const char *)word, size);
    for (char *c = plain[i]; *c != '\0'; c++)
      if (*c == '\n' || *c & 0x80)
        *c = '.';
    kept[i] = *plain[i] == '\0' ? "\1" : plain[i]; /* as its callers do: no empty word */
    JS_SetPropertyUint32(fuzz_ctx, words, i, JS_NewString(fuzz_ctx, kept[i]));
  }
  const uint8_t *text = next_text(in, &size);
  arguments[0] = fuzz_name(text, size);
  arguments[1] = words;
  JSValue lines = fuzz_call("linesWith", 2, (JSValueConst *)arguments);
  const char *bytes = JS_ToCStringLen(fuzz_ctx, &size, arguments[0]);
  fuzz_check(JS_IsArray(fuzz_ctx, lines), "no list of lines");
  fuzz_check(length_of_list(lines) == count_lines(bytes, size, kept), "other lines");
  JS_FreeCString(fuzz_ctx, bytes);
  for (int i = 0; i < WORDS; i++)
    free(plain[i]);
  JS_FreeValue(fuzz_ctx, lines);
  JS_FreeValue(fuzz_ctx, arguments[0]);
  JS_FreeValue(fuzz_ctx, words);
}

/* --- /proc ------------------------------------------------------------------------------------------------------------------------ */

static const char *const files[] = {
    "proc/7/stat",         "proc/7/statm",          "proc/7/cmdline",       "proc/12/stat",
    "proc/12/task/12/stat", "proc/12/task/13/stat", "proc/12/cmdline",      "proc/999999999/stat",
};

static void put_files(struct fuzz_input *in) {
  static int fds[countof(files)];
  for (size_t i = 0; i < countof(files); i++) {
    size_t size;
    const uint8_t *bytes = next_text(in, &size);
    if (fds[i] == 0) {
      char path[64];
      strcpy(path, files[i]);
      for (char *slash = path; (slash = strchr(slash, '/')) != NULL; *slash++ = '/') {
        *slash = '\0';
        mkdir(path, 0755);
      }
      fds[i] = open(files[i], O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    }
    fuzz_check(ftruncate(fds[i], 0) == 0 && pwrite(fds[i], bytes, size, 0) == (ssize_t)size, "%s", files[i]);
  }
}

static void check_row(const double *row) {
  fuzz_check(row[0] == 7 || row[0] == 12 || row[0] == 999999999, "pid %f", row[0]);
  fuzz_check(row[1] >= 0 && row[1] <= 255, "state %f", row[1]);
  fuzz_check(row[35] == geteuid(), "owner %f", row[35]);
  for (int i = 0; i < 35; i++)
    fuzz_check(isnan(row[i]) || row[i] == floor(row[i]), "column %d is %f", i, row[i]);
}

static void try_processes(struct fuzz_input *in) {
  static double rows[3 * SCAN_STRIDE];
  unsigned room = fuzz_below(in, 4);
  put_files(in);
  JSValue dir = JS_NewString(fuzz_ctx, "proc"), comms = JS_NewArray(fuzz_ctx), cmdlines = JS_NewArray(fuzz_ctx);
  JSValue buffer = JS_NewArrayBufferCopy(fuzz_ctx, (const uint8_t *)rows, room * SCAN_STRIDE * sizeof *rows);
  JSValue scan[6] = {dir, buffer, comms, cmdlines, JS_TRUE, JS_TRUE};
  JSValue count = fuzz_call("scanProcesses", 6, (JSValueConst *)scan), threads;
  uint32_t found = 0;
  size_t bytes;
  fuzz_check(JS_ToUint32(fuzz_ctx, &found, count) == 0 && found <= 3, "%u processes", found);
  const double *stored = (const double *)JS_GetArrayBuffer(fuzz_ctx, &bytes, buffer);
  for (uint32_t i = 0; i < found && i < room; i++)
    check_row(stored + i * SCAN_STRIDE);
  fuzz_check(length_of_list(comms) == (found < room ? found : room), "a name for each row");
  JSValue counted[3] = {dir, JS_NewInt32(fuzz_ctx, 0), JS_NULL};
  threads = fuzz_call("countThreads", 3, (JSValueConst *)counted);
  fuzz_check(JS_IsArray(fuzz_ctx, threads), "no count of threads");
  JS_FreeValue(fuzz_ctx, threads);
  JS_FreeValue(fuzz_ctx, buffer);
  JS_FreeValue(fuzz_ctx, comms);
  JS_FreeValue(fuzz_ctx, cmdlines);
  JS_FreeValue(fuzz_ctx, dir);
}

static void one(struct fuzz_input *in) {
  static void (*const all[])(struct fuzz_input *) = {try_mounts, try_lines, try_processes};
  all[fuzz_below(in, countof(all))](in);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) { return fuzz_run(one, bytes, size); }

/*
 * A table of cells as text: with thousands of rows this is most of what a listing costs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define MOST_COLUMNS 32
/* As long as a string can be. */
#define MOST_TEXT ((size_t)1 << 30)

double *host_numbers_of(JSContext *ctx, JSValueConst value, size_t *count) {
  size_t offset, bytes, element, size;
  JSValue buffer = JS_GetTypedArrayBuffer(ctx, value, &offset, &bytes, &element);
  if (JS_IsException(buffer))
    return NULL;
  uint8_t *base = JS_GetArrayBuffer(ctx, &size, buffer);
  JS_FreeValue(ctx, buffer);
  if (!base)
    return NULL;
  if (element != sizeof(double)) {
    JS_ThrowTypeError(ctx, "not a Float64Array");
    return NULL;
  }
  *count = bytes / sizeof(double);
  return (double *)(base + offset);
}

struct text {
  const char *bytes;
  size_t length;
};

/* Either strings, which are held until release_columns(), or numbers of `list` with a suffix. */
struct column {
  JSValue list;
  struct text heading, suffix, *cells;
  const double *numbers;
  uint32_t held;
  size_t width;
};

/* Digits of the largest double, a sign and a NUL. */
#define MOST_DIGITS 320

/* One column a byte: ASCII without control characters. */
static int is_plain(const struct text *text) {
  for (size_t i = 0; i < text->length; i++)
    if ((uint8_t)text->bytes[i] - 0x20u >= 0x5fu)
      return 0;
  return 1;
}

/* 0, or -1 with an exception pending. */
static int hold_text(JSContext *ctx, JSValueConst list, uint32_t index, struct text *text) {
  JSValue value = JS_GetPropertyUint32(ctx, list, index);
  text->bytes = JS_ToCStringLen(ctx, &text->length, value);
  JS_FreeValue(ctx, value);
  return text->bytes ? 0 : -1;
}

/* Takes the value. */
static int take_number(JSContext *ctx, JSValue value, uint32_t *number) {
  int failed = JS_IsException(value) || JS_ToUint32(ctx, number, value);
  JS_FreeValue(ctx, value);
  return failed ? -1 : 0;
}

static int length_of(JSContext *ctx, JSValueConst list, uint32_t *length) {
  return take_number(ctx, JS_GetPropertyStr(ctx, list, "length"), length);
}

/* A whole number, or "-" for what is none. Gives its end. */
static struct text write_number(double value, char *buffer) {
  char *end = buffer + MOST_DIGITS, *at = end;
  if (value != value) {
    *--at = '-';
  } else if (value > -1e15 && value < 1e15) {
    int64_t number = (int64_t)value;
    uint64_t rest = (uint64_t)(number < 0 ? -number : number);
    do
      *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
      *--at = '-';
  } else {
    int length = snprintf(buffer, MOST_DIGITS, "%.0f", value);
    return (struct text){buffer, (size_t)length};
  }
  return (struct text){at, (size_t)(end - at)};
}

/* The cell's text, its suffix apart. */
static struct text cell_of(const struct column *column, uint32_t row, char *buffer, struct text *suffix) {
  *suffix = (struct text){"", 0};
  if (column->cells)
    return column->cells[row];
  if (column->numbers[row] == column->numbers[row])
    *suffix = column->suffix;
  return write_number(column->numbers[row], buffer);
}

/* 0; 1 where a cell is not plain; -1 with an exception pending. */
static int hold_strings(JSContext *ctx, JSValueConst list, uint32_t rows, struct column *column) {
  column->cells = calloc((size_t)rows + 1, sizeof *column->cells);
  if (!column->cells) {
    JS_ThrowOutOfMemory(ctx);
    return -1;
  }
  for (; column->held < rows; column->held++) {
    struct text *cell = &column->cells[column->held];
    if (hold_text(ctx, list, column->held, cell))
      return -1;
    if (cell->length > column->width)
      column->width = cell->length;
    if (!is_plain(cell)) {
      column->held++;
      return 1;
    }
  }
  return 0;
}

static int hold_numbers(JSContext *ctx, uint32_t rows, struct column *column) {
  char buffer[MOST_DIGITS];
  size_t count;
  column->numbers = host_numbers_of(ctx, column->list, &count);
  if (!column->numbers)
    return -1;
  if (count < rows) {
    JS_ThrowRangeError(ctx, "columns of different length");
    return -1;
  }
  for (uint32_t row = 0; row < rows; row++) {
    struct text suffix, cell = cell_of(column, row, buffer, &suffix);
    if (cell.length + suffix.length > column->width)
      column->width = cell.length + suffix.length;
  }
  return 0;
}

/*
 * As hold_strings(). Numbers are left for later: converting an object runs JavaScript, which may free them.
 */
static int hold_column(JSContext *ctx, JSValueConst *argv, uint32_t index, uint32_t rows, struct column *column) {
  uint32_t length, width;
  if (hold_text(ctx, argv[0], index, &column->heading) || hold_text(ctx, argv[2], index, &column->suffix) ||
      take_number(ctx, JS_GetPropertyUint32(ctx, argv[3], index), &width))
    return -1;
  column->width = width > column->heading.length ? width : column->heading.length;
  column->list = JS_GetPropertyUint32(ctx, argv[1], index);
  int result = 0;
  if (JS_IsException(column->list))
    return -1;
  if (JS_IsArray(ctx, column->list)) {
    if (length_of(ctx, column->list, &length))
      return -1;
    if (length != rows) {
      JS_ThrowRangeError(ctx, "columns of different length");
      return -1;
    }
    result = hold_strings(ctx, column->list, rows, column);
  }
  return result || is_plain(&column->heading) ? result : 1;
}

static void release_columns(JSContext *ctx, struct column *columns, uint32_t count) {
  for (struct column *column = columns; column < columns + count; column++) {
    if (column->heading.bytes)
      JS_FreeCString(ctx, column->heading.bytes);
    if (column->suffix.bytes)
      JS_FreeCString(ctx, column->suffix.bytes);
    for (uint32_t i = 0; i < column->held; i++)
      JS_FreeCString(ctx, column->cells[i].bytes);
    free(column->cells);
    JS_FreeValue(ctx, column->list);
  }
}

static char *write_cell(char *to, struct text cell, struct text suffix, size_t width, int left, int last) {
  size_t used = cell.length + suffix.length, room = width > used ? width - used : 0;
  if (!left) {
    memset(to, ' ', room);
    to += room;
  }
  memcpy(to, cell.bytes, cell.length);
  memcpy(to + cell.length, suffix.bytes, suffix.length);
  to += used;
  if (left && !last) {
    memset(to, ' ', room);
    to += room;
  }
  *to++ = last ? '\n' : ' ';
  return to;
}

static JSValue write_table(JSContext *ctx, const struct column *columns, uint32_t count, uint32_t rows, uint32_t left) {
  char buffer[MOST_DIGITS];
  size_t line = 0;
  for (uint32_t i = 0; i < count; i++)
    line += columns[i].width + 1;
  if (line > MOST_TEXT / ((size_t)rows + 1))
    return JS_ThrowRangeError(ctx, "too large a table");
  char *text = malloc(line * ((size_t)rows + 1)), *to = text;
  if (!text)
    return JS_ThrowOutOfMemory(ctx);
  for (uint32_t row = 0; row <= rows; row++) {
    for (uint32_t i = 0; i < count; i++) {
      struct text suffix = {"", 0};
      struct text cell = row == 0 ? columns[i].heading : cell_of(&columns[i], row - 1, buffer, &suffix);
      to = write_cell(to, cell, suffix, columns[i].width, (left >> i) & 1, i == count - 1);
    }
  }
  JSValue result = JS_NewStringLen(ctx, text, (size_t)(to - text));
  free(text);
  return result;
}

/* (headings, columns, suffixes, widths, left: bit mask) -> text; null where a cell is not plain. */
static JSValue align_table(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  struct column columns[MOST_COLUMNS] = {0};
  uint32_t count, rows = 0, left;
  int failed = 0;
  (void)this_value, (void)argc;
  if (length_of(ctx, argv[1], &count) || JS_ToUint32(ctx, &left, argv[4]))
    return JS_EXCEPTION;
  if (count == 0 || count > MOST_COLUMNS)
    return JS_ThrowRangeError(ctx, "too many columns, or none");
  JSValue first = JS_GetPropertyUint32(ctx, argv[1], 0);
  failed = length_of(ctx, first, &rows);
  JS_FreeValue(ctx, first);
  for (uint32_t i = 0; i < count && !failed; i++)
    failed = hold_column(ctx, argv, i, rows, &columns[i]);
  for (uint32_t i = 0; i < count && !failed; i++)
    failed = columns[i].cells ? 0 : hold_numbers(ctx, rows, &columns[i]);
  JSValue result = failed < 0 ? JS_EXCEPTION : failed ? JS_NULL : write_table(ctx, columns, count, rows, left);
  release_columns(ctx, columns, count);
  return result;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("alignTable", 5, align_table),
};

const struct host_area host_table_area = {functions, countof(functions)};

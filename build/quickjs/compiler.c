/*
 * Runs during the build: compiles ES modules to bytecode.
 *
 *   compiler (s|u NAME INPUT OUTPUT)...
 *
 * s strips names and positions, u keeps them (a chunk with import() needs its own name). NAME is the base of import()
 * and what a stack trace shows. Every imported name is answered with an empty module: linking happens at run time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quickjs.h"

static int init_nothing(JSContext *ctx, JSModuleDef *module) {
  (void)ctx;
  (void)module;
  return 0;
}

static JSModuleDef *load_nothing(JSContext *ctx, const char *name, void *opaque) {
  (void)opaque;
  return JS_NewCModule(ctx, name, init_nothing);
}

static char *read_whole(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  char *text;
  long size;
  if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0) {
    perror(path);
    exit(1);
  }
  text = malloc((size_t)size + 1);
  if (text == NULL || fread(text, 1, (size_t)size, file) != (size_t)size) {
    perror(path);
    exit(1);
  }
  fclose(file);
  text[size] = '\0';
  *length = (size_t)size;
  return text;
}

static void print_exception(JSContext *ctx) {
  JSValue exception = JS_GetException(ctx);
  JSValue stack = JS_GetPropertyStr(ctx, exception, "stack");
  const char *text = JS_ToCString(ctx, exception);
  const char *trace = JS_ToCString(ctx, stack);
  fprintf(stderr, "%s\n%s\n", text ? text : "?", trace ? trace : "");
}

static void compile(int strip, const char *name, const char *input, const char *output) {
  JSRuntime *rt = JS_NewRuntime();
  JSContext *ctx = JS_NewContext(rt);
  size_t length, size;
  char *source = read_whole(input, &length);
  int flags = JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY;
  JSValue module;
  uint8_t *bytecode;
  FILE *file;
  JS_SetModuleLoaderFunc(rt, NULL, load_nothing, NULL);
#ifdef ENGINE_HAS_STRIP_INFO
  JS_SetStripInfo(rt, strip ? JS_STRIP_DEBUG : JS_STRIP_SOURCE);
#else
  if (strip)
    flags |= JS_EVAL_FLAG_STRIP;
#endif
  module = JS_Eval(ctx, source, length, name, flags);
  if (JS_IsException(module)) {
    print_exception(ctx);
    exit(1);
  }
  bytecode = JS_WriteObject(ctx, &size, module, JS_WRITE_OBJ_BYTECODE);
  file = fopen(output, "wb");
  if (bytecode == NULL || file == NULL || fwrite(bytecode, 1, size, file) != size || fclose(file) != 0) {
    perror(output);
    exit(1);
  }
  js_free(ctx, bytecode);
  JS_FreeValue(ctx, module);
  JS_FreeContext(ctx);
  JS_FreeRuntime(rt);
  free(source);
}

int main(int argc, char **argv) {
  int i;
  if (argc < 2 || (argc - 1) % 4 != 0) {
    fprintf(stderr, "usage: %s (s|u NAME INPUT OUTPUT)...\n", argv[0]);
    return 1;
  }
  for (i = 1; i < argc; i += 4)
    compile(argv[i][0] == 's', argv[i + 1], argv[i + 2], argv[i + 3]);
  return 0;
}

#include "fuzz_host.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sanitizer/lsan_interface.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* The real one, with everything in it that is static. */
#define main host_main
#include "../../../build/quickjs/host_main.c"
#undef main

const struct host_chunk host_chunks[] = {{NULL, NULL, NULL, 0}};

JSContext *fuzz_ctx;

/* --- input ------------------------------------------------------------------------------------------------------------------ */

unsigned fuzz_byte(struct fuzz_input *in) { return in->at < in->end ? *in->at++ : 0; }

unsigned fuzz_below(struct fuzz_input *in, unsigned count) { return fuzz_byte(in) % count; }

const uint8_t *fuzz_bytes(struct fuzz_input *in, size_t most, size_t *length) {
  const uint8_t *bytes = in->at;
  size_t left = (size_t)(in->end - in->at);
  *length = left < most ? left : most;
  in->at += *length;
  return bytes;
}

double fuzz_double(struct fuzz_input *in) {
  double value = 0;
  size_t length;
  const uint8_t *bytes = fuzz_bytes(in, sizeof value, &length);
  memcpy(&value, bytes, length);
  return value;
}

/* --- start and end -------------------------------------------------------------------------------------------------------------- */

static char scratch[256];
static int memory_file = -1;

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *at) {
  (void)status, (void)kind, (void)at;
  return remove(path);
}

static void remove_scratch(void) { nftw(scratch, remove_entry, 8, FTW_DEPTH | FTW_PHYS); }

/* Below FUZZ_SCRATCH, which who started us removes: at a finding atexit() is not called. */
static void enter_scratch(void) {
  const char *parent = getenv("FUZZ_SCRATCH");
  snprintf(scratch, sizeof scratch, "%s/procg-fuzz-XXXXXX", parent != NULL ? parent : "/tmp");
  fuzz_check(mkdtemp(scratch) != NULL && chdir(scratch) == 0, "%s: %s", scratch, strerror(errno));
  atexit(remove_scratch);
}

/* The host's allocator, and a look at its count of blocks, by which leaks of the engine's are found. The leak check at the end is for the host's own. */
static const JSMallocState *memory;

static void *known(void *block) {
  if (block != NULL)
    __lsan_ignore_object(block);
  return block;
}

static void *counted_malloc(JSMallocState *state, size_t size) {
  memory = state;
  return known(host_arena_functions.js_malloc(state, size));
}

static void *counted_realloc(JSMallocState *state, void *block, size_t size) {
  return known(host_arena_functions.js_realloc(state, block, size));
}

static JSValue sys_namespace;

static int take_namespace(JSContext *ctx, JSModuleDef *module) {
  size_t i;
  sys_namespace = JS_NewObject(ctx);
  for (i = 0; i < countof(areas); i++)
    JS_SetPropertyFunctionList(ctx, sys_namespace, areas[i]->functions, areas[i]->count);
  JS_SetPropertyFunctionList(ctx, sys_namespace, functions, countof(functions));
  (void)module;
  return 0;
}

void fuzz_start(void) {
  static char *no_arguments[] = {"fuzz", NULL};
  JSMallocFunctions allocator = host_arena_functions;
  struct rlimit few = {FUZZ_MOST_FDS, FUZZ_MOST_FDS};
  JSRuntime *rt;
  if (fuzz_ctx != NULL)
    return;
  argument_count = 1;
  arguments = no_arguments;
  enter_scratch();
  signal(SIGPIPE, SIG_IGN);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  allocator.js_malloc = counted_malloc;
  allocator.js_realloc = counted_realloc;
  rt = JS_NewRuntime2(&allocator, NULL);
  JS_SetMemoryLimit(rt, MEMORY_LIMIT);
  JS_SetMaxStackSize(rt, STACK_LIMIT / 2); /* the sanitizer's frames are large */
  json_depth_limit = 256;
  JS_SetHostPromiseRejectionTracker(rt, host_loop_track_rejection, NULL);
  fuzz_ctx = JS_NewContextRaw(rt);
  add_intrinsics(fuzz_ctx);
  fuzz_check(add_sys(fuzz_ctx) == 0, "add_sys");
  take_namespace(fuzz_ctx, NULL);
  memory_file = memfd_create("fuzz", MFD_CLOEXEC);
  setrlimit(RLIMIT_NOFILE, &few);
}

JSValue fuzz_call(const char *name, int argc, JSValueConst *argv) {
  JSValue function = JS_GetPropertyStr(fuzz_ctx, sys_namespace, name), result;
  fuzz_check(JS_IsFunction(fuzz_ctx, function), "no sys.%s", name);
  fuzz_inside = 1;
  result = JS_Call(fuzz_ctx, function, JS_UNDEFINED, argc, argv);
  fuzz_inside = 0;
  fuzz_fail_at = 0;
  JS_FreeValue(fuzz_ctx, function);
  /* An exception where none is told would come up at the next call that looks. */
  JSValue exception = JS_GetException(fuzz_ctx);
  fuzz_check(JS_IsException(result) || JS_IsNull(exception), "sys.%s returned with an exception pending", name);
  JS_FreeValue(fuzz_ctx, exception);
  return result;
}

JSValue fuzz_name(const void *bytes, size_t length) { return host_new_name(fuzz_ctx, bytes, length); }

const char *fuzz_file(const void *bytes, size_t length) {
  static char path[32];
  fuzz_check(ftruncate(memory_file, 0) == 0 && pwrite(memory_file, bytes, length, 0) == (ssize_t)length, "memfd");
  snprintf(path, sizeof path, "/proc/self/fd/%d", memory_file);
  return path;
}

/* --- what must hold --------------------------------------------------------------------------------------------------------------- */

_Noreturn void fuzz_fail(const char *format, ...) {
  va_list list;
  va_start(list, format);
  fputs("fuzz: ", stderr);
  vfprintf(stderr, format, list);
  fputs("\n", stderr);
  va_end(list);
  __builtin_trap();
}

uint64_t fuzz_open_fds(void) {
  struct pollfd all[FUZZ_MOST_FDS];
  uint64_t open = 0;
  int fd;
  for (fd = 0; fd < FUZZ_MOST_FDS; fd++)
    all[fd] = (struct pollfd){.fd = fd, .events = 0, .revents = 0};
  if (poll(all, FUZZ_MOST_FDS, 0) < 0)
    fuzz_fail("poll: %s", strerror(errno));
  for (fd = 0; fd < FUZZ_MOST_FDS; fd++)
    if (!(all[fd].revents & POLLNVAL))
      open |= UINT64_C(1) << fd;
  return open;
}

/* Blocks and bytes of the engine that are left after a run. */
struct left {
  size_t blocks;
  uint64_t fds;
};

static struct left run_once(void (*one)(struct fuzz_input *in), const uint8_t *bytes, size_t length) {
  struct fuzz_input in = {bytes, bytes + length};
  fuzz_has_failed = 0;
  one(&in);
  return (struct left){memory->malloc_count, fuzz_open_fds()};
}

int fuzz_run(void (*one)(struct fuzz_input *in), const uint8_t *bytes, size_t length) {
  JSRuntime *rt;
  struct left before, after, again, third;
  fuzz_start();
  rt = JS_GetRuntime(fuzz_ctx);
  before = (struct left){memory->malloc_count, fuzz_open_fds()};
  after = run_once(one, bytes, length);
  if (after.blocks <= before.blocks && after.fds == before.fds)
    return 0;
  JS_RunGC(rt);
  before = (struct left){memory->malloc_count, fuzz_open_fds()};
  run_once(one, bytes, length);
  JS_RunGC(rt);
  again = (struct left){memory->malloc_count, fuzz_open_fds()};
  run_once(one, bytes, length);
  JS_RunGC(rt);
  third = (struct left){memory->malloc_count, fuzz_open_fds()};
  fuzz_check(third.fds == again.fds, "fds are left open: %llx, then %llx", (unsigned long long)again.fds,
             (unsigned long long)third.fds);
  fuzz_check(fuzz_has_failed || again.blocks <= before.blocks || third.blocks <= again.blocks, "blocks of the engine leak: %zu, %zu, %zu",
             before.blocks, again.blocks, third.blocks);
  return 0;
}

void fuzz_look_at_child(int status) {
  fuzz_check(!WIFEXITED(status) || WEXITSTATUS(status) != FUZZ_EXIT_CODE, "a sanitizer ended a child");
  fuzz_check(!WIFSIGNALED(status) || WTERMSIG(status) == SIGPIPE || WTERMSIG(status) == SIGKILL,
             "a child was ended by signal %d", WTERMSIG(status));
}

void fuzz_reap(void) {
  int status, pid, found;
  while (fuzz_child_count > 0) {
    pid = fuzz_children[--fuzz_child_count];
    do
      found = waitpid(pid, &status, 0);
    while (found < 0 && errno == EINTR);
    if (found == pid)
      fuzz_look_at_child(status);
  }
}

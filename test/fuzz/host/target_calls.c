/*
 * A sequence of sys.* calls with arguments of every kind, in one process that goes on: what one call leaves behind the next one finds.
 * Memory may be refused at any allocation of a call. After each call the open fds are those that JavaScript has been told of.
 */
#include <fcntl.h>
#include <ftw.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "values.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define MOST_CALLS 24

enum gives { NOTHING, FD, ROW, TIMER, CLOSES };

static const struct operation {
  const char *name, *kinds;
  enum gives gives;
  int forks;
} operations[] = {
    {"readFile", "rii", NOTHING, 0},
    {"readDirectory", "r", NOTHING, 0},
    {"readLink", "r", NOTHING, 0},
    {"stat", "rt", NOTHING, 0},
    {"statvfs", "r", NOTHING, 0},
    {"statvfsInto", "rN", NOTHING, 0},
    {"open", "pii", FD, 0},
    {"close", "f", CLOSES, 0},
    {"writeBytes", "fboo", NOTHING, 0},
    {"write", "fs", NOTHING, 0},
    {"read", "fboo", NOTHING, 0},
    {"fsync", "f", NOTHING, 0},
    {"ftruncate", "fi", NOTHING, 0},
    {"flock", "fi", NOTHING, 0},
    {"rename", "pp", NOTHING, 0},
    {"unlink", "p", NOTHING, 0},
    {"mkdir", "pi", NOTHING, 0},
    {"rmdir", "p", NOTHING, 0},
    {"symlink", "pp", NOTHING, 0},
    {"chmod", "pi", NOTHING, 0},
    {"umask", "i", NOTHING, 0},
    {"scanProcesses", "pblltt", NOTHING, 0},
    {"countThreads", "piN", NOTHING, 0},
    {"readMounts", "r", NOTHING, 0},
    {"splitMounts", "s", NOTHING, 0},
    {"linesWith", "sS", NOTHING, 0},
    {"alignTable", "HCXWi", NOTHING, 0},
    {"getenv", "s", NOTHING, 0},
    {"clock", "i", NOTHING, 0},
    {"localTime", "d", NOTHING, 0},
    {"mktime", "iiiiii", NOTHING, 0},
    {"sysconf", "s", NOTHING, 0},
    {"affinity", "", NOTHING, 0},
    {"schedulingPolicy", "", NOTHING, 0},
    {"uname", "", NOTHING, 0},
    {"environ", "", NOTHING, 0},
    {"kill", "ii", NOTHING, 0},
    {"setpriority", "ii", NOTHING, 0},
    {"crc32", "booi", NOTHING, 0},
    {"addTimer", "dd", TIMER, 0},
    {"removeTimer", "d", NOTHING, 0},
    {"watchFd", "fi", NOTHING, 0},
    {"isatty", "f", NOTHING, 0},
    {"windowSize", "f", NOTHING, 0},
    {"setRaw", "fts", NOTHING, 0},
    {"listenTcp", "sii", FD, 0},
    {"listenUnix", "pii", FD, 0},
    {"connectTcp", "si", FD, 0},
    {"connectUnix", "p", FD, 0},
    {"accept", "f", FD, 0},
    {"send", "fboo", NOTHING, 0},
    {"socketError", "f", NOTHING, 0},
    {"shutdownWrite", "f", NOTHING, 0},
    {"peerCredentials", "f", NOTHING, 0},
    {"localPort", "f", NOTHING, 0},
    {"execReplace", "sSSt", NOTHING, 0},
    {"spawn", "sSSttt", ROW, 1},
    {"statvfsTimed", "rd", NOTHING, 1},
    {"writeBelow", "pdssssst", NOTHING, 1},
    {"readBelow", "pdssdt", ROW, 1},
    {"probeBelow", "s", ROW, 1},
};

/* Numbers that would wait, or take what is another's: replaced before the call. */
static void tame(const struct operation *operation, JSValue *arguments) {
  int32_t number;
  if (strcmp(operation->name, "open") == 0) {
    JS_ToInt32(fuzz_ctx, &number, arguments[1]);
    JS_FreeValue(fuzz_ctx, arguments[1]);
    arguments[1] = JS_NewInt32(fuzz_ctx, number | O_NONBLOCK); /* a FIFO or a terminal */
  } else if (strcmp(operation->name, "flock") == 0) {
    JS_ToInt32(fuzz_ctx, &number, arguments[1]);
    JS_FreeValue(fuzz_ctx, arguments[1]);
    arguments[1] = JS_NewInt32(fuzz_ctx, number | 4);
  } else if (strcmp(operation->name, "ftruncate") == 0) {
    JS_ToInt32(fuzz_ctx, &number, arguments[1]);
    JS_FreeValue(fuzz_ctx, arguments[1]);
    arguments[1] = JS_NewInt32(fuzz_ctx, number & 0x800fffff); /* no more than 1 MiB of /dev/shm */
  }
  JS_FreeValue(fuzz_ctx, JS_GetException(fuzz_ctx));
}

/* --- timers, fds and children through the loop ---------------------------------------------------------------------------------- */

#define MOST_TIMERS 32

static double timers[MOST_TIMERS];
static int timer_count, dispatched;

static void call_numbers(const char *name, double first, double second) {
  JSValue numbers[2] = {JS_NewFloat64(fuzz_ctx, first), JS_NewFloat64(fuzz_ctx, second)};
  JS_FreeValue(fuzz_ctx, fuzz_call(name, 2, (JSValueConst *)numbers));
}

static void stop_waiting(void) {
  while (timer_count > 0)
    call_numbers("removeTimer", timers[--timer_count], 0);
  for (int fd = 0; fd < FUZZ_MOST_FDS; fd++)
    call_numbers("watchFd", fd, 0);
}

static JSValue on_event(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t kind, status;
  (void)this_value;
  if (argc == 3 && JS_ToInt32(ctx, &kind, argv[0]) == 0 && kind == 3 && JS_ToInt32(ctx, &status, argv[2]) == 0 && status >= 0)
    fuzz_look_at_child(status);
  if (++dispatched >= 8)
    stop_waiting();
  return JS_UNDEFINED;
}

/* Everything that waits is waited for; then nothing does. */
static void run_loop(void) {
  fuzz_end_values(); /* a child that writes to a pipe which nobody reads would not end */
  JSValue now = fuzz_call("clock", 1, (JSValueConst[]){JS_NewInt32(fuzz_ctx, 1)});
  double seconds;
  JS_ToFloat64(fuzz_ctx, &seconds, now);
  dispatched = 7;
  if (timer_count == MOST_TIMERS)
    stop_waiting();
  JSValue safety[2] = {JS_NewFloat64(fuzz_ctx, seconds - 1), JS_NewInt32(fuzz_ctx, 0)};
  JSValue id = fuzz_call("addTimer", 2, (JSValueConst *)safety);
  JS_ToFloat64(fuzz_ctx, &timers[timer_count++], id);
  host_loop_run(fuzz_ctx);
  stop_waiting();
}

/* --- calls ----------------------------------------------------------------------------------------------------------------------- */

/* The fds in a row of pid and fds. */
static int is_own_row(JSValueConst result, uint64_t fresh) {
  for (uint32_t i = 1; i < 4; i++) {
    JSValue value = JS_GetPropertyUint32(fuzz_ctx, result, i);
    int32_t fd = -1;
    if (JS_IsNumber(value) && JS_ToInt32(fuzz_ctx, &fd, value) == 0 && fd > 2) {
      fresh &= ~(UINT64_C(1) << fd);
      fuzz_know_fd(fd);
    }
  }
  return fresh == 0;
}

static void look_at_result(const struct operation *operation, JSValueConst result, uint64_t before) {
  uint64_t after = fuzz_open_fds(), fresh = after & ~before;
  int32_t number = -1;
  double id;
  if (JS_IsNumber(result))
    JS_ToInt32(fuzz_ctx, &number, result);
  if (operation->gives == FD && number > 2) {
    fuzz_know_fd(number);
    fresh &= ~(UINT64_C(1) << number);
  } else if (operation->gives == ROW && JS_IsArray(fuzz_ctx, result)) {
    if (is_own_row(result, fresh))
      fresh = 0;
  } else if (operation->gives == TIMER && JS_IsNumber(result) && JS_ToFloat64(fuzz_ctx, &id, result) == 0) {
    if (timer_count == MOST_TIMERS)
      stop_waiting();
    timers[timer_count++] = id;
  }
  fuzz_check(fresh == 0, "sys.%s leaves fds open: %llx", operation->name, (unsigned long long)fresh);
  fuzz_check(operation->gives == CLOSES || (before & ~after) == 0, "sys.%s has closed fds: %llx", operation->name,
             (unsigned long long)(before & ~after));
}

/* FUZZ_TRACE=1: what an input that found something does. */
static void fuzz_trace(const char *name, int count, JSValue *arguments) {
  fprintf(stderr, "%s fault %d x%d", name, fuzz_fail_at, fuzz_fail_times);
  for (int i = 0; i < count; i++) {
    const char *text = JS_IsObject(arguments[i]) ? NULL : JS_ToCString(fuzz_ctx, arguments[i]);
    fprintf(stderr, " | %.60s", text ? text : "object");
    if (text)
      JS_FreeCString(fuzz_ctx, text);
  }
  fputs("\n", stderr);
}

static void call_one(struct fuzz_input *in, const struct operation *operation) {
  JSValue arguments[8];
  int count = (int)strlen(operation->kinds), closes = operation->gives == CLOSES;
  int32_t fd = -1;
  /* In any order, so that a later one may spoil an earlier one. */
  for (int i = 0; i < count; i++)
    arguments[i] = fuzz_value(in, operation->kinds[i]);
  tame(operation, arguments);
  if (closes && JS_IsNumber(arguments[0]))
    JS_ToInt32(fuzz_ctx, &fd, arguments[0]);
  if (closes && fd < 3)
    fd = 1 << 30;
  if (closes) {
    JS_FreeValue(fuzz_ctx, arguments[0]);
    arguments[0] = JS_NewInt32(fuzz_ctx, fd);
    fuzz_forget_fd(fd);
  }
  unsigned fault = fuzz_byte(in);
  fuzz_fail_times = fault > 220 ? 1000 : 1;
  fuzz_fail_at = fault > 160 ? 1 + (int)(fault - 160) % 60 : 0;
  uint64_t before = fuzz_open_fds();
  if (getenv("FUZZ_TRACE") != NULL)
    fuzz_trace(operation->name, count, arguments);
  JSValue result = fuzz_call(operation->name, count, (JSValueConst *)arguments);
  look_at_result(operation, result, before);
  JS_FreeValue(fuzz_ctx, result);
  for (int i = 0; i < count; i++)
    JS_FreeValue(fuzz_ctx, arguments[i]);
}

/* --- the scratch directory ---------------------------------------------------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *at) {
  (void)kind;
  if (at->level == 0)
    return 0;
  return S_ISDIR(status->st_mode) ? rmdir(path) : unlink(path);
}

static void make_scratch(void) {
  static int terminal = -1, other = -1;
  int fd;
  umask(022);
  nftw(".", remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  mkdir("fzd", 0755);
  mkdir("fza", 0755);
  fd = open("fz", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  fuzz_check(write(fd, "7 (x) R 1 2 3\n", 14) == 14, "fz");
  close(fd);
  fuzz_check(symlink("fz", "fzlink") == 0, "fzlink");
  if (terminal < 0) {
    fuzz_check(openpty(&terminal, &other, NULL, NULL, NULL) == 0, "openpty");
    for (fd = 0; fd < 2; fd++)
      fcntl(fd ? terminal : other, F_SETFL, O_RDWR | O_NONBLOCK);
  }
  char drained[4096];
  while (read(terminal, drained, sizeof drained) > 0) {
  }
  fd = fcntl(other, F_DUPFD_CLOEXEC, 3);
  fuzz_know_fd(fd);
}

static void one(struct fuzz_input *in) {
  static int ready;
  /* A fork takes as long as a hundred other calls. */
  int forks = fuzz_byte(in) < 32 ? 2 : 0;
  if (!ready) {
    JSValue dispatcher = JS_NewCFunction(fuzz_ctx, on_event, "dispatch", 3);
    fuzz_call("setDispatcher", 1, (JSValueConst *)&dispatcher);
    JS_FreeValue(fuzz_ctx, dispatcher);
    /* The wake pipe stays. */
    JSValue watch[2] = {JS_NewInt32(fuzz_ctx, SIGCHLD), JS_TRUE};
    fuzz_call("watchSignal", 2, (JSValueConst *)watch);
    watch[1] = JS_FALSE;
    fuzz_call("watchSignal", 2, (JSValueConst *)watch);
    ready = 1;
  }
  make_scratch();
  for (int count = 0; count < MOST_CALLS && in->at < in->end; count++) {
    unsigned which = fuzz_below(in, countof(operations) + 2);
    if (which >= countof(operations))
      run_loop();
    else if (!operations[which].forks || forks-- > 0)
      call_one(in, &operations[which]);
  }
  JSValue off[3] = {JS_NewInt32(fuzz_ctx, 0), JS_FALSE, JS_NULL};
  fuzz_call("setRaw", 3, (JSValueConst *)off);
  run_loop();
  fuzz_reap();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) { return fuzz_run(one, bytes, size); }

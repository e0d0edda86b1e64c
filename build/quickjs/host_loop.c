/*
 * The event loop: promise jobs, fds, signals, ended children, and the timers of host_timer.c.
 *
 * C holds numbers only. The one JavaScript value is the dispatcher, which maps an id to a callback; so the garbage
 * collector has nothing here to get wrong. What a callback adds or removes is not visited in the same round.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

#define NANOSECONDS 1000000000LL
#define SIGNAL_COUNT 65
/* A program that waits this often is a long-running one: from then on garbage is collected early. */
#define LONG_RUNNING_WAITS 16
#define LONG_RUNNING_GC_THRESHOLD (256 * 1024)

static JSValue dispatcher;
static int dispatcher_set;

int host_reserve(void **array, size_t *capacity, size_t count, size_t element) {
  size_t wanted;
  void *grown;
  if (count < *capacity)
    return 0;
  wanted = *capacity == 0 ? 16 : *capacity * 2;
  grown = realloc(*array, wanted * element);
  if (grown == NULL)
    return -ENOMEM;
  *array = grown;
  *capacity = wanted;
  return 0;
}

/* --- fds ---------------------------------------------------------------------------------------------------------- */

struct watch {
  int fd;
  short events;
  uint64_t serial; /* tells a new watch of the same fd from the one that was polled */
};

static struct watch *watches;
static size_t watch_capacity, watch_count;
static uint64_t watch_serial;

static size_t find_watch(int fd) {
  size_t i = 0;
  while (i < watch_count && watches[i].fd != fd)
    i++;
  return i;
}

static JSValue watch_fd(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t fd, events;
  size_t index;
  if (JS_ToInt32(ctx, &fd, argv[0]) || JS_ToInt32(ctx, &events, argv[1]))
    return JS_EXCEPTION;
  if (fd < 0)
    return JS_NewInt32(ctx, -EBADF);
  index = find_watch(fd);
  if (events == 0) {
    if (index < watch_count)
      memmove(&watches[index], &watches[index + 1], (--watch_count - index) * sizeof *watches);
    return JS_NewInt32(ctx, 0);
  }
  if (index == watch_count) {
    if (fcntl(fd, F_GETFD) < 0)
      return JS_NewInt32(ctx, -errno);
    if (host_reserve((void **)&watches, &watch_capacity, watch_count, sizeof *watches) != 0)
      return JS_NewInt32(ctx, -ENOMEM);
    watches[watch_count].fd = fd;
    watches[watch_count].serial = ++watch_serial;
    watch_count++;
  }
  watches[index].events = (short)events;
  return JS_NewInt32(ctx, 0);
}

/* --- signals and children: a handler counts and wakes poll through a pipe ------------------------------------------- */

static int wake_pipe[2] = {-1, -1};
static unsigned pending_signals[SIGNAL_COUNT];
static struct sigaction previous_action[SIGNAL_COUNT];
static uint8_t watched_signals[SIGNAL_COUNT];
static int watched_signal_count;

static int *children;
static size_t child_capacity, child_count;
static int check_children;

static void on_signal(int signal) {
  int saved = errno;
  ssize_t written;
  __atomic_fetch_add(&pending_signals[signal], 1, __ATOMIC_SEQ_CST);
  written = write(wake_pipe[1], "", 1); /* full: it is readable anyway */
  (void)written;
  errno = saved;
}

static int open_wake_pipe(void) {
  if (wake_pipe[0] >= 0)
    return 0;
  return pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : -errno;
}

static int install_handler(int signal, struct sigaction *previous) {
  struct sigaction action;
  int error = open_wake_pipe();
  if (error != 0)
    return error;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  return sigaction(signal, &action, previous) == 0 ? 0 : -errno;
}

static JSValue watch_signal(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  int32_t signal;
  int on, error;
  if (JS_ToInt32(ctx, &signal, argv[0]))
    return JS_EXCEPTION;
  on = JS_ToBool(ctx, argv[1]);
  if (signal < 1 || signal >= SIGNAL_COUNT)
    return JS_NewInt32(ctx, -EINVAL);
  if (on == watched_signals[signal])
    return JS_NewInt32(ctx, 0);
  if (on) {
    error = install_handler(signal, signal == SIGCHLD && child_count > 0 ? NULL : &previous_action[signal]);
    if (error != 0)
      return JS_NewInt32(ctx, error);
    __atomic_store_n(&pending_signals[signal], 0, __ATOMIC_SEQ_CST);
  } else if (signal != SIGCHLD || child_count == 0) {
    sigaction(signal, &previous_action[signal], NULL);
  }
  watched_signals[signal] = (uint8_t)on;
  watched_signal_count += on ? 1 : -1;
  return JS_NewInt32(ctx, 0);
}

void host_loop_watch_child(int pid) {
  if (host_reserve((void **)&children, &child_capacity, child_count, sizeof *children) != 0)
    host_out_of_memory();
  if (child_count == 0)
    install_handler(SIGCHLD, watched_signals[SIGCHLD] ? NULL : &previous_action[SIGCHLD]);
  children[child_count++] = pid;
  check_children = 1; /* it may have ended before this */
}

/* --- rejections ------------------------------------------------------------------------------------------------------ */

struct rejection {
  JSValue promise;
  JSValue reason;
};

static struct rejection *rejections;
static size_t rejection_capacity, rejection_count;

static void forget_rejection(JSContext *ctx, size_t index) {
  JSValue promise = rejections[index].promise, reason = rejections[index].reason;
  memmove(&rejections[index], &rejections[index + 1], (--rejection_count - index) * sizeof *rejections);
  JS_FreeValue(ctx, promise);
  JS_FreeValue(ctx, reason);
}

void host_loop_track_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, JS_BOOL is_handled,
                               void *opaque) {
  size_t i;
  if (!is_handled) {
    if (host_reserve((void **)&rejections, &rejection_capacity, rejection_count, sizeof *rejections) != 0)
      host_out_of_memory();
    rejections[rejection_count].promise = JS_DupValue(ctx, promise);
    rejections[rejection_count].reason = JS_DupValue(ctx, reason);
    rejection_count++;
    return;
  }
  for (i = 0; i < rejection_count; i++) {
    if (JS_VALUE_GET_PTR(rejections[i].promise) == JS_VALUE_GET_PTR(promise)) {
      forget_rejection(ctx, i);
      return;
    }
  }
}

/* Runs jobs until none is left, then looks for a rejection that nobody handles. 0, or -1 after printing. */
static int run_jobs(JSContext *ctx) {
  JSContext *job_context;
  int result;
  while ((result = JS_ExecutePendingJob(JS_GetRuntime(ctx), &job_context)) > 0) {
  }
  if (result < 0) {
    host_report_error(job_context, JS_EXCEPTION);
    return -1;
  }
  if (rejection_count > 0) {
    host_report_error(ctx, rejections[0].reason);
    return -1;
  }
  return 0;
}

/* --- the loop -------------------------------------------------------------------------------------------------------- */

static JSValue set_dispatcher(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  if (!JS_IsFunction(ctx, argv[0]))
    return JS_ThrowTypeError(ctx, "setDispatcher: not a function");
  if (dispatcher_set)
    JS_FreeValue(ctx, dispatcher);
  dispatcher = JS_DupValue(ctx, argv[0]);
  dispatcher_set = 1;
  return JS_UNDEFINED;
}

int host_loop_dispatch(JSContext *ctx, int kind, double id, double argument) {
  JSValue arguments[3], function, result;
  int i;
  if (!dispatcher_set)
    return 0;
  arguments[0] = JS_NewInt32(ctx, kind);
  arguments[1] = JS_NewFloat64(ctx, id);
  arguments[2] = JS_NewFloat64(ctx, argument);
  function = JS_DupValue(ctx, dispatcher); /* it may replace itself */
  result = JS_Call(ctx, function, JS_UNDEFINED, 3, (JSValueConst *)arguments);
  JS_FreeValue(ctx, function);
  for (i = 0; i < 3; i++)
    JS_FreeValue(ctx, arguments[i]);
  if (JS_IsException(result)) {
    host_report_error(ctx, JS_EXCEPTION);
    return -1;
  }
  JS_FreeValue(ctx, result);
  return run_jobs(ctx);
}

static int deliver_signals(JSContext *ctx) {
  char drained[64];
  int signal;
  while (read(wake_pipe[0], drained, sizeof drained) > 0) {
  }
  for (signal = 1; signal < SIGNAL_COUNT; signal++) {
    unsigned count = __atomic_exchange_n(&pending_signals[signal], 0, __ATOMIC_SEQ_CST);
    if (count == 0)
      continue;
    if (signal == SIGCHLD)
      check_children = 1;
    if (watched_signals[signal] && host_loop_dispatch(ctx, HOST_SIGNAL, signal, count) != 0)
      return -1;
  }
  return 0;
}

static int deliver_children(JSContext *ctx) {
  size_t i = 0;
  check_children = 0;
  while (i < child_count) {
    int status = 0, pid = children[i];
    int ended = waitpid(pid, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) {
      i++;
      continue;
    }
    children[i] = children[--child_count];
    if (child_count == 0 && !watched_signals[SIGCHLD])
      sigaction(SIGCHLD, &previous_action[SIGCHLD], NULL);
    /* Somebody else waited for it: its status is not known. */
    if (host_loop_dispatch(ctx, HOST_CHILD, pid, ended < 0 ? -1 : status) != 0)
      return -1;
    i = 0; /* the callback may have started another one */
  }
  return 0;
}

static struct pollfd *polled;
static size_t polled_capacity;
static uint64_t *polled_serials;
static size_t polled_serials_capacity;

static int deliver_fds(JSContext *ctx, size_t count) {
  size_t i;
  for (i = 1; i < count; i++) {
    size_t index;
    if (polled[i].revents == 0)
      continue;
    index = find_watch(polled[i].fd);
    if (index == watch_count || watches[index].serial != polled_serials[i])
      continue;
    if (polled[i].revents & POLLNVAL) /* closed while watched: told once, then forgotten */
      memmove(&watches[index], &watches[index + 1], (--watch_count - index) * sizeof *watches);
    if (host_loop_dispatch(ctx, HOST_FD, polled[i].fd, polled[i].revents) != 0)
      return -1;
  }
  return 0;
}

/* Waits for the earliest of everything. Number of polled entries (the first is the wake pipe), or 0. */
static size_t wait_for_events(void) {
  struct timespec timeout = {0, 0};
  struct timespec *limit = NULL;
  size_t i, count = watch_count + 1;
  while (polled_capacity < count)
    if (host_reserve((void **)&polled, &polled_capacity, polled_capacity, sizeof *polled) != 0)
      host_out_of_memory();
  while (polled_serials_capacity < count)
    if (host_reserve((void **)&polled_serials, &polled_serials_capacity, polled_serials_capacity, sizeof *polled_serials) != 0)
      host_out_of_memory();
  polled[0].fd = wake_pipe[0];
  polled[0].events = POLLIN;
  for (i = 0; i < watch_count; i++) {
    polled[i + 1].fd = watches[i].fd;
    polled[i + 1].events = watches[i].events;
    polled_serials[i + 1] = watches[i].serial;
  }
  for (i = 0; i < count; i++)
    polled[i].revents = 0;
  if (host_timer_any()) {
    int64_t left = host_timer_left();
    if (left > 0) {
      timeout.tv_sec = (time_t)(left / NANOSECONDS);
      timeout.tv_nsec = (long)(left % NANOSECONDS);
    }
    limit = &timeout;
  }
  if (check_children) {
    timeout.tv_sec = timeout.tv_nsec = 0;
    limit = &timeout;
  }
  return ppoll(polled, count, limit, NULL) > 0 ? count : 0;
}

int host_loop_run(JSContext *ctx) {
  int waits = 0;
  for (;;) {
    size_t count;
    if (run_jobs(ctx) != 0)
      return 1;
    if (!host_timer_any() && watch_count == 0 && watched_signal_count == 0 && child_count == 0)
      return 0;
    if (++waits == LONG_RUNNING_WAITS) {
      JS_SetGCThreshold(JS_GetRuntime(ctx), LONG_RUNNING_GC_THRESHOLD);
      host_arena_stay();
    }
    count = wait_for_events();
    if (wake_pipe[0] >= 0 && deliver_signals(ctx) != 0)
      return 1;
    if (check_children && deliver_children(ctx) != 0)
      return 1;
    if (deliver_fds(ctx, count) != 0 || host_timer_deliver(ctx) != 0)
      return 1;
  }
}

void host_loop_free(JSContext *ctx) {
  if (dispatcher_set)
    JS_FreeValue(ctx, dispatcher);
  dispatcher_set = 0;
  while (rejection_count > 0)
    forget_rejection(ctx, 0);
  free(rejections);
  host_timer_free();
  free(watches);
  free(children);
  free(polled);
  free(polled_serials);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("setDispatcher", 1, set_dispatcher),
    JS_CFUNC_DEF("watchFd", 2, watch_fd),
    JS_CFUNC_DEF("watchSignal", 2, watch_signal),
};

const struct host_area host_loop_area = {functions, countof(functions)};

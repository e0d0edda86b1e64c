/*
 * The C host of procg: small, without policy and without text for people. Each function converts its arguments, makes
 * the call, and returns a value or a negative errno; names and meanings are in lib/system/quickjs/sys.d.ts.
 *
 * One file per area. Each area exports a table of functions; host_main.c registers all tables as the module "qjs:sys".
 */
#ifndef PROCG_HOST_H
#define PROCG_HOST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "quickjs.h"

#ifndef countof
#define countof(x) (sizeof(x) / sizeof((x)[0]))
#endif

/* Returned by readFile for a FIFO, socket or device: reading one could hang for ever. */
#define HOST_NOT_REGULAR (-1001)

/* Doubles per row of scanProcesses; the columns are in host_process_scan.c and lib/procfs/process_scan.ts. */
#define SCAN_STRIDE 40

struct host_area {
  const JSCFunctionListEntry *functions;
  int count;
};

extern const struct host_area host_file_area;         /* host_file.c: whole files, directories, names */
extern const struct host_area host_fd_area;           /* host_fd.c: open files */
extern const struct host_area host_process_scan_area; /* host_process_scan.c: /proc in one call */
extern const struct host_area host_system_area;       /* host_system.c: clocks, sysconf, affinity, signals to others */
extern const struct host_area host_loop_area;         /* host_loop.c: fds, signals, children */
extern const struct host_area host_terminal_area;     /* host_terminal.c: raw mode, window size */
extern const struct host_area host_socket_area;       /* host_socket.c: TCP and unix sockets */
extern const struct host_area host_spawn_area;        /* host_spawn.c: programs, daemon */
extern const struct host_area host_statvfs_area;      /* host_statvfs.c: sizes of file systems */
extern const struct host_area host_timer_area;        /* host_timer.c: timers of the loop */
extern const struct host_area host_mounts_area;       /* host_mounts.c: mountinfo in one call */
extern const struct host_area host_table_area;        /* host_table.c: tables as text */
extern const struct host_area host_below_area;        /* host_below.c: a file below a directory that is not trusted */
extern const struct host_area host_probe_area;        /* host_probe.c: reading below such a directory */

/*
 * host_below.c. The directory to begin in, checked; a negative errno otherwise: path itself, or, with the start of a process
 * (ticks >= 0) and "/proc/PID", its root. One openat2 that follows no link and does not leave the directory.
 */
int host_below_base(const char *path, double ticks);
int host_below_open(int directory, const char *path, int flags);
/* The regular file that an O_PATH fd stands for, opened; the fd is closed. What is none (a device would be the host's) is -EINVAL. */
int host_below_regular(int path);

/*
 * host_child.c. fork with all signals blocked in the child, which first calls one of the two after it, or executes a program.
 * host_child_begin: it dies with its parent, has no handlers, and holds no file but `keep` (-1: none): where it cannot be killed (a
 * FUSE server that has taken its request), it must not hold the end of a pipe or a listening socket.
 */
pid_t host_child_fork(void);
void host_child_begin(int keep);
void host_child_reset_signals(void);
/* A child that does `work`, whose result is its exit status, and may write to `out`. [pid, fd of the other end], or a negative errno. */
JSValue host_child_start(JSContext *ctx, int (*work)(void *job, int out), void *job);

/* host_arena.c: the allocator. `host_arena_functions` is passed to JS_NewRuntime2. */
extern const JSMallocFunctions host_arena_functions;
/* Set once memory has been refused: the engine drops a job that it has no memory for, and what waits for it waits in vain. */
extern int host_arena_refused;
/* The program is one that stays, as who collects garbage does: from now on large blocks are given back. */
void host_arena_stay(void);

/*
 * host_text.c. Names that are not UTF-8 survive a round trip: an invalid byte 0xNN becomes the lone surrogate U+DCNN
 * in JavaScript and the byte again here. host_to_bytes: NUL-terminated; NULL with an exception pending; free with
 * JS_FreeCString. host_new_name: the way back.
 */
const char *host_to_bytes(JSContext *ctx, size_t *length, JSValueConst value);
JSValue host_new_name(JSContext *ctx, const char *bytes, size_t length);
/* A path; NULL with `*failed` set: what the caller returns. A NUL inside would name another file: -EINVAL. */
const char *host_to_path(JSContext *ctx, JSValueConst value, JSValue *failed);
/* Bytes as a string. HOST_TEXT: what is not UTF-8 becomes U+FFFD; HOST_NAME: as host_new_name(); HOST_LATIN1: one char per byte. As in sys.d.ts. */
enum host_encoding { HOST_TEXT = 0, HOST_LATIN1 = 1, HOST_NAME = 2 };
JSValue host_new_string(JSContext *ctx, const char *bytes, size_t length, enum host_encoding encoding);
/* `list` with one more value. Both are taken, also where one is an exception: then that is the result. */
JSValue host_append(JSContext *ctx, JSValue list, uint32_t index, JSValue value);
/* An array of numbers, or an exception. */
JSValue host_new_numbers(JSContext *ctx, const double *numbers, uint32_t count);

/* host_fd.c. With O_CLOEXEC, and over EINTR. */
int host_open(const char *path, int flags, mode_t mode);
ssize_t host_read(int fd, void *buffer, size_t size);

/* host_loop.c. Passed to JS_SetHostPromiseRejectionTracker; the loop decides when the job queue is empty. */
void host_loop_track_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, JS_BOOL is_handled,
                               void *opaque);
/* Frees what the loop holds of JavaScript (leak checks only). */
void host_loop_free(JSContext *ctx);
/* host_loop.c. Runs jobs, timers, fds and signals until nothing is registered. Returns the exit code (0, or 1 after
 * an uncaught error, which has been printed). */
int host_loop_run(JSContext *ctx);
/* Makes room for one more element. 0, or -ENOMEM. */
int host_reserve(void **array, size_t *capacity, size_t count, size_t element);
/* Calls the dispatcher and runs the jobs that come of it. 0, or -1 after an uncaught error, which has been printed. As in sys.d.ts. */
enum host_event { HOST_TIMER = 0, HOST_FD = 1, HOST_SIGNAL = 2, HOST_CHILD = 3 };
int host_loop_dispatch(JSContext *ctx, int kind, double id, double argument);
/* host_timer.c. Whether one is armed; nanoseconds until the first, 0 or less: it is due; calls those that are due. */
int host_timer_any(void);
int64_t host_timer_left(void);
int host_timer_deliver(JSContext *ctx);
void host_timer_free(void);
/* Called by SIGCHLD bookkeeping of host_spawn.c: the loop reports the end of this pid to the dispatcher. */
void host_loop_watch_child(int pid);

/* host_text.c. A string of bytes that may be anything: what is not UTF-8 becomes U+FFFD. */
JSValue host_new_text(JSContext *ctx, const char *bytes, size_t length);
/* Length of the well-formed sequence at s, or minus the number of bytes that one U+FFFD stands for. */
int host_utf8_sequence(const uint8_t *s, const uint8_t *end);

/* host_table.c. The numbers of a Float64Array; NULL with an exception pending. The array keeps them while no JavaScript runs. */
double *host_numbers_of(JSContext *ctx, JSValueConst value, size_t *count);

/*
 * host_system.c. Wall clock and file times, as they are. Only in builds for tests, since Linux cannot be told to be before 1970: moved so
 * that PROCG_TEST_REALTIME (seconds) is when this is first called.
 */
#ifdef HOST_TEST_CLOCK
double host_realtime(double seconds);
#else
#define host_realtime(seconds) (seconds)
#endif

/* host_terminal.c. Async-signal-safe: puts the terminal back as it was. Safe to call more than once. */
void host_terminal_restore(void);

/* host_main.c. Prints `reason` (JS_EXCEPTION: the pending exception) in one line on stderr after restoring the terminal.
 * While an fd below 3 was closed at start, a placeholder sits there on which reads and writes fail with EBADF: no
 * file, socket or pipe ever lands on 0 to 2. */
void host_report_error(JSContext *ctx, JSValueConst reason);
/* host_main.c. For the few places that can neither go on nor throw: restores the terminal, prints one line, exits 1. */
_Noreturn void host_out_of_memory(void);

#endif

/*
 * What the fuzz targets share: the real host (host_main.c and its areas) in one process, the bytes of an input taken apart, and the
 * checks that hold after every call: nothing leaked, no fd left, no child lost.
 */
#ifndef PROCG_FUZZ_HOST_H
#define PROCG_FUZZ_HOST_H

#include "../../../build/quickjs/host.h"

extern JSContext *fuzz_ctx;

/* --- bytes of the input; behind the end everything is 0 ------------------------------------------------------------------- */

struct fuzz_input {
  const uint8_t *at, *end;
};

unsigned fuzz_byte(struct fuzz_input *in);
/* 0 .. count - 1. */
unsigned fuzz_below(struct fuzz_input *in, unsigned count);
/* Up to `most` bytes in place, their number in *length. */
const uint8_t *fuzz_bytes(struct fuzz_input *in, size_t most, size_t *length);
double fuzz_double(struct fuzz_input *in);

/* --- the host ----------------------------------------------------------------------------------------------------------------- */

/* Starts the engine and the areas, once. The working directory is a new one below FUZZ_SCRATCH or /tmp. */
void fuzz_start(void);
/* sys.NAME(...). The result, or JS_EXCEPTION with the exception dropped. */
JSValue fuzz_call(const char *name, int argc, JSValueConst *argv);
/* Bytes as a name, as every path reaches JavaScript. */
JSValue fuzz_name(const void *bytes, size_t length);
/* A file of these bytes: "/proc/self/fd/N". The next call reuses it. */
const char *fuzz_file(const void *bytes, size_t length);

/* --- what must hold ------------------------------------------------------------------------------------------------------------ */

#define FUZZ_MOST_FDS 64

/* Prints and ends: the fuzzer keeps the input. */
_Noreturn void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define fuzz_check(condition, ...) ((condition) ? (void)0 : fuzz_fail(__VA_ARGS__))

/* Bit n: fd n is open. */
uint64_t fuzz_open_fds(void);
/*
 * Runs `one` over the input and compares the engine's blocks and the open fds. What the engine makes once and keeps (atoms, shapes)
 * is no leak: it is one only when the same input takes more again, twice. Nor is it looked at where memory was refused: the engine
 * itself then leaks (JS_ToCStringLen2 its string).
 */
int fuzz_run(void (*one)(struct fuzz_input *in), const uint8_t *bytes, size_t length);
/* How a child ended: a sanitizer's report in it is a finding too. fuzz_reap() waits for those that the host has not waited for. */
void fuzz_look_at_child(int status);
void fuzz_reap(void);

/* --- faults: guard.c replaces these calls at the link ---------------------------------------------------------------------------- */

/* From the nth allocation on (1: the next) `times` of them fail; 0: none does. Counted while a call of fuzz_call() runs. */
extern int fuzz_fail_at, fuzz_fail_times;
/* One has failed during this input. */
extern int fuzz_has_failed;
/* openat2 is ENOSYS, as before Linux 5.6. */
extern int fuzz_no_openat2;
/* Processes that the host has forked (the sanitizer's symbolizer is a child as well, which never ends). */
#define FUZZ_MOST_CHILDREN 64
extern pid_t fuzz_children[FUZZ_MOST_CHILDREN];
extern int fuzz_child_count;
/* Calls of the host are running: what would leave the sandbox is refused. */
extern int fuzz_inside;

/* FUZZ_EXIT_CODE is the status with which a sanitizer ends a process (run_targets.ts sets it). */
#define FUZZ_EXIT_CODE 99

#endif

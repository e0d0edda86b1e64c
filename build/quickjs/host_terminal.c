/*
 * Raw mode, and the promise that the terminal is as it was when the process is gone: at exit, on deadly signals, and
 * while the process is stopped.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "host.h"

#define RESTORE_TEXT_BYTES 1024

static struct {
  volatile sig_atomic_t active; /* raw mode is on: there is something to restore */
  int fd;
  pid_t owner; /* a forked child must leave the terminal alone */
  struct termios saved, raw;
  char restore_text[RESTORE_TEXT_BYTES];
  size_t restore_length;
  volatile size_t restore_done;
} terminal;

static const int deadly_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

/* Handlers of a stack overflow need another stack. */
static char signal_stack[64 * 1024];

/* A job in the background may be told to restore: without this the kernel would stop it instead (SIGTTOU). */
static void set_termios(const struct termios *mode) {
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGTTOU);
  sigprocmask(SIG_BLOCK, &set, &before);
  while (tcsetattr(terminal.fd, TCSANOW, mode) < 0 && errno == EINTR) continue;
  sigprocmask(SIG_SETMASK, &before, NULL);
}

/*
 * A deadly signal may come in the middle: its handler then does all of this (again), so `active` is cleared last and the
 * text goes on where it was.
 */
void host_terminal_restore(void) {
  int saved_errno = errno;
  if (!terminal.active || terminal.owner != getpid()) return;
  set_termios(&terminal.saved);
  while (terminal.restore_done < terminal.restore_length) {
    ssize_t n = write(terminal.fd, terminal.restore_text + terminal.restore_done,
                      terminal.restore_length - terminal.restore_done);
    if (n > 0) {
      terminal.restore_done += (size_t)n;
    } else if (errno == EAGAIN) {
      struct pollfd wait = {terminal.fd, POLLOUT, 0};
      if (poll(&wait, 1, 200) <= 0) break;
    } else if (errno != EINTR) {
      break;
    }
  }
  terminal.active = 0;
  errno = saved_errno;
}

static void on_deadly_signal(int number) {
  host_terminal_restore();
  signal(number, SIG_DFL);
  raise(number); /* blocked until this handler returns, then it kills */
}

/* Takes a signal only from its default action: one that JavaScript watches stays with the event loop. */
static void take_signals(void) {
  stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof(signal_stack)};
  sigaltstack(&stack, NULL);
  for (size_t i = 0; i < countof(deadly_signals); i++) {
    struct sigaction action;
    if (sigaction(deadly_signals[i], NULL, &action) < 0 || action.sa_handler != SIG_DFL) continue;
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_deadly_signal;
    action.sa_flags = SA_ONSTACK;
    sigfillset(&action.sa_mask);
    sigaction(deadly_signals[i], &action, NULL);
  }
}

static void return_signals(void) {
  for (size_t i = 0; i < countof(deadly_signals); i++) {
    struct sigaction action;
    if (sigaction(deadly_signals[i], NULL, &action) == 0 && action.sa_handler == on_deadly_signal)
      signal(deadly_signals[i], SIG_DFL);
  }
}

static JSValue terminal_isatty(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int32_t fd;
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  return JS_NewBool(ctx, isatty(fd));
}

static JSValue terminal_window_size(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  struct winsize size;
  int32_t fd;
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  if (ioctl(fd, TIOCGWINSZ, &size) < 0) return JS_NewInt32(ctx, -errno);
  return host_new_numbers(ctx, (double[]){size.ws_col, size.ws_row}, 2);
}

/* Bytes as they come and no echo; output keeps its newline translation. */
static void make_raw(struct termios *mode) {
  mode->c_iflag &= (tcflag_t) ~(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  mode->c_cflag |= CS8;
  mode->c_lflag &= (tcflag_t) ~(ECHO | ICANON | IEXTEN | ISIG);
  mode->c_cc[VMIN] = 1;
  mode->c_cc[VTIME] = 0;
}

static JSValue terminal_set_raw(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  static int registered;
  int32_t fd;
  size_t length;
  int on = JS_ToBool(ctx, argv[1]);
  if (JS_ToInt32(ctx, &fd, argv[0])) return JS_EXCEPTION;
  sigset_t all, before;
  sigfillset(&all);
  if (!on) {
    sigprocmask(SIG_BLOCK, &all, &before); /* or a deadly one in the middle writes the text again */
    host_terminal_restore();
    return_signals();
    sigprocmask(SIG_SETMASK, &before, NULL);
    return JS_NewInt32(ctx, 0);
  }
  const char *text = JS_ToCStringLen(ctx, &length, argv[2]);
  if (!text) return JS_EXCEPTION;
  if (length > RESTORE_TEXT_BYTES || (terminal.active && terminal.fd != fd)) {
    JS_FreeCString(ctx, text);
    return JS_NewInt32(ctx, -EINVAL);
  }
  struct termios now;
  if (!terminal.active && tcgetattr(fd, &now) < 0) {
    int error = errno;
    JS_FreeCString(ctx, text);
    return JS_NewInt32(ctx, -error);
  }
  sigprocmask(SIG_BLOCK, &all, &before);
  if (!terminal.active) {
    terminal.saved = terminal.raw = now;
    make_raw(&terminal.raw);
  }
  terminal.fd = fd;
  terminal.owner = getpid();
  memcpy(terminal.restore_text, text, length);
  terminal.restore_length = length;
  terminal.restore_done = 0;
  terminal.active = 1;
  set_termios(&terminal.raw);
  if (!registered) atexit(host_terminal_restore);
  registered = 1;
  take_signals();
  sigprocmask(SIG_SETMASK, &before, NULL);
  JS_FreeCString(ctx, text);
  return JS_NewInt32(ctx, 0);
}

static JSValue terminal_suspend(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  struct sigaction action, before;
  sigset_t stop, mask;
  int was_active = terminal.active;
  host_terminal_restore();
  memset(&action, 0, sizeof(action));
  action.sa_handler = SIG_DFL;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGTSTP, &action, &before) < 0) return JS_NewInt32(ctx, -errno);
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &stop, &mask);
  raise(SIGTSTP); /* stops here until SIGCONT */
  sigprocmask(SIG_SETMASK, &mask, NULL);
  sigaction(SIGTSTP, &before, NULL);
  if (was_active) {
    struct termios now; /* the shell may have changed it meanwhile */
    if (tcgetattr(terminal.fd, &now) == 0) {
      terminal.saved = terminal.raw = now;
      make_raw(&terminal.raw);
    }
    terminal.restore_done = 0;
    terminal.active = 1;
    set_termios(&terminal.raw);
  }
  return JS_NewInt32(ctx, 0);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("isatty", 1, terminal_isatty),
    JS_CFUNC_DEF("windowSize", 1, terminal_window_size),
    JS_CFUNC_DEF("setRaw", 3, terminal_set_raw),
    JS_CFUNC_DEF("suspend", 0, terminal_suspend),
};

const struct host_area host_terminal_area = {functions, countof(functions)};

/*
 * Clocks, local time, numbers of the machine, signals to other processes, CRC-32.
 *
 * sysconf(_SC_NPROCESSORS_*) is left out on purpose: in musl it is the affinity count, not the host's CPUs.
 */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

/* The kernel's mask for 1 << 20 CPUs; nothing needs more. */
#define AFFINITY_MAX_BYTES (128 * 1024)

#ifdef HOST_TEST_CLOCK
double host_realtime(double seconds) {
  static double shift;
  static int known;
  const char *start = getenv("PROCG_TEST_REALTIME");
  struct timespec now;
  if (!known && start != NULL && clock_gettime(CLOCK_REALTIME, &now) == 0)
    shift = strtod(start, NULL) - ((double)now.tv_sec + (double)now.tv_nsec / 1e9);
  known = 1;
  return seconds + shift;
}
#endif

static JSValue system_clock(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  struct timespec ts;
  int32_t id;
  if (JS_ToInt32(ctx, &id, argv[0])) return JS_EXCEPTION;
  if (clock_gettime(id, &ts) < 0) return JS_NewInt32(ctx, -errno);
  double seconds = (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
  return JS_NewFloat64(ctx, id == CLOCK_REALTIME ? host_realtime(seconds) : seconds);
}

static JSValue system_local_time(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  double seconds;
  if (JS_ToFloat64(ctx, &seconds, argv[0])) return JS_EXCEPTION;
  if (!isfinite(seconds) || fabs(seconds) > 1e15) return JS_ThrowRangeError(ctx, "localTime: not a time");
  time_t t = (time_t)floor(seconds);
  struct tm tm;
  memset(&tm, 0, sizeof(tm));
  if (localtime_r(&t, &tm) == NULL) return JS_ThrowRangeError(ctx, "localTime: not a time");
  double numbers[7] = {
      tm.tm_year + 1900.0, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (double)tm.tm_gmtoff,
  };
  const char *zone = tm.tm_zone ? tm.tm_zone : "";
  return host_append(ctx, host_new_numbers(ctx, numbers, countof(numbers)), countof(numbers), host_new_text(ctx, zone, strlen(zone)));
}

static JSValue system_mktime(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int32_t v[6];
  for (int i = 0; i < 6; i++)
    if (JS_ToInt32(ctx, &v[i], argv[i])) return JS_EXCEPTION;
  /* Years before -2147481748 and month -2147483648 are none that a struct tm can hold. */
  if (v[0] < INT32_MIN + 1900 || v[1] == INT32_MIN) return JS_NewFloat64(ctx, NAN);
  struct tm tm;
  memset(&tm, 0, sizeof(tm));
  tm.tm_year = v[0] - 1900;
  tm.tm_mon = v[1] - 1;
  tm.tm_mday = v[2];
  tm.tm_hour = v[3];
  tm.tm_min = v[4];
  tm.tm_sec = v[5];
  tm.tm_isdst = -1;
  tm.tm_wday = -1; /* stays -1 when the time cannot be represented: -1 alone is also 1969-12-31 23:59:59 */
  time_t t = mktime(&tm);
  if (t == (time_t)-1 && tm.tm_wday == -1) return JS_NewFloat64(ctx, NAN);
  return JS_NewFloat64(ctx, (double)t);
}

static JSValue system_sysconf(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  const char *name = JS_ToCString(ctx, argv[0]);
  if (!name) return JS_EXCEPTION;
  int which = !strcmp(name, "pagesize") ? _SC_PAGESIZE : !strcmp(name, "clk_tck") ? _SC_CLK_TCK : -1;
  JS_FreeCString(ctx, name);
  if (which == -1) return JS_NewInt32(ctx, -EINVAL);
  return JS_NewInt64(ctx, sysconf(which));
}

/* The bare system call: it says how many bytes the kernel's mask has, and EINVAL when the buffer is smaller. */
static JSValue system_affinity(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  unsigned long *mask = NULL;
  long got = -1;
  for (size_t bytes = 128; bytes <= AFFINITY_MAX_BYTES; bytes *= 2) {
    unsigned long *larger = realloc(mask, bytes);
    if (!larger) {
      free(mask);
      return JS_NewInt32(ctx, -ENOMEM);
    }
    mask = larger;
    memset(mask, 0, bytes);
    got = syscall(SYS_sched_getaffinity, 0, bytes, mask);
    if (got >= 0 || errno != EINVAL) break;
  }
  if (got < 0) {
    int error = errno;
    free(mask);
    return JS_NewInt32(ctx, -error);
  }
  JSValue cpus = JS_NewArray(ctx);
  uint32_t found = 0;
  size_t bits = 8 * sizeof(*mask);
  for (size_t cpu = 0; cpu < (size_t)got * 8; cpu++)
    if (mask[cpu / bits] >> (cpu % bits) & 1) cpus = host_append(ctx, cpus, found++, JS_NewInt32(ctx, (int32_t)cpu));
  free(mask);
  return cpus;
}

/* The bare system call: musl's sched_getscheduler() always fails with ENOSYS. */
static JSValue system_scheduling_policy(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  long policy = syscall(SYS_sched_getscheduler, 0);
  return JS_NewInt32(ctx, policy < 0 ? -errno : (int32_t)policy);
}

static JSValue system_getpid(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  return JS_NewInt32(ctx, getpid());
}

static JSValue system_getuid(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  return JS_NewUint32(ctx, getuid());
}

static JSValue system_uname(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  struct utsname names;
  if (uname(&names) < 0) return JS_NewInt32(ctx, -errno);
  const char *list[] = {names.sysname, names.nodename, names.release, names.version, names.machine};
  JSValue row = JS_NewArray(ctx);
  for (uint32_t i = 0; i < countof(list); i++) row = host_append(ctx, row, i, host_new_text(ctx, list[i], strlen(list[i])));
  return row;
}

static JSValue system_kill(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int32_t pid, number;
  if (JS_ToInt32(ctx, &pid, argv[0]) || JS_ToInt32(ctx, &number, argv[1])) return JS_EXCEPTION;
  return JS_NewInt32(ctx, kill(pid, number) < 0 ? -errno : 0);
}

static JSValue system_setpriority(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  int32_t pid, nice;
  if (JS_ToInt32(ctx, &pid, argv[0]) || JS_ToInt32(ctx, &nice, argv[1])) return JS_EXCEPTION;
  return JS_NewInt32(ctx, setpriority(PRIO_PROCESS, (id_t)pid, nice) < 0 ? -errno : 0);
}

static JSValue system_crc32(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  static uint32_t table[256];
  int64_t offset, length;
  uint32_t seed;
  size_t size;
  if (JS_ToInt64(ctx, &offset, argv[1]) || JS_ToInt64(ctx, &length, argv[2]) || JS_ToUint32(ctx, &seed, argv[3]))
    return JS_EXCEPTION;
  const uint8_t *bytes = JS_GetArrayBuffer(ctx, &size, argv[0]);
  if (!bytes) return JS_EXCEPTION;
  if (offset < 0 || length < 0 || (uint64_t)offset > size || (uint64_t)length > size - (uint64_t)offset)
    return JS_ThrowRangeError(ctx, "crc32: outside the buffer");
  if (table[1] == 0) {
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t c = i;
      for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
      table[i] = c;
    }
  }
  uint32_t crc = ~seed;
  for (int64_t i = 0; i < length; i++) crc = table[(crc ^ bytes[offset + i]) & 0xff] ^ (crc >> 8);
  return JS_NewUint32(ctx, ~crc);
}

/* One variable; null where it is not set. The whole environment is not turned into strings at each start. */
static JSValue get_environment(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  const char *name = JS_ToCString(ctx, argv[0]);
  const char *value;
  if (name == NULL)
    return JS_EXCEPTION;
  value = getenv(name);
  JS_FreeCString(ctx, name);
  return value == NULL ? JS_NULL : host_new_name(ctx, value, strlen(value));
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("getenv", 1, get_environment),
    JS_CFUNC_DEF("clock", 1, system_clock),
    JS_CFUNC_DEF("localTime", 1, system_local_time),
    JS_CFUNC_DEF("mktime", 6, system_mktime),
    JS_CFUNC_DEF("sysconf", 1, system_sysconf),
    JS_CFUNC_DEF("affinity", 0, system_affinity),
    JS_CFUNC_DEF("schedulingPolicy", 0, system_scheduling_policy),
    JS_CFUNC_DEF("getpid", 0, system_getpid),
    JS_CFUNC_DEF("getuid", 0, system_getuid),
    JS_CFUNC_DEF("uname", 0, system_uname),
    JS_CFUNC_DEF("kill", 2, system_kill),
    JS_CFUNC_DEF("setpriority", 2, system_setpriority),
    JS_CFUNC_DEF("crc32", 4, system_crc32),
};

const struct host_area host_system_area = {functions, countof(functions)};

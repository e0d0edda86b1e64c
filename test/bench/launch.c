/*
 * Runs commands N times each, alternating, and prints one line per run: INDEX WALL_NS USER_SYS_US MAXRSS_KB
 *
 *   launch N COMMAND [ARG...] [--- COMMAND [ARG...]]...
 *
 * Wall: CLOCK_MONOTONIC from fork to the end of the process. RSS and CPU time: rusage of wait4. It is small and static, because a
 * child's maximum RSS is at least what its parent had when it forked. Output of the commands goes to /dev/null.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS 16

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long micros(struct timeval t) { return t.tv_sec * 1000000L + t.tv_usec; }

int main(int argc, char **argv) {
  char **commands[MAX_COMMANDS];
  int count = 0;
  if (argc < 3) {
    fprintf(stderr, "launch: usage: launch N COMMAND [ARG...] [--- COMMAND [ARG...]]...\n");
    return 2;
  }
  int runs = atoi(argv[1]);
  commands[count++] = &argv[2];
  for (int i = 2; i < argc; i++) {
    if (strcmp(argv[i], "---") != 0) continue;
    argv[i] = NULL;
    if (count == MAX_COMMANDS) return 2;
    commands[count++] = &argv[i + 1];
  }
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return 2;
  for (int run = 0; run < runs; run++) {
    for (int i = 0; i < count; i++) {
      long long start = now();
      pid_t pid = vfork();
      if (pid == 0) {
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execv(commands[i][0], commands[i]);
        _exit(127);
      }
      int status;
      struct rusage usage;
      if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) return 2;
      long long wall = now() - start;
      if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "launch: %s: status %d\n", commands[i][0], status);
        return 1;
      }
      printf("%d %lld %ld %ld\n", i, wall, micros(usage.ru_utime) + micros(usage.ru_stime), usage.ru_maxrss);
    }
  }
  return 0;
}

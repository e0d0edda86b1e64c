/*
 * Starts a program in an odd way, then gets out of it: nothing of this one is left but what it changed.
 *
 *   odd_exec [--chroot DIR] [--close FD]... [--nofile N] [--as BYTES] [--stack BYTES] [--argv0 TEXT | --no-argv] PROGRAM [ARG...]
 *
 * Static, and with few system calls of its own, so that faults can be counted from its execve on.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void limit(int resource, const char *text) {
  rlim_t value = strtoull(text, NULL, 10);
  struct rlimit both = {value, value};
  if (setrlimit(resource, &both) != 0) {
    perror("odd_exec: setrlimit");
    exit(125);
  }
}

int main(int argc, char **argv) {
  const char *root = NULL, *argv0 = NULL, *nofile = NULL, *as = NULL, *stack = NULL;
  int closed[16], closed_count = 0, no_argv = 0, i = 1;
  for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
    const char *name = argv[i];
    if (strcmp(name, "--no-argv") == 0) {
      no_argv = 1;
      continue;
    }
    if (++i >= argc) return 125;
    if (strcmp(name, "--chroot") == 0) root = argv[i];
    else if (strcmp(name, "--close") == 0 && closed_count < 16) closed[closed_count++] = atoi(argv[i]);
    else if (strcmp(name, "--nofile") == 0) nofile = argv[i];
    else if (strcmp(name, "--as") == 0) as = argv[i];
    else if (strcmp(name, "--stack") == 0) stack = argv[i];
    else if (strcmp(name, "--argv0") == 0) argv0 = argv[i];
    else return 125;
  }
  if (i >= argc) return 125;
  char *program = argv[i];
  char *nothing[] = {NULL};
  if (argv0 != NULL) argv[i] = (char *)argv0;
  if (root != NULL && (chroot(root) != 0 || chdir("/") != 0)) {
    perror("odd_exec: chroot");
    return 125;
  }
  if (nofile != NULL) limit(RLIMIT_NOFILE, nofile);
  if (as != NULL) limit(RLIMIT_AS, as);
  if (stack != NULL) limit(RLIMIT_STACK, stack);
  for (int j = 0; j < closed_count; j++) close(closed[j]);
  extern char **environ;
  execve(program, no_argv ? nothing : &argv[i], environ);
  return 127;
}

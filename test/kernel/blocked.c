/*
 * Threads that count as load and need no CPU: blocked N SECONDS.
 *
 * The parent of a vfork(2) waits for its child in TASK_UNINTERRUPTIBLE | TASK_KILLABLE, which /proc shows as D and the kernel counts in
 * its load averages. N processes do so until the time is over or this one is killed.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int count = argc == 3 ? atoi(argv[1]) : 0, seconds = argc == 3 ? atoi(argv[2]) : 0;
  if (count < 0 || seconds <= 0) {
    fputs("blocked: usage: blocked N SECONDS\n", stderr);
    return 1;
  }
  for (int i = 0; i < count; i++) {
    pid_t pid = fork();
    if (pid < 0) {
      perror("blocked: fork");
      return 1;
    }
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (vfork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) pause();
      }
      _exit(0);
    }
  }
  sleep((unsigned)seconds);
  return 0;
}

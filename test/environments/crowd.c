/*
 * crowd COUNT COMMAND...: COUNT processes that sleep, then the command beside them. As init of a pid namespace, which ends with it.
 * Exit code: the command's; 125 when the processes cannot be had.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  long count = argc < 3 ? 0 : atol(argv[1]);
  int status = 0;
  pid_t command;
  if (count <= 0) return 125;
  for (long i = 0; i < count; i++) {
    pid_t child = fork();
    if (child < 0) {
      perror("crowd: fork");
      return 125;
    }
    if (child == 0) {
      prctl(PR_SET_NAME, "sleeper");
      for (;;) pause();
    }
  }
  command = fork();
  if (command < 0) return 125;
  if (command == 0) {
    execvp(argv[2], &argv[2]);
    perror("crowd: exec");
    _exit(127);
  }
  while (waitpid(command, &status, 0) < 0) {
    /* interrupted */
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

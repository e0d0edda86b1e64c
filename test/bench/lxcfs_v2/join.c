/*
 * Runs a program in a container that is there, as nsenter or `docker exec` do: its cgroup, pid and mount namespaces.
 *
 *   join -t PID [-b DIR] [-g CGROUP] PROGRAM [ARGUMENTS]
 *
 *   -b DIR      a mount namespace of its own, in which lxcfs' files below DIR lie over /proc and /sys, as its users bind them
 *   -g CGROUP   the program is in this cgroup directory; without it in that of the caller, so that its memory is in no figure
 *
 * The exit status is the program's. Any failure: one line on stderr, exit 125.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const bound[] = {
    "/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg", "/proc/meminfo", "/proc/slabinfo", "/proc/stat", "/proc/swaps", "/proc/uptime",
    "/proc/pressure/cpu", "/proc/pressure/io", "/proc/pressure/memory", "/sys/devices/system/cpu/online",
};

static void die(const char *what) {
  fprintf(stderr, "join: %s: %s\n", what, strerror(errno));
  exit(125);
}

static int open_namespace(const char *pid, const char *name) {
  char path[128];
  snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(path);
  return fd;
}

/* A file that this lxcfs does not have stays the kernel's. */
static void bind_files(const char *from) {
  if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) die("mount private");
  for (size_t i = 0; i < sizeof bound / sizeof *bound; i++) {
    char path[512];
    struct stat status;
    snprintf(path, sizeof path, "%s%s", from, bound[i]);
    if (stat(path, &status) == 0 && mount(path, bound[i], NULL, MS_BIND, NULL) != 0) die(path);
  }
}

int main(int argc, char **argv) {
  const char *pid = NULL, *files = NULL, *group = NULL;
  int option, status, procs = -1;
  while ((option = getopt(argc, argv, "+t:b:g:")) != -1) {
    switch (option) {
      case 't': pid = optarg; break;
      case 'b': files = optarg; break;
      case 'g': group = optarg; break;
      default: return 125;
    }
  }
  if (pid == NULL || optind >= argc) {
    fputs("join: usage: join -t PID [-b DIR] [-g CGROUP] PROGRAM [ARGUMENTS]\n", stderr);
    return 125;
  }
  if (group != NULL) {
    char path[4096];
    snprintf(path, sizeof path, "%s/cgroup.procs", group);
    procs = open(path, O_WRONLY | O_CLOEXEC);
    if (procs < 0) die(path);
  }
  const int namespaces[] = {open_namespace(pid, "cgroup"), open_namespace(pid, "pid"), open_namespace(pid, "mnt")};
  for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
    if (setns(namespaces[i], 0) != 0) die("setns");
  if (files != NULL) bind_files(files);
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    if (procs >= 0 && write(procs, "0", 1) != 1) die(group);
    execvp(argv[optind], argv + optind);
    die(argv[optind]);
  }
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) die("waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

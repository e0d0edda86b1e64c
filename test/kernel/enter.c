/*
 * Starts a program as a container runtime does: in given cgroups, in new pid and mount namespaces with a /proc of its own.
 *
 *   enter [-C] -g DIR [-g DIR]... PROGRAM [ARGUMENTS]
 *
 *   -g DIR   join this cgroup directory
 *   -C       a cgroup namespace of its own, and its view mounted over /sys/fs/cgroup
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

static void die(const char *what) {
  fprintf(stderr, "enter: %s: %s\n", what, strerror(errno));
  exit(125);
}

static void join(const char *directory) {
  char path[4096];
  int fd;
  snprintf(path, sizeof path, "%s/cgroup.procs", directory);
  fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) die(path);
  close(fd);
}

/* The namespace's view in place of the host's: the same file system cannot be mounted twice on one point. */
static void replace(const char *path, const char *type, const char *options) {
  if (umount2(path, MNT_DETACH) != 0 || mount(type, path, type, MS_RDONLY, options) != 0) die(path);
}

/* What is mounted there now decides: one v2 tree, or a directory per v1 hierarchy. */
static void mount_view(void) {
  static const char *const hierarchies[] = {"cpu,cpuacct", "cpuset", "memory", "blkio", "pids", "freezer", "devices"};
  struct stat status;
  if (stat("/sys/fs/cgroup/cgroup.procs", &status) == 0) {
    replace("/sys/fs/cgroup", "cgroup2", NULL);
    return;
  }
  for (size_t i = 0; i < sizeof hierarchies / sizeof *hierarchies; i++) {
    char path[256];
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s", hierarchies[i]);
    if (stat(path, &status) == 0) replace(path, "cgroup", hierarchies[i]);
  }
  if (stat("/sys/fs/cgroup/unified", &status) == 0) replace("/sys/fs/cgroup/unified", "cgroup2", NULL);
}

int main(int argc, char **argv) {
  int private_view = 0, option, status;
  const char *groups[16];
  size_t count = 0;
  pid_t child;
  while ((option = getopt(argc, argv, "+Cg:")) != -1) {
    if (option == 'C') private_view = 1;
    else if (option == 'g' && count < sizeof groups / sizeof *groups) groups[count++] = optarg;
    else return 125;
  }
  if (optind >= argc) {
    fputs("enter: no program\n", stderr);
    return 125;
  }
  if (unshare(CLONE_NEWPID) != 0) die("unshare");
  child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    /* Here, so that nothing of the runtime is in the container's cgroups. */
    for (size_t i = 0; i < count; i++) join(groups[i]);
    if (unshare(CLONE_NEWNS | (private_view ? CLONE_NEWCGROUP : 0)) != 0) die("unshare");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) die("mount private");
    if (mount("proc", "/proc", "proc", 0, NULL) != 0) die("mount /proc");
    if (private_view) mount_view();
    execvp(argv[optind], argv + optind);
    die(argv[optind]);
  }
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) die("waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

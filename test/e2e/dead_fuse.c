/*
 * A FUSE file system that never answers: dead_fuse PID PATH mounts it at PATH (made where it is missing) in the mount namespace of
 * PID, answers the kernel's greeting and nothing else, prints "ready" and reads on until it is killed; then every call that waits
 * ends with ENOTCONN. Each request is named on stdout by its number (1 LOOKUP, 3 GETATTR, 17 STATFS ...).
 *
 * Protocol: include/uapi/linux/fuse.h, written down here because musl's headers do not have it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define FUSE_INIT 26

struct in_header {
  uint32_t length, opcode;
  uint64_t unique, node;
  uint32_t uid, gid, pid;
  uint16_t extension, padding;
};

struct init_answer {
  uint32_t length;
  int32_t error;
  uint64_t unique;
  uint32_t major, minor, readahead, flags;
  uint16_t background, congestion;
  uint32_t max_write, time_granularity;
  uint32_t rest[9];
};

static void die(const char *what) {
  fprintf(stderr, "dead_fuse: %s: %s\n", what, strerror(errno));
  exit(1);
}

int main(int argc, char **argv) {
  static char request[1 << 20];
  char path[64], options[128];
  int device = open("/dev/fuse", O_RDWR | O_CLOEXEC), space;
  ssize_t length;
  if (argc != 3) return 2;
  if (device < 0) die("/dev/fuse");
  snprintf(path, sizeof path, "/proc/%s/ns/mnt", argv[1]);
  if ((space = open(path, O_RDONLY)) < 0 || setns(space, CLONE_NEWNS) < 0) die(path);
  mkdir(argv[2], 0755);
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device);
  /* The type decides how tools look at it: "ext4" cannot be had, "fuse" is what they leave alone. */
  if (mount("dead", argv[2], "fuse", MS_NOSUID | MS_NODEV, options) < 0) die(argv[2]);
  while ((length = read(device, request, sizeof request)) > 0) {
    const struct in_header *header = (const struct in_header *)request;
    if (header->opcode == FUSE_INIT) {
      struct init_answer answer = {.length = sizeof answer, .unique = header->unique, .major = 7, .minor = 31, .max_write = 4096};
      if (write(device, &answer, sizeof answer) < 0) die("the greeting");
      puts("ready");
    } else {
      printf("%u\n", header->opcode);
    }
    fflush(stdout);
  }
  die("the end");
}

/*
 * How long it takes to read a small file of /proc: open, read to the end, close.
 *
 *   lxcfs_read N FILE...   prints for each file: FILE MEDIAN_NS
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static char buffer[65536];

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  long long x = *(const long long *)a, y = *(const long long *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  int runs = argc < 3 ? 0 : atoi(argv[1]);
  if (runs < 1) {
    fprintf(stderr, "lxcfs_read: usage: lxcfs_read N FILE...\n");
    return 2;
  }
  long long *times = calloc((size_t)runs, sizeof *times);
  if (times == NULL) return 2;
  for (int i = 2; i < argc; i++) {
    for (int run = 0; run < runs; run++) {
      long long start = now();
      int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
      ssize_t n = -1;
      if (fd >= 0) {
        while ((n = read(fd, buffer, sizeof buffer)) > 0) continue;
        close(fd);
      }
      if (n < 0) {
        perror(argv[i]);
        return 1;
      }
      times[run] = now() - start;
    }
    qsort(times, (size_t)runs, sizeof *times, ascending);
    printf("%s %lld\n", argv[i], times[runs / 2]);
  }
  return 0;
}

/*
 * A load of known size, for the end-to-end tests and for `npm start`. Static, no dependency.
 *
 *   -m MB    anonymous memory, touched        -s MB    a file of that size in /dev/shm
 *   -w MB    written to -f FILE, fsynced, dropped from the page cache
 *   -r FILE  read once: its pages are charged to us
 *   -b N     busy threads                     -t S     ends after S seconds (0, the default: at once when it stands)
 *   -d       waits in vfork(2) for a child that sleeps: state D, no CPU
 *   -p FILE  made when the load stands (a line "ready" is printed in any case)
 *
 * MB are 1048576 bytes. Any failure: one line on stderr, exit 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MB (1024L * 1024L)

static char block[MB];

static void die(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static long number(const char *text) {
  char *end;
  long value = strtol(text, &end, 10);
  if (end == text || *end != 0 || value < 0) {
    fprintf(stderr, "load: not a number: %s\n", text);
    exit(1);
  }
  return value;
}

static void *busy(void *unused) {
  volatile unsigned long turns = 0;
  for (;;) turns++;
  return unused;
}

static void fill(const char *path, long megabytes, int drop) {
  int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) die(path);
  /* Not zeros: nothing below may fold or compress them. */
  for (long i = 0; i < megabytes; i++) {
    memset(block, (int)(i % 251) + 1, sizeof block);
    for (size_t done = 0; done < sizeof block;) {
      ssize_t n = write(fd, block + done, sizeof block - done);
      if (n < 0) die(path);
      done += (size_t)n;
    }
  }
  if (drop) {
    if (fsync(fd) < 0) die(path);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  }
  close(fd);
}

int main(int argc, char **argv) {
  long anonymous = 0, shared = 0, written = 0, threads = 0, seconds = 0, waits = 0;
  const char *file = NULL, *readFile = NULL, *mark = NULL;
  int option;
  while ((option = getopt(argc, argv, "m:s:w:f:r:b:t:p:d")) != -1) {
    switch (option) {
      case 'm': anonymous = number(optarg); break;
      case 's': shared = number(optarg); break;
      case 'w': written = number(optarg); break;
      case 'f': file = optarg; break;
      case 'r': readFile = optarg; break;
      case 'b': threads = number(optarg); break;
      case 't': seconds = number(optarg); break;
      case 'p': mark = optarg; break;
      case 'd': waits = 1; break;
      default: return 1;
    }
  }
  if (optind != argc || (written > 0 && file == NULL)) {
    fprintf(stderr, "load: usage: load [-m MB] [-s MB] [-w MB -f FILE] [-r FILE] [-b N] [-t S] [-p FILE] [-d]\n");
    return 1;
  }
  if (anonymous > 0) {
    char *memory = mmap(NULL, (size_t)(anonymous * MB), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) die("mmap");
    /* Huge pages would round the size up. */
    madvise(memory, (size_t)(anonymous * MB), MADV_NOHUGEPAGE);
    for (long i = 0; i < anonymous * MB; i += 4096) memory[i] = (char)(i >> 12) | 1;
  }
  if (shared > 0) {
    char path[64];
    snprintf(path, sizeof path, "/dev/shm/procg-load-%d", (int)getpid());
    fill(path, shared, 0);
  }
  if (written > 0) fill(file, written, 1);
  if (readFile != NULL) {
    int fd = open(readFile, O_RDONLY | O_CLOEXEC);
    if (fd < 0) die(readFile);
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) > 0) continue;
    if (n < 0) die(readFile);
    close(fd);
  }
  for (long i = 0; i < threads; i++) {
    pthread_t thread;
    int error = pthread_create(&thread, NULL, busy, NULL);
    if (error != 0) {
      errno = error;
      die("pthread_create");
    }
  }
  if (mark != NULL) {
    int fd = open(mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) die(mark);
    close(fd);
  }
  puts("ready");
  fflush(stdout);
  if (waits && vfork() == 0) {
    for (;;) pause();
  }
  struct timespec left = {seconds, 0};
  while (nanosleep(&left, &left) < 0 && errno == EINTR) continue;
  return 0;
}

/*
 * Memory of kinds that test/e2e/load.c has not: a mapped file, huge pages, pages until the kernel says no.
 *
 *   pages [-f FILE] [-h MB] [-a] -p MARK
 *
 *   -f FILE   maps it shared and reads a byte of each page
 *   -h MB     anonymous memory in huge pages, touched
 *   -a        anonymous memory, touched page by page without end: the kernel ends it, and says how much it had
 *   -p MARK   a file that is made when all of that stands; then it sleeps
 *
 * Any failure: one line on stderr, exit 1.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HUGE (2L * 1024 * 1024)

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void map_file(const char *path) {
  struct stat status;
  volatile char sum = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &status) != 0) die(path);
  const char *pages = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
  if (pages == MAP_FAILED) die("mmap");
  for (off_t i = 0; i < status.st_size; i += 4096) sum = (char)(sum + pages[i]);
}

static void huge(long megabytes) {
  size_t size = (size_t)(megabytes * 1024 * 1024);
  char *all = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) die("mmap");
  char *from = all + (HUGE - (long)all % HUGE) % HUGE;
  if (madvise(from, size, MADV_HUGEPAGE) != 0) die("madvise");
  for (size_t i = 0; i < size; i += 4096) from[i] = 1;
}

static void all_there_is(void) {
  for (;;) {
    char *more = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (more == MAP_FAILED) die("mmap");
    madvise(more, HUGE, MADV_NOHUGEPAGE);
    for (long i = 0; i < HUGE; i += 4096) more[i] = 1;
  }
}

int main(int argc, char **argv) {
  const char *file = NULL, *mark = NULL;
  long megabytes = 0;
  int option, all = 0;
  while ((option = getopt(argc, argv, "f:h:ap:")) != -1) {
    switch (option) {
      case 'f': file = optarg; break;
      case 'h': megabytes = atol(optarg); break;
      case 'a': all = 1; break;
      case 'p': mark = optarg; break;
      default: return 1;
    }
  }
  if (file != NULL) map_file(file);
  if (megabytes > 0) huge(megabytes);
  if (all) all_there_is();
  if (mark != NULL) close(open(mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  for (;;) pause();
}

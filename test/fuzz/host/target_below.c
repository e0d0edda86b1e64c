/*
 * Walking below a directory whose owner is hostile, in this process and not in the forked child (whose coverage would be lost): what
 * readBelow, writeBelow and probeBelow do there. The tree is full of ways out; nothing of what lies outside may be read or changed.
 *
 * An input: what to do, with openat2 or without, and a path.
 */
#include "fuzz_host.h"

#include <ftw.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The real ones, with everything in them that is static. */
#include "../../../build/quickjs/host_below.c"
/* One name for two tables. */
#define functions probe_functions
#include "../../../build/quickjs/host_probe.c"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define SECRET "what lies outside"
#define CONTENT "what lies inside\n"

static int out = -1;
static struct stat outside;

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  fuzz_check(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), "%s", path);
  close(fd);
}

static void make_socket(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  strcpy(address.sun_path, path);
  fuzz_check(bind(fd, (struct sockaddr *)&address, sizeof address) == 0, "%s", path);
  close(fd);
}

static void make_tree(void) {
  static const char *const links[][2] = {
      {"../secret", "root/link"},   {"../../secret", "root/a/link"}, {"..", "root/up"}, {"../..", "root/a/up"},
      {"/", "root/slash"},          {"loop", "root/loop"},           {"a", "root/alias"}, {"/proc/self/root", "root/magic"},
      {"/proc/self/cwd/secret", "root/a/cwd"},
  };
  char absolute[128];
  mkdir("root", 0755);
  mkdir("root/a", 0755);
  mkdir("root/a/b", 0755);
  mkdir("root/ a", 0755);
  mkdir("root/...", 0755);
  put("secret", SECRET);
  put("root/f", CONTENT);
  put("root/a/f", CONTENT);
  put("root/a/b/f", CONTENT);
  put("root/ a/f", CONTENT);
  put("root/.../f", CONTENT);
  put("root/a/stat", "7 (x) y) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20 21\n");
  for (size_t i = 0; i < countof(links); i++)
    fuzz_check(symlink(links[i][0], links[i][1]) == 0, "%s", links[i][1]);
  fuzz_check(getcwd(absolute, sizeof absolute - 8) != NULL, "getcwd");
  fuzz_check(symlink(strcat(absolute, "/secret"), "root/a/absolute") == 0, "symlink");
  mkfifo("root/a/fifo", 0644);
  make_socket("root/a/socket");
  if (geteuid() == 0)
    mknod("root/a/null", S_IFCHR | 0666, makedev(1, 3));
  out = memfd_create("out", MFD_CLOEXEC);
  fuzz_check(stat("secret", &outside) == 0, "secret");
}

/* The text that came out, NUL behind it; freed by the caller. */
static char *taken(size_t *length) {
  off_t end = lseek(out, 0, SEEK_END);
  char *text = malloc((size_t)end + 1);
  *length = (size_t)end;
  fuzz_check(pread(out, text, *length, 0) == end, "memfd");
  text[*length] = '\0';
  fuzz_check(memmem(text, *length, SECRET, strlen(SECRET)) == NULL, "what lies outside has been read");
  fuzz_check(ftruncate(out, 0) == 0 && lseek(out, 0, SEEK_SET) == 0, "memfd");
  return text;
}

/* `path` leads through real directories to a real file: followed step by step with lstat(2). */
static int is_inside(const char *path, mode_t kind) {
  char full[1024] = "root";
  const char *at = path;
  struct stat status;
  int is_kind = kind == S_IFDIR;
  while (*at != '\0') {
    size_t length = strcspn(at, "/");
    if (length > 0) {
      if (length > 255 || strlen(full) + length + 2 > sizeof full || (length == 2 && memcmp(at, "..", 2) == 0))
        return 0;
      strcat(full, "/");
      strncat(full, at, length);
      if (lstat(full, &status) < 0)
        return 0;
      is_kind = (status.st_mode & S_IFMT) == kind;
      at += length;
      if (*at != '\0' && !S_ISDIR(status.st_mode))
        return 0;
    }
    at += *at != '\0';
  }
  return is_kind;
}

/* Parts and name of the path, as the caller hands them over. */
static int make_job(struct job *job, char *path, int walk_only) {
  char *slash = strrchr(path, '/');
  *job = (struct job){.base = "root", .ticks = -1, .devices = " 0:0 ", .most = 1024, .walk_only = walk_only};
  job->name = slash ? slash + 1 : path;
  job->parts = slash ? path : "";
  if (slash)
    *slash = '\0';
  return check_names(job) && (*job->name == '\0' || !is_bad_name(job->name, strlen(job->name)));
}

static void try_reading(const char *path, int walk_only) {
  char *copy = strdup(path), *parts = NULL;
  struct job job;
  size_t length;
  if (make_job(&job, copy, walk_only)) {
    int lists = *job.name == '\0';
    job.parts = parts = strdup(job.parts);
    int error = read_below(&job, out);
    char *text = taken(&length);
    fuzz_check((error == 0) == is_inside(path, lists ? S_IFDIR : S_IFREG), "reading %s: %s", path, strerror(error));
    if (error == 0 && !lists && strcmp(job.name, "stat") != 0)
      fuzz_check(strcmp(text, CONTENT) == 0, "%s is not what was read", path);
    free(text);
  }
  free(parts);
  free(copy);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *at) {
  (void)status, (void)kind;
  return at->level == 0 ? 0 : remove(path);
}

/* Ways out of an otherwise empty directory. */
static void make_links(void) {
  mkdir("written", 0755);
  mkdir("written/a", 0755);
  fuzz_check(symlink("..", "written/up") == 0 && symlink("../..", "written/a/up") == 0 && symlink("a", "written/alias") == 0 &&
                 symlink("../secret", "written/secret") == 0 && symlink("/proc/self/cwd", "written/a/cwd") == 0,
             "links");
}

static int count_entries(void) {
  int count = 0;
  DIR *list = opendir(".");
  while (readdir(list))
    count++;
  closedir(list);
  return count;
}

static void try_writing(const char *path, int walk_only) {
  char *copy = strdup(path), *parts = NULL;
  struct job job;
  struct stat status;
  make_links();
  int before = count_entries();
  if (make_job(&job, copy, walk_only) && *job.name) {
    job.base = "written";
    job.parts = parts = strdup(job.parts);
    job.text = "~";
    job.length = 1;
    int error = write_below(&job);
    fuzz_check(error >= 0 && error < 256, "an exit status of %d", error);
    fuzz_check(stat("secret", &status) == 0 && status.st_size == outside.st_size && status.st_ino == outside.st_ino &&
                   status.st_ctim.tv_nsec == outside.st_ctim.tv_nsec && count_entries() == before,
               "what lies outside has been changed");
  }
  free(parts);
  free(copy);
  nftw("written", remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void try_probing(char *path, int wants_text) {
  int root = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = -1, size = 0;
  char *text, *full = strdup(path);
  size_t length;
  fuzz_check(root >= 0, "root");
  answer(out, root, full, wants_text);
  close(root);
  free(full);
  text = taken(&length);
  fuzz_check(sscanf(text, "%d %*u %*u %*u %*f %*u %*u %*u %*u %*u %*d %*u %*u %d\n", &error, &size) == 2, "answer: %s", text);
  fuzz_check(strchr(text, '\n') + 1 + size == text + length, "an answer of another length");
  /* What counts is that it stays inside, which taken() has looked at. openat2 also knows "a/../f", and part by part "f/" is "f". */
  while (*path && path[strlen(path) - 1] == '/')
    path[strlen(path) - 1] = '\0';
  if (wants_text && error == 0 && strstr(path, "..") == NULL)
    fuzz_check(is_inside(path, S_IFREG), "%s has been read", path);
  free(text);
}

static void try_questions(struct fuzz_input *in) {
  size_t length;
  const uint8_t *bytes = fuzz_bytes(in, 512, &length);
  char *questions = malloc(length + 1);
  memcpy(questions, bytes, length);
  questions[length] = '\0';
  answer_all(&(struct questions){questions, length}, out);
  free(questions);
  free(taken(&length));
}

static void one(struct fuzz_input *in) {
  unsigned what = fuzz_below(in, 4);
  char path[512];
  size_t length;
  if (out < 0)
    make_tree();
  fuzz_no_openat2 = fuzz_byte(in) & 1;
  if (what == 3) {
    try_questions(in);
  } else {
    const uint8_t *bytes = fuzz_bytes(in, sizeof path - 1, &length);
    memcpy(path, bytes, length);
    path[length] = '\0';
    if (what == 0)
      try_reading(path, fuzz_no_openat2);
    else if (what == 1)
      try_writing(path, fuzz_no_openat2);
    else
      try_probing(path, fuzz_no_openat2 ? 1 : path[0] != '!');
  }
  fuzz_no_openat2 = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) { return fuzz_run(one, bytes, size); }

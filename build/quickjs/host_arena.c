/*
 * The allocator. Size classes with free lists, fed from a static pool and then from mmap; nothing goes back to the
 * system. About half of an engine's start-up with malloc is page faults and brk/mmap calls, which this avoids.
 *
 * With HOST_PLAIN_MALLOC (sanitizer builds) every block is a malloc, so that an overrun is seen.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host.h"

#define HEADER 8               /* the class, in front of every payload */
#define GRAIN 8                /* strides and addresses are multiples: no type of the engine asks for more */
#define SMALL_STRIDE 512       /* up to here one class per grain, then steps of a quarter */
#define LARGEST_STRIDE 8192    /* above: malloc */
#define LARGEST_STAYING 2048   /* above, in a program that stays: malloc, which gives back what it can */
#define SMALL_CLASSES (SMALL_STRIDE / GRAIN)
#define MAX_CLASSES 80
#define LARGE_CLASS UINT32_MAX
#define LARGE_PREFIX 16        /* size_t size, then the header */
#define STATIC_POOL (384 * 1024)
#define PIECE (256 * 1024)

/* What may be used beyond the limit once it has been met: the error itself needs memory, or the engine throws null. */
#define RESERVE (64 * 1024)

static int met_limit;

int host_arena_refused;

/* True when `size` more bytes would pass the limit of the runtime. 0 and -1 mean no limit (engines differ). */
static int over_limit_slowly(const JSMallocState *state, size_t size) {
  size_t limit = state->malloc_limit;
  if (limit == 0 || limit >= SIZE_MAX - RESERVE)
    return 0;
  if (met_limit && state->malloc_size < limit - limit / 8)
    met_limit = 0;
  if (met_limit)
    limit += RESERVE;
  if (size <= limit && state->malloc_size <= limit - size)
    return 0;
  met_limit = 1;
  host_arena_refused = 1;
  return 1;
}

static inline int over_limit(const JSMallocState *state, size_t size) {
  if (size <= state->malloc_limit && state->malloc_size <= state->malloc_limit - size)
    return 0;
  return over_limit_slowly(state, size);
}

static void book(JSMallocState *state, size_t size) {
  state->malloc_count++;
  state->malloc_size += size;
}

static void unbook(JSMallocState *state, size_t size) {
  state->malloc_count--;
  state->malloc_size -= size;
}

/* NULL as well, and remembered. */
static void *refused(void) {
  host_arena_refused = 1;
  return NULL;
}

static void set_header(void *payload, uint32_t class) { memcpy((uint8_t *)payload - HEADER, &class, sizeof class); }

static size_t large_size(const void *payload) {
  size_t size;
  memcpy(&size, (const uint8_t *)payload - LARGE_PREFIX, sizeof size);
  return size;
}

static void *large_malloc(JSMallocState *state, size_t size) {
  uint8_t *block;
  if (size > SIZE_MAX - LARGE_PREFIX || over_limit(state, size))
    return NULL;
  block = malloc(size + LARGE_PREFIX);
  if (block == NULL)
    return refused();
  memcpy(block, &size, sizeof size);
  block += LARGE_PREFIX;
  set_header(block, LARGE_CLASS);
  book(state, size);
  return block;
}

static void large_free(JSMallocState *state, void *payload) {
  unbook(state, large_size(payload));
  free((uint8_t *)payload - LARGE_PREFIX);
}

static void *large_realloc(JSMallocState *state, void *payload, size_t size) {
  size_t old = large_size(payload);
  uint8_t *block;
  if (size > SIZE_MAX - LARGE_PREFIX || (size > old && over_limit(state, size - old)))
    return NULL;
  block = realloc((uint8_t *)payload - LARGE_PREFIX, size + LARGE_PREFIX);
  if (block == NULL)
    return refused();
  memcpy(block, &size, sizeof size);
  state->malloc_size += size - old;
  return block + LARGE_PREFIX;
}

#ifdef HOST_PLAIN_MALLOC

static void *arena_malloc(JSMallocState *state, size_t size) { return large_malloc(state, size); }

static void arena_free(JSMallocState *state, void *payload) {
  if (payload != NULL)
    large_free(state, payload);
}

static void *arena_realloc(JSMallocState *state, void *payload, size_t size) {
  if (payload == NULL)
    return size == 0 ? NULL : large_malloc(state, size);
  if (size == 0) {
    large_free(state, payload);
    return NULL;
  }
  return large_realloc(state, payload, size);
}

static size_t arena_usable_size(const void *payload) { return payload == NULL ? 0 : large_size(payload); }

void host_arena_stay(void) {}

#else

static size_t largest_stride = LARGEST_STRIDE;

static uint32_t header_of(const void *payload) {
  uint32_t class;
  memcpy(&class, (const uint8_t *)payload - HEADER, sizeof class);
  return class;
}

struct free_block {
  struct free_block *next;
};

static _Alignas(16) uint8_t static_pool[STATIC_POOL];
static uint8_t *bump = static_pool;
static uint8_t *bump_end = static_pool + STATIC_POOL;
static struct free_block *free_lists[MAX_CLASSES];

/* Strides above SMALL_STRIDE: each a quarter more, in multiples of GRAIN. The last one is the first that holds LARGEST_STRIDE. */
static const uint16_t wide_strides[] = {640, 800, 1008, 1264, 1584, 1984, 2480, 3104, 3888, 4864, 6080, 7600, 9504};
_Static_assert(SMALL_CLASSES + countof(wide_strides) <= MAX_CLASSES, "more classes than free lists");

static size_t stride_of(uint32_t class) {
  return class < SMALL_CLASSES ? ((size_t)class + 1) * GRAIN : wide_strides[class - SMALL_CLASSES];
}

/* Class of the smallest stride that holds `stride` bytes (a multiple of GRAIN, at most LARGEST_STRIDE). */
static uint32_t class_of(size_t stride) {
  uint32_t wide = 0;
  if (stride <= SMALL_STRIDE)
    return (uint32_t)(stride / GRAIN - 1);
  while (wide_strides[wide] < stride)
    wide++;
  return SMALL_CLASSES + wide;
}

static size_t usable(uint32_t class) { return stride_of(class) - HEADER; }

static size_t stride_for(size_t size) {
  /* At least the link of a free list. */
  if (size < sizeof(struct free_block))
    size = sizeof(struct free_block);
  return (size + HEADER + GRAIN - 1) & ~(size_t)(GRAIN - 1);
}

static void *take_fresh(uint32_t class) {
  size_t stride = stride_of(class);
  uint8_t *payload;
  if ((size_t)(bump_end - bump) < stride) {
    void *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece == MAP_FAILED)
      return refused();
    bump = piece;
    bump_end = (uint8_t *)piece + PIECE;
  }
  payload = bump + HEADER;
  bump += stride;
  set_header(payload, class);
  return payload;
}

static void *arena_malloc(JSMallocState *state, size_t size) {
  size_t stride;
  uint32_t class;
  struct free_block *block;
  if (size > largest_stride - HEADER)
    return large_malloc(state, size);
  stride = stride_for(size);
  class = class_of(stride);
  size = stride_of(class) - HEADER;
  if (over_limit(state, size))
    return NULL;
  block = free_lists[class];
  if (block != NULL)
    free_lists[class] = block->next;
  else if ((block = take_fresh(class)) == NULL)
    return NULL;
  book(state, size);
  return block;
}

static void arena_free(JSMallocState *state, void *payload) {
  uint32_t class;
  struct free_block *block = payload;
  if (payload == NULL)
    return;
  class = header_of(payload);
  if (class == LARGE_CLASS) {
    large_free(state, payload);
    return;
  }
  unbook(state, usable(class));
  block->next = free_lists[class];
  free_lists[class] = block;
}

static void *arena_realloc(JSMallocState *state, void *payload, size_t size) {
  uint32_t class;
  size_t old;
  void *moved;
  if (payload == NULL)
    return size == 0 ? NULL : arena_malloc(state, size);
  if (size == 0) {
    arena_free(state, payload);
    return NULL;
  }
  class = header_of(payload);
  if (class == LARGE_CLASS) {
    if (size > largest_stride - HEADER)
      return large_realloc(state, payload, size);
    old = large_size(payload);
  } else {
    old = usable(class);
    /* Stays where it is while it fits, unless most of a large block would lie idle. */
    if (size <= old && (old <= SMALL_STRIDE || size > old / 4))
      return payload;
  }
  moved = arena_malloc(state, size);
  if (moved == NULL)
    return NULL;
  memcpy(moved, payload, old < size ? old : size);
  arena_free(state, payload);
  return moved;
}

static size_t arena_usable_size(const void *payload) {
  uint32_t class;
  if (payload == NULL)
    return 0;
  class = header_of(payload);
  return class == LARGE_CLASS ? large_size(payload) : usable(class);
}

void host_arena_stay(void) { largest_stride = LARGEST_STAYING; }

#endif

const JSMallocFunctions host_arena_functions = {arena_malloc, arena_free, arena_realloc, arena_usable_size};

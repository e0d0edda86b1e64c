/*
 * The allocator as it ships (no other sanitizer build has it): any sequence of its four functions beside a model. Blocks do not overlap,
 * keep their bytes when they grow, are aligned, and are accounted for. An input is a list of (what, which, size).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../build/quickjs/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define SLOTS 32
#define check(condition) ((condition) ? (void)0 : fail(#condition, __LINE__))

static struct {
  uint8_t *block;
  size_t size;
  uint8_t mark;
} slots[SLOTS];

static JSMallocState state;

static void fail(const char *what, int line) {
  fprintf(stderr, "fuzz: line %d: %s does not hold\n", line, what);
  __builtin_trap();
}

/* All of a small block; the ends of a large one, and some of what lies between. */
static size_t step(size_t i, size_t size) { return size <= 1024 || i < 64 || size - i <= 64 ? 1 : i + 509 < size ? 509 : size - i - 64; }

static void look_at(int slot) {
  size_t i;
  for (i = 0; i < slots[slot].size; i += step(i, slots[slot].size))
    check(slots[slot].block[i] == slots[slot].mark);
}

/* Every byte that may be used, so that two blocks that overlap spoil each other. */
static void take(int slot, uint8_t *block, size_t size, uint8_t mark) {
  slots[slot].block = block;
  slots[slot].size = 0;
  if (block == NULL)
    return;
  slots[slot].size = host_arena_functions.js_malloc_usable_size(block);
  slots[slot].mark = mark;
  check((uintptr_t)block % 8 == 0); /* no type of the engine asks for more */
  check(slots[slot].size >= size);
  memset(block, mark, slots[slot].size);
}

static void release(int slot) {
  look_at(slot);
  host_arena_functions.js_free(&state, slots[slot].block);
  slots[slot].block = NULL;
  slots[slot].size = 0;
}

static void resize(int slot, size_t size, uint8_t mark) {
  uint8_t *old = slots[slot].block, *block = host_arena_functions.js_realloc(&state, old, size);
  size_t kept = slots[slot].size < size ? slots[slot].size : size, i;
  if (block == NULL && size > 0) {
    if (old != NULL)
      look_at(slot);
    return;
  }
  if (old != NULL && size > 0)
    for (i = 0; i < kept; i += step(i, kept))
      check(block[i] == slots[slot].mark);
  take(slot, block, size, mark);
}

static void check_accounts(void) {
  size_t blocks = 0, bytes = 0;
  int slot;
  for (slot = 0; slot < SLOTS; slot++) {
    if (slots[slot].block == NULL)
      continue;
    blocks++;
    bytes += slots[slot].size;
    look_at(slot);
  }
  check(state.malloc_count == blocks);
  check(state.malloc_size == bytes);
}

/* Mostly small, at times large, at times more than there is. */
static size_t size_of(unsigned low, unsigned high) {
  if (high < 128)
    return low | (high & 3) << 8;
  if (high < 250)
    return ((size_t)(high - 127) << 8 | low) * 2;
  return high < 254 ? (size_t)low << 9 : SIZE_MAX - (low & 15);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  size_t i;
  int slot;
  state.malloc_limit = size > 0 && bytes[0] & 1 ? (size_t)-1 : 4 << 20;
  for (i = 1; i + 3 < size; i += 4) {
    size_t wanted = size_of(bytes[i + 2], bytes[i + 3]);
    /* From then on for good, also for what comes after this input. */
    if (bytes[i] == 255 && bytes[i + 1] == 255)
      host_arena_stay();
    slot = bytes[i + 1] % SLOTS;
    switch (bytes[i] % 3) {
    case 0:
      if (slots[slot].block != NULL)
        release(slot);
      take(slot, host_arena_functions.js_malloc(&state, wanted), wanted, bytes[i]);
      break;
    case 1:
      release(slot);
      break;
    default:
      resize(slot, wanted, bytes[i]);
    }
  }
  check_accounts();
  for (slot = 0; slot < SLOTS; slot++)
    release(slot);
  check_accounts();
  return 0;
}

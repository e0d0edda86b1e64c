/*
 * Timers of the event loop: slots found by id, and a binary heap of slots by deadline.
 */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "host.h"

#define NANOSECONDS 1000000000LL

struct timer {
  int64_t deadline;
  int64_t interval;
  uint64_t sequence;   /* equal deadlines fire in the order of their making */
  uint32_t generation; /* tells a reused slot from the old one */
  uint32_t heap_index; /* NOT_IN_HEAP: free, or about to be delivered */
  uint32_t next_free;
};

#define NOT_IN_HEAP UINT32_MAX
#define NO_SLOT UINT32_MAX
#define SLOT_BITS 24

static struct timer *timers;
static size_t timer_capacity, timer_slots;
static uint32_t free_slot = NO_SLOT;
static uint32_t *heap;
static size_t heap_capacity, heap_count;
static uint64_t timer_sequence;

static int64_t monotonic_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

static int sooner(uint32_t a, uint32_t b) {
  if (timers[a].deadline != timers[b].deadline)
    return timers[a].deadline < timers[b].deadline;
  return timers[a].sequence < timers[b].sequence;
}

static void heap_set(size_t index, uint32_t slot) {
  heap[index] = slot;
  timers[slot].heap_index = (uint32_t)index;
}

static void heap_up(size_t index) {
  uint32_t slot = heap[index];
  while (index > 0 && sooner(slot, heap[(index - 1) / 2])) {
    heap_set(index, heap[(index - 1) / 2]);
    index = (index - 1) / 2;
  }
  heap_set(index, slot);
}

static void heap_down(size_t index) {
  uint32_t slot = heap[index];
  for (;;) {
    size_t child = 2 * index + 1;
    if (child >= heap_count)
      break;
    if (child + 1 < heap_count && sooner(heap[child + 1], heap[child]))
      child++;
    if (!sooner(heap[child], slot))
      break;
    heap_set(index, heap[child]);
    index = child;
  }
  heap_set(index, slot);
}

static void heap_push(uint32_t slot) {
  heap_set(heap_count, slot);
  heap_count++;
  heap_up(heap_count - 1);
}

static void heap_remove(uint32_t slot) {
  size_t index = timers[slot].heap_index;
  uint32_t last = heap[--heap_count];
  timers[slot].heap_index = NOT_IN_HEAP;
  if (last == slot)
    return;
  heap_set(index, last);
  heap_up(index);
  heap_down(timers[last].heap_index);
}

static double timer_id(uint32_t slot) { return (double)timers[slot].generation * (1 << SLOT_BITS) + slot; }

/* Slot of a live timer, else NO_SLOT. */
static uint32_t slot_of(double id) {
  uint64_t number;
  uint32_t slot;
  if (!(id >= 0 && id < 9007199254740992.0))
    return NO_SLOT;
  number = (uint64_t)id;
  slot = number & ((1u << SLOT_BITS) - 1);
  if (slot >= timer_slots || timers[slot].generation != number >> SLOT_BITS)
    return NO_SLOT;
  return slot;
}

static void release_slot(uint32_t slot) {
  /* 2^28 generations keep ids below 2^53. */
  timers[slot].generation = (timers[slot].generation + 1) & 0xfffffff;
  timers[slot].next_free = free_slot;
  free_slot = slot;
}

/* Seconds as nanoseconds, bounded so that sums do not overflow (about 146 years). */
static int64_t to_nanoseconds(double seconds) {
  if (!(seconds > 0))
    return 0;
  if (seconds > 4.6e9)
    return INT64_MAX / 2;
  return (int64_t)llrint(seconds * 1e9);
}

static JSValue add_timer(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  double seconds, interval;
  uint32_t slot;
  if (JS_ToFloat64(ctx, &seconds, argv[0]) || JS_ToFloat64(ctx, &interval, argv[1]))
    return JS_EXCEPTION;
  /* Thrown: who waits for a timer that does not exist waits for ever. */
  if (host_reserve((void **)&heap, &heap_capacity, heap_count, sizeof *heap) != 0)
    return JS_ThrowOutOfMemory(ctx);
  if (free_slot != NO_SLOT) {
    slot = free_slot;
    free_slot = timers[slot].next_free;
  } else {
    if (timer_slots >> SLOT_BITS || host_reserve((void **)&timers, &timer_capacity, timer_slots, sizeof *timers) != 0)
      return JS_ThrowOutOfMemory(ctx);
    slot = (uint32_t)timer_slots++;
    timers[slot].generation = 1;
  }
  timers[slot].deadline = to_nanoseconds(seconds);
  timers[slot].interval = to_nanoseconds(interval);
  timers[slot].sequence = timer_sequence++;
  heap_push(slot);
  return JS_NewFloat64(ctx, timer_id(slot));
}

static JSValue remove_timer(JSContext *ctx, JSValueConst this_value, int argc, JSValueConst *argv) {
  double id;
  uint32_t slot;
  if (JS_ToFloat64(ctx, &id, argv[0]))
    return JS_EXCEPTION;
  slot = slot_of(id);
  if (slot != NO_SLOT) {
    if (timers[slot].heap_index != NOT_IN_HEAP)
      heap_remove(slot);
    release_slot(slot);
  }
  return JS_UNDEFINED;
}

int host_timer_any(void) { return heap_count > 0; }

int64_t host_timer_left(void) { return timers[heap[0]].deadline - monotonic_now(); }

struct due {
  double id;
  double missed;
};

static struct due *due;
static size_t due_capacity;

int host_timer_deliver(JSContext *ctx) {
  int64_t now;
  size_t count = 0, i;
  if (heap_count == 0)
    return 0;
  now = monotonic_now();
  while (heap_count > 0 && timers[heap[0]].deadline <= now) {
    uint32_t slot = heap[0];
    if (host_reserve((void **)&due, &due_capacity, count, sizeof *due) != 0)
      break;
    heap_remove(slot);
    due[count].id = timer_id(slot);
    due[count].missed = 0;
    if (timers[slot].interval > 0) {
      int64_t missed = (now - timers[slot].deadline) / timers[slot].interval;
      due[count].missed = (double)missed;
      timers[slot].deadline += (missed + 1) * timers[slot].interval;
    }
    count++;
  }
  /* All intervals are armed again before any callback runs, so that none is lost whatever a callback does. */
  for (i = 0; i < count; i++) {
    uint32_t slot = slot_of(due[i].id);
    if (timers[slot].interval > 0)
      heap_push(slot);
  }
  for (i = 0; i < count; i++) {
    uint32_t slot = slot_of(due[i].id);
    if (slot == NO_SLOT)
      continue; /* removed by an earlier callback */
    if (timers[slot].interval == 0)
      release_slot(slot);
    if (host_loop_dispatch(ctx, HOST_TIMER, due[i].id, due[i].missed) != 0)
      return -1;
  }
  return 0;
}

void host_timer_free(void) {
  free(timers);
  free(heap);
  free(due);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("addTimer", 2, add_timer),
    JS_CFUNC_DEF("removeTimer", 1, remove_timer),
};

const struct host_area host_timer_area = {functions, countof(functions)};

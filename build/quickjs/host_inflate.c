/*
 * Raw deflate data (RFC 1951) back into bytes, for the chunks that the build packs. The length is known before; anything that
 * does not fit the format or the length is refused.
 *
 * Codes of up to FAST bits, which nearly all are, are looked up in one step; longer ones bit by bit, as the RFC defines them.
 */
#include "host_inflate.h"

#include <string.h>

#define FAST 9
#define MOST_BITS 15
#define LITERALS 288
#define DISTANCES 32
#define LENGTH_SYMBOLS 29
#define DISTANCE_SYMBOLS 30

struct code {
  /* symbol << 4 | length; 0: longer than FAST bits */
  uint16_t fast[1 << FAST];
  uint16_t count[MOST_BITS + 1];
  uint16_t symbols[LITERALS];
};

struct stream {
  const uint8_t *in, *in_end;
  uint8_t *out, *out_start, *out_end;
  uint32_t bits;
  int held;
  int failed;
};

static void fill(struct stream *s, int need) {
  while (s->held < need) {
    if (s->in == s->in_end) {
      /* What lies behind the end reads as 0; that it was used shows in the length. */
      s->held += 8;
      continue;
    }
    s->bits |= (uint32_t)*s->in++ << s->held;
    s->held += 8;
  }
}

static unsigned take(struct stream *s, int count) {
  unsigned value;
  fill(s, count);
  value = s->bits & ((1u << count) - 1);
  s->bits >>= count;
  s->held -= count;
  return value;
}

static unsigned reversed(unsigned code, int length) {
  unsigned result = 0;
  while (length-- > 0) {
    result = result << 1 | (code & 1);
    code >>= 1;
  }
  return result;
}

/* Lengths of codes -> the code. 0, or -1: more codes than the lengths allow. */
static int make_code(struct code *code, const uint8_t *lengths, int count) {
  uint16_t offsets[MOST_BITS + 2], next[MOST_BITS + 2];
  int i, left = 1;
  memset(code->count, 0, sizeof code->count);
  memset(code->fast, 0, sizeof code->fast);
  for (i = 0; i < count; i++)
    code->count[lengths[i]]++;
  code->count[0] = 0;
  offsets[1] = next[1] = 0;
  for (i = 1; i <= MOST_BITS; i++) {
    left = left * 2 - code->count[i];
    if (left < 0)
      return -1;
    offsets[i + 1] = offsets[i] + code->count[i];
    next[i + 1] = (uint16_t)((next[i] + code->count[i]) << 1);
  }
  for (i = 0; i < count; i++) {
    int length = lengths[i];
    unsigned at;
    if (length == 0)
      continue;
    code->symbols[offsets[length]++] = (uint16_t)i;
    at = reversed(next[length]++, length);
    if (length <= FAST)
      for (; at < 1u << FAST; at += 1u << length)
        code->fast[at] = (uint16_t)(i << 4 | length);
  }
  return 0;
}

static int read_symbol(struct stream *s, const struct code *code) {
  unsigned entry, bits;
  int length, first = 0, index = 0, value = 0;
  fill(s, MOST_BITS);
  entry = code->fast[s->bits & ((1u << FAST) - 1)];
  if (entry != 0) {
    s->bits >>= entry & 15;
    s->held -= entry & 15;
    return (int)(entry >> 4);
  }
  bits = s->bits;
  for (length = 1; length <= MOST_BITS; length++) {
    int count = code->count[length];
    value |= bits & 1;
    bits >>= 1;
    if (value - count < first) {
      s->bits >>= length;
      s->held -= length;
      return code->symbols[index + value - first];
    }
    index += count;
    first = (first + count) << 1;
    value <<= 1;
  }
  s->failed = 1;
  return 256;
}

static void copy_back(struct stream *s, unsigned distance, unsigned length) {
  const uint8_t *from = s->out - distance;
  if (distance > (size_t)(s->out - s->out_start) || length > (size_t)(s->out_end - s->out)) {
    s->failed = 1;
    return;
  }
  while (length-- > 0)
    *s->out++ = *from++;
}

static void read_block(struct stream *s, const struct code *literals, const struct code *distances) {
  static const uint16_t length_base[LENGTH_SYMBOLS] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                         31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  static const uint8_t length_extra[LENGTH_SYMBOLS] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  static const uint16_t distance_base[DISTANCE_SYMBOLS] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
                                           193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
  while (!s->failed) {
    int symbol = read_symbol(s, literals);
    unsigned length, distance;
    if (symbol < 256) {
      if (s->out == s->out_end)
        s->failed = 1;
      else
        *s->out++ = (uint8_t)symbol;
      continue;
    }
    if (symbol == 256)
      return;
    symbol -= 257;
    if (symbol >= LENGTH_SYMBOLS) {
      s->failed = 1;
      return;
    }
    length = length_base[symbol] + take(s, length_extra[symbol]);
    symbol = read_symbol(s, distances);
    if (symbol >= DISTANCE_SYMBOLS) {
      s->failed = 1;
      return;
    }
    distance = distance_base[symbol] + take(s, symbol < 4 ? 0 : symbol / 2 - 1);
    copy_back(s, distance, length);
  }
}

/* The two codes of a block with its own; their lengths are packed with a third. */
static void read_own_codes(struct stream *s, struct code *literals, struct code *distances) {
  static const uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  uint8_t lengths[LITERALS + DISTANCES] = {0};
  int literal_count = (int)take(s, 5) + 257;
  int distance_count = (int)take(s, 5) + 1;
  int i, order_count = (int)take(s, 4) + 4;
  for (i = 0; i < order_count; i++)
    lengths[order[i]] = (uint8_t)take(s, 3);
  if (literal_count > LITERALS || make_code(literals, lengths, 19) < 0) {
    s->failed = 1;
    return;
  }
  memset(lengths, 0, sizeof lengths);
  for (i = 0; i < literal_count + distance_count && !s->failed;) {
    int symbol = read_symbol(s, literals), value = 0, times = 1;
    if (symbol < 16) {
      value = symbol;
    } else if (symbol == 16) {
      value = i > 0 ? lengths[i - 1] : 0;
      times = 3 + (int)take(s, 2);
    } else {
      times = symbol == 17 ? 3 + (int)take(s, 3) : 11 + (int)take(s, 7);
    }
    if (times > literal_count + distance_count - i)
      s->failed = 1;
    else
      while (times-- > 0)
        lengths[i++] = (uint8_t)value;
  }
  if (make_code(literals, lengths, literal_count) < 0 || make_code(distances, lengths + literal_count, distance_count) < 0)
    s->failed = 1;
}

static void fixed_codes(struct code *literals, struct code *distances) {
  uint8_t lengths[LITERALS];
  int i;
  for (i = 0; i < LITERALS; i++)
    lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  make_code(literals, lengths, LITERALS);
  memset(lengths, 5, DISTANCES);
  make_code(distances, lengths, DISTANCES);
}

static void read_stored(struct stream *s) {
  unsigned length;
  take(s, s->held & 7);
  length = take(s, 16);
  if ((take(s, 16) ^ length) != 0xffff) {
    s->failed = 1;
    return;
  }
  while (length-- > 0 && !s->failed) {
    if (s->out == s->out_end)
      s->failed = 1;
    else
      *s->out++ = (uint8_t)take(s, 8);
  }
}

int host_inflate(const uint8_t *packed, size_t packed_length, uint8_t *out, size_t length) {
  struct stream s = {packed, packed + packed_length, out, out, out + length, 0, 0, 0};
  struct code literals, distances;
  unsigned last;
  do {
    last = take(&s, 1);
    switch (take(&s, 2)) {
    case 0:
      read_stored(&s);
      break;
    case 1:
      fixed_codes(&literals, &distances);
      read_block(&s, &literals, &distances);
      break;
    case 2:
      read_own_codes(&s, &literals, &distances);
      if (!s.failed)
        read_block(&s, &literals, &distances);
      break;
    default:
      s.failed = 1;
    }
  } while (!last && !s.failed);
  return s.failed || s.out != s.out_end ? -1 : 0;
}

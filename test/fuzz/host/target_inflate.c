/*
 * host_inflate() over any bytes: nothing outside the two buffers is touched, and data fits exactly one length. The first two bytes of an
 * input are the length that is asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../build/quickjs/host_inflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* In buffers of exactly these sizes, so that the sanitizer sees each byte beyond. */
static int unpack(const uint8_t *packed, size_t packed_length, size_t length) {
  uint8_t *in = malloc(packed_length), *out = malloc(length);
  int result;
  if (packed_length > 0)
    memcpy(in, packed, packed_length);
  result = host_inflate(in, packed_length, out, length);
  free(in);
  free(out);
  return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  size_t length;
  if (size < 2)
    return 0;
  length = (size_t)bytes[0] << 8 | bytes[1];
  if (unpack(bytes + 2, size - 2, length) != 0)
    return 0;
  if (unpack(bytes + 2, size - 2, length + 1) == 0 || (length > 0 && unpack(bytes + 2, size - 2, length - 1) == 0)) {
    fprintf(stderr, "fuzz: two lengths for the same data\n");
    __builtin_trap();
  }
  return 0;
}

/* host_inflate over what comes on stdin, again and again: two lengths (32 bits each, packed and unpacked), then the packed bytes.
 * Writes for each: '+' and the bytes, or '-'. Buffers are exact, so that a sanitizer sees every step beyond them. */
#include <stdio.h>
#include <stdlib.h>

#include "../../build/quickjs/host_inflate.h"

int main(void) {
  uint32_t lengths[2];
  while (fread(lengths, sizeof lengths, 1, stdin) == 1) {
    uint8_t *packed = malloc(lengths[0]);
    uint8_t *out = malloc(lengths[1]);
    if (packed == NULL || out == NULL || fread(packed, 1, lengths[0], stdin) != lengths[0])
      return 2;
    if (host_inflate(packed, lengths[0], out, lengths[1]) == 0) {
      putchar('+');
      fwrite(out, 1, lengths[1], stdout);
    } else {
      putchar('-');
    }
    free(packed);
    free(out);
  }
  return 0;
}

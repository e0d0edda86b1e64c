#ifndef PROCG_HOST_INFLATE_H
#define PROCG_HOST_INFLATE_H

#include <stddef.h>
#include <stdint.h>

/* Exactly `length` bytes at `out` from raw deflate data (RFC 1951). 0, or -1: the data is not that. */
int host_inflate(const uint8_t *packed, size_t packed_length, uint8_t *out, size_t length);

#endif

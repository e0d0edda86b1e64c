/* Arguments made of an input's bytes: what a caller would give, and everything that it should not. */
#ifndef PROCG_FUZZ_VALUES_H
#define PROCG_FUZZ_VALUES_H

#include "fuzz_host.h"

/*
 * p a path that may be written to (below the scratch directory), r one that is only read, i and d numbers, s a string, b an ArrayBuffer,
 * o an offset in it or a length, f an fd, N a Float64Array, S a list of strings, t a truth value, l an empty list; H, C, X, W the
 * headings, columns, suffixes and widths of a table.
 */
JSValue fuzz_value(struct fuzz_input *in, char kind);
/* An fd that a call of this input has opened, or a number that is none. */
void fuzz_know_fd(int fd);
void fuzz_forget_fd(int fd);
/* Closes all of them, and lets go what the values share. */
void fuzz_end_values(void);

#endif

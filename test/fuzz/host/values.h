/* Arguments made of an input's bytes: what a caller would give, and everything that it should not. */
#ifndef PROCG_FUZZ_VALUES_H
#define PROCG_FUZZ_VALUES_H

#include "fuzz_host.h"

/*
 * p a path that may be written to (below the scratch directory), r one that is only read, i an int, d a double, s a string, b an
 * ArrayBuffer, o an offset or a length, f an fd, n a number from a Float64Array, N such an array, S a list of strings, t a truth value,
 * c columns of a table, l a list. A capital of a letter that would reach another process or the machine is not among them.
 */
JSValue fuzz_value(struct fuzz_input *in, char kind);
/* An fd that a call of this input has opened, or a number that is none. */
void fuzz_know_fd(int fd);
void fuzz_forget_fd(int fd);
/* Closes all of them, and lets go what the values share. */
void fuzz_end_values(void);

#endif

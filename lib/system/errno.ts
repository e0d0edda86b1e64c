/**
 * errno numbers (Linux, asm-generic: the same on x86-64 and arm64), their names and the texts of strerror(3).
 * Source: include/uapi/asm-generic/errno-base.h and errno.h; texts as glibc prints them, so that a message
 * reads like the tool that it replaces.
 */

// 1001 is not of the kernel: a FIFO, socket or device where a regular file was expected. Reading one could hang.
/** One line each; a text, because a start that fails nowhere must not build a table. */
const TABLE = `
1 EPERM Operation not permitted
2 ENOENT No such file or directory
3 ESRCH No such process
4 EINTR Interrupted system call
5 EIO Input/output error
6 ENXIO No such device or address
7 E2BIG Argument list too long
9 EBADF Bad file descriptor
11 EAGAIN Resource temporarily unavailable
12 ENOMEM Cannot allocate memory
13 EACCES Permission denied
14 EFAULT Bad address
16 EBUSY Device or resource busy
17 EEXIST File exists
18 EXDEV Invalid cross-device link
19 ENODEV No such device
20 ENOTDIR Not a directory
21 EISDIR Is a directory
22 EINVAL Invalid argument
23 ENFILE Too many open files in system
24 EMFILE Too many open files
25 ENOTTY Inappropriate ioctl for device
26 ETXTBSY Text file busy
27 EFBIG File too large
28 ENOSPC No space left on device
29 ESPIPE Illegal seek
30 EROFS Read-only file system
32 EPIPE Broken pipe
34 ERANGE Numerical result out of range
36 ENAMETOOLONG File name too long
38 ENOSYS Function not implemented
39 ENOTEMPTY Directory not empty
40 ELOOP Too many levels of symbolic links
75 EOVERFLOW Value too large for defined data type
95 EOPNOTSUPP Operation not supported
98 EADDRINUSE Address already in use
99 EADDRNOTAVAIL Cannot assign requested address
104 ECONNRESET Connection reset by peer
107 ENOTCONN Transport endpoint is not connected
110 ETIMEDOUT Connection timed out
111 ECONNREFUSED Connection refused
113 EHOSTUNREACH No route to host
115 EINPROGRESS Operation now in progress
116 ESTALE Stale file handle
122 EDQUOT Disk quota exceeded
1001 ENOTREG Not a regular file
`;

export const ENOENT = -2;
export const ESRCH = -3;
export const EIO = -5;
export const EBADF = -9;
export const EACCES = -13;
export const ENODEV = -19;
export const ENOTDIR = -20;
export const EISDIR = -21;
export const EINVAL = -22;
export const EPIPE = -32;
export const EOPNOTSUPP = -95;
export const ETIMEDOUT = -110;
export const NOT_REGULAR = -1001;

/** "ENOENT" for -2; "errno 200" for a number that is not in the table. */
export function errnoName(errno: number): string {
  const line = lineOf(errno);
  return line === null ? `errno ${-errno}` : line.slice(0, line.indexOf(" "));
}

/** "No such file or directory" for -2. */
export function errnoText(errno: number): string {
  const line = lineOf(errno);
  return line === null ? `Unknown error ${-errno}` : line.slice(line.indexOf(" ") + 1);
}

/** -2 for "ENOENT"; undefined for a name that is not in the table. */
export function errnoOf(name: string): number | undefined {
  const at = TABLE.indexOf(` ${name} `);
  return at < 0 ? undefined : -Number(TABLE.slice(TABLE.lastIndexOf("\n", at) + 1, at));
}

/** "ENOENT No such file or directory" */
function lineOf(errno: number): string | null {
  const start = `\n${-errno} `;
  const at = TABLE.indexOf(start);
  return at < 0 ? null : TABLE.slice(at + start.length, TABLE.indexOf("\n", at + 1));
}

/**
 * /run/utmp (utmp(5)): who is logged in. Binary, one char per byte (System.readBytes).
 *
 * A record is 384 bytes where glibc keeps 32-bit times (x86-64, ppc64, arm, ...) and 400 bytes on arm64 and s390x; the type is a short at 0, the
 * user's name 32 bytes at 44. Not a kernel file: absent where no login program or systemd writes one, as in most containers.
 */
import { ParseError } from "../kernfile/parse_error.ts";

export interface Utmp {
  /** Records of type USER_PROCESS with a name, as procps counts them. */
  readonly users: number;
}

const RECORD_BYTES = [384, 400] as const;
const USER_PROCESS = 7;
const LAST_TYPE = 9;
const NAME_OFFSET = 44;

/** Empty text is an empty list. Throws ParseError where the length or a type fits no record size. */
export function parseUtmp(bytes: string, path: string): Utmp {
  for (const size of RECORD_BYTES) {
    if (fits(bytes, size)) return { users: countUsers(bytes, size) };
  }
  throw new ParseError(path, 0, `${bytes.length} bytes are no utmp records`);
}

function fits(bytes: string, size: number): boolean {
  if (bytes.length % size !== 0) return false;
  for (let at = 0; at < bytes.length; at += size) {
    if (typeAt(bytes, at) > LAST_TYPE) return false;
  }
  return true;
}

function countUsers(bytes: string, size: number): number {
  let users = 0;
  for (let at = 0; at < bytes.length; at += size) {
    if (typeAt(bytes, at) === USER_PROCESS && bytes.charCodeAt(at + NAME_OFFSET) !== 0) users++;
  }
  return users;
}

/** ut_type, little-endian. */
function typeAt(bytes: string, at: number): number {
  return bytes.charCodeAt(at) + bytes.charCodeAt(at + 1) * 256;
}

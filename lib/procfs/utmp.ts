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
  let best: Census | null = null;
  for (const size of RECORD_BYTES) {
    const census = countRecords(bytes, size);
    // A length may be a multiple of both: read with the wrong size, most types are padding.
    if (census !== null && (best === null || census.used > best.used)) best = census;
  }
  if (best === null) throw new ParseError(path, 0, `${bytes.length} bytes are no utmp records`);
  return { users: best.users };
}

interface Census {
  /** Records of any type but EMPTY. */
  readonly used: number;
  readonly users: number;
}

/** null: these are no records of that size. */
function countRecords(bytes: string, size: number): Census | null {
  if (bytes.length % size !== 0) return null;
  let used = 0;
  let users = 0;
  for (let at = 0; at < bytes.length; at += size) {
    // ut_type, little-endian.
    const type = bytes.charCodeAt(at) + bytes.charCodeAt(at + 1) * 256;
    if (type > LAST_TYPE) return null;
    if (type !== 0) used++;
    if (type === USER_PROCESS && bytes.charCodeAt(at + NAME_OFFSET) !== 0) users++;
  }
  return { used, users };
}

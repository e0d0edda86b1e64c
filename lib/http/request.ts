/**
 * The head of an HTTP/1.x request (RFC 9112), strictly: what is not clearly well formed is refused. Pure; one char per byte.
 *
 * Only what a small read-only service needs: GET and HEAD, no body.
 */

export interface HttpRequest {
  readonly method: "GET" | "HEAD";
  /** Path as sent, without the query; never decoded. */
  readonly path: string;
  /** "" without one. */
  readonly query: string;
  /** The connection stays open after the answer. */
  readonly keepAlive: boolean;
  /** "" where there is none (HTTP/1.0 only). */
  readonly host: string;
  readonly accept: string;
  readonly ifNoneMatch: string;
}

/** A request that is answered with `status`, and then the connection is closed. */
export interface BadRequest {
  readonly status: 400 | 405 | 413 | 414 | 431 | 505;
  readonly reason: string;
}

/** Bytes that request line and headers may have together. */
export const HEAD_MOST_BYTES = 4096;
/** Bytes of the request target. */
const TARGET_MOST_BYTES = 1024;

/**
 * Where the head ends in `text` (behind the blank line), or -1: more is needed. `from`: what was looked at before.
 */
export function endOfHead(text: string, from: number): number {
  const end = text.indexOf("\r\n\r\n", Math.max(0, from - 3));
  return end < 0 ? -1 : end + 4;
}

/** What is wrong with a head that is not complete yet; null: nothing so far. */
export function refuseEarly(text: string): BadRequest | null {
  const line = text.indexOf("\r\n");
  const first = line < 0 ? text : text.slice(0, line);
  // Something else than HTTP is told so at once.
  if (!/^[A-Za-z]{0,20}($| )/.test(first)) return { status: 400, reason: "not HTTP" };
  if (first.length > TARGET_MOST_BYTES + 64) return { status: 414, reason: "the target is too long" };
  if (text.length > HEAD_MOST_BYTES) return { status: 431, reason: "the headers are too long" };
  return null;
}

/** `head` with its closing blank line. */
export function parseRequest(head: string): HttpRequest | BadRequest {
  if (head.length > HEAD_MOST_BYTES)
    return refuseEarly(head) ?? { status: 431, reason: "the headers are too long" };
  const lines = head.slice(0, -4).split("\r\n");
  const requestLine = lines[0] ?? "";
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/([0-9])\.([0-9])$/.exec(requestLine);
  if (match === null) return { status: 400, reason: "the request line is malformed" };
  const [, method = "", target = "", major, minor] = match;
  if (major !== "1") return { status: 505, reason: "only HTTP/1.0 and HTTP/1.1" };
  if (target.length > TARGET_MOST_BYTES) return { status: 414, reason: "the target is too long" };
  const headers = parseHeaders(lines);
  if (headers === null) return { status: 400, reason: "a header is malformed" };
  const host = headers.get("host");
  if (minor !== "0" && host === undefined) return { status: 400, reason: "no Host" };
  if (hasBody(headers)) return { status: 413, reason: "a request has no body here" };
  if (method !== "GET" && method !== "HEAD") return { status: 405, reason: "only GET and HEAD" };
  const located = splitTarget(target);
  if (located === null) return { status: 400, reason: "the target is malformed" };
  const connection = (headers.get("connection") ?? "").toLowerCase();
  return {
    method,
    path: located.path,
    query: located.query,
    keepAlive: minor === "0" ? connection.includes("keep-alive") : !connection.includes("close"),
    host: located.authority ?? host ?? "",
    accept: headers.get("accept") ?? "",
    ifNoneMatch: headers.get("if-none-match") ?? "",
  };
}

/** The value of `name` in a query; null: it is not there. Not decoded: no value here needs it. */
export function queryValue(query: string, name: string): string | null {
  for (const pair of query.split("&")) {
    const equals = pair.indexOf("=");
    if ((equals < 0 ? pair : pair.slice(0, equals)) === name) return equals < 0 ? "" : pair.slice(equals + 1);
  }
  return null;
}

/**
 * Whether a Host header can have come without a name that somebody else's DNS made point here: an address, localhost, or one of `names`
 * (lower case).
 */
export function isLocalHost(host: string, names: readonly string[]): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::[0-9]{1,5})?$/.exec(host.toLowerCase());
  const name = match?.[1];
  if (name === undefined || name === "") return false;
  if (name.startsWith("[") || /^[0-9]{1,3}(\.[0-9]{1,3}){3}$/.test(name)) return true;
  return name === "localhost" || name.endsWith(".localhost") || names.includes(name);
}

/** Lower-case name -> value. Of a header that may come once only the second makes the request malformed. */
function parseHeaders(lines: readonly string[]): Map<string, string> | null {
  const headers = new Map<string, string>();
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    // No folding, no blank before the colon, no control characters (a lone CR, LF or NUL among them) in a value.
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || hasControl(line)) return null;
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    const before = headers.get(name);
    if (before !== undefined && ONLY_ONCE.includes(name)) return null;
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true;
  }
  return false;
}

const ONLY_ONCE: readonly string[] = ["host", "content-length", "transfer-encoding"];

function hasBody(headers: ReadonlyMap<string, string>): boolean {
  const length = headers.get("content-length");
  return headers.has("transfer-encoding") || (length !== undefined && length !== "0");
}

/** origin-form, and absolute-form as a proxy sends it. */
function splitTarget(target: string): { path: string; query: string; authority: string | null } | null {
  let authority: string | null = null;
  let rest = target;
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target);
  if (absolute !== null) {
    authority = absolute[1] ?? "";
    rest = absolute[2] ?? "";
    if (!rest.startsWith("/")) rest = `/${rest}`;
  }
  if (!rest.startsWith("/") || rest.includes("#")) return null;
  const mark = rest.indexOf("?");
  return {
    path: mark < 0 ? rest : rest.slice(0, mark),
    query: mark < 0 ? "" : rest.slice(mark + 1),
    authority,
  };
}

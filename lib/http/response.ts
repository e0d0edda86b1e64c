/** An answer as the bytes that are sent: made once, sent many times. */

export interface Response {
  readonly status: number;
  readonly bytes: ArrayBuffer;
  readonly headLength: number;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  304: "Not Modified",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/** Both as long: the one is written over the other in bytes that exist. White space behind a value means nothing. */
const KEEP_ALIVE = "keep-alive";
const CLOSE = "close     ";
const CONNECTION = "Connection: ";

/** `headers`: more lines, each with its \r\n. */
export function makeResponse(
  status: number,
  contentType: string,
  body: string,
  realtimeSeconds: number,
  headers = "",
): Response {
  const content = utf8(body);
  const type = contentType === "" ? "" : `Content-Type: ${contentType}\r\n`;
  const length = status === 304 ? "" : `Content-Length: ${content.length}\r\n`;
  const head =
    `HTTP/1.1 ${status} ${REASONS[status] ?? "Unknown"}\r\n${CONNECTION}${KEEP_ALIVE}\r\n` +
    `Date: ${new Date(realtimeSeconds * 1000).toUTCString()}\r\n${type}${length}` +
    `Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n${headers}\r\n`;
  const bytes = new Uint8Array(head.length + content.length);
  for (let i = 0; i < head.length; i++) bytes[i] = head.charCodeAt(i);
  bytes.set(content, head.length);
  return { status, bytes: bytes.buffer, headLength: head.length };
}

/** A short answer in words. */
export function makeTextResponse(
  status: number,
  text: string,
  realtimeSeconds: number,
  headers = "",
): Response {
  return makeResponse(status, "text/plain; charset=utf-8", `${text}\n`, realtimeSeconds, headers);
}

/** Says in the bytes whether the connection stays. */
export function setKeepAlive(response: Response, keepAlive: boolean): void {
  const line = `HTTP/1.1 ${response.status} ${REASONS[response.status] ?? "Unknown"}\r\n${CONNECTION}`;
  const word = keepAlive ? KEEP_ALIVE : CLOSE;
  const bytes = new Uint8Array(response.bytes);
  if (bytes[line.length] === word.charCodeAt(0)) return;
  for (let i = 0; i < word.length; i++) bytes[line.length + i] = word.charCodeAt(i);
}

/** UTF-8; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) length += unit > 0x7ff ? 2 : 1;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code < 0x80) {
      bytes[at++] = code;
      continue;
    }
    if (code >= 0xd800 && code < 0xe000) {
      const low = text.charCodeAt(i + 1);
      if (code < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        i++;
      } else code = 0xfffd;
    }
    if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
    } else {
      if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12);
      else {
        bytes[at++] = 0xf0 | (code >> 18);
        bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (code & 0x3f);
  }
  return at === length ? bytes : bytes.slice(0, at);
}

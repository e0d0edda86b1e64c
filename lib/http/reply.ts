/**
 * An HTTP/1.x answer, taken in pieces as they come (RFC 9112): by length, chunked, up to the end of the connection, or taken over
 * by another protocol (101). Pure; one char per byte.
 */

export interface ReplyParser {
  /** 0 until the head is complete. */
  readonly status: number;
  /** The body is complete; what comes after it is not looked at. */
  readonly ended: boolean;
  /** What is malformed; nothing can be taken any more. */
  readonly problem: string | null;
  /** Takes bytes, gives those of the body that have become known. */
  feed(bytes: string): string;
  /** The peer has ended its side. */
  end(): void;
}

const HEAD_MOST_BYTES = 65536;

type Phase = "head" | "length" | "chunkSize" | "chunk" | "chunkEnd" | "trailer" | "rest" | "done";

export function replyParser(headOnly = false): ReplyParser {
  let phase: Phase = "head";
  let input = "";
  let status = 0;
  let left = 0;
  let problem: string | null = null;

  const fail = (why: string): string => {
    problem = why;
    phase = "done";
    input = "";
    return "";
  };

  /** The text up to a line end, without it; null: not there yet. */
  const line = (): string | null => {
    const end = input.indexOf("\n");
    if (end < 0) {
      if (input.length > HEAD_MOST_BYTES) fail("a line is too long");
      return null;
    }
    const text = input.slice(0, input[end - 1] === "\r" ? end - 1 : end);
    input = input.slice(end + 1);
    return text;
  };

  const takeHead = (): boolean => {
    const end = input.indexOf("\r\n\r\n");
    if (end < 0) {
      if (input.length > HEAD_MOST_BYTES) fail("the head is too long");
      return false;
    }
    const lines = input.slice(0, end).split("\r\n");
    input = input.slice(end + 4);
    const first = /^HTTP\/1\.[01] ([1-5][0-9][0-9])( |$)/.exec(lines[0] ?? "");
    if (first === null) {
      fail("not an HTTP answer");
      return false;
    }
    const code = Number(first[1]);
    // 100 Continue and its like: the real head follows.
    if (code < 200 && code !== 101) return true;
    status = code;
    const headers = new Map<string, string>();
    for (const each of lines.slice(1)) {
      const colon = each.indexOf(":");
      if (colon > 0) headers.set(each.slice(0, colon).toLowerCase(), each.slice(colon + 1).trim());
    }
    const length = headers.get("content-length");
    if (status === 101) phase = "rest";
    else if (headOnly || status === 204 || status === 304) phase = "done";
    else if (/\bchunked$/i.test(headers.get("transfer-encoding") ?? "")) phase = "chunkSize";
    else if (length === undefined) phase = "rest";
    else if (!/^[0-9]{1,15}$/.test(length)) fail("Content-Length is malformed");
    else {
      left = Number(length);
      phase = left === 0 ? "done" : "length";
    }
    return true;
  };

  /** One step; false: more input is needed, or there is nothing left to do. */
  const step = (out: string[]): boolean => {
    if (phase === "head") return takeHead();
    if (phase === "rest") {
      out.push(input);
      input = "";
      return false;
    }
    if (phase === "length" || phase === "chunk") {
      const part = input.slice(0, left);
      out.push(part);
      input = input.slice(part.length);
      left -= part.length;
      if (left > 0) return false;
      phase = phase === "length" ? "done" : "chunkEnd";
      return true;
    }
    if (phase === "done") return false;
    const text = line();
    if (text === null) return false;
    if (phase === "chunkSize") {
      const size = /^([0-9a-fA-F]{1,8})[ \t]*(;.*)?$/.exec(text);
      if (size === null) {
        fail("a chunk's size is malformed");
        return false;
      }
      left = Number.parseInt(size[1] ?? "", 16);
      phase = left === 0 ? "trailer" : "chunk";
    } else if (phase === "chunkEnd") {
      if (text !== "") fail("a chunk is longer than it says");
      else phase = "chunkSize";
    } else if (text === "") phase = "done";
    return true;
  };

  return {
    get status() {
      return status;
    },
    get ended() {
      return phase === "done";
    },
    get problem() {
      return problem;
    },
    feed(bytes) {
      if (phase === "done") return "";
      input = input === "" ? bytes : input + bytes;
      const out: string[] = [];
      while (step(out)) {
        // until no step is possible
      }
      return out.length === 1 ? (out[0] ?? "") : out.join("");
    },
    end() {
      if (phase === "rest") phase = "done";
      else if (phase !== "done")
        fail(phase === "head" ? "the connection ended without an answer" : "the answer was cut off");
    },
  };
}

/** UTF-8 in one char per byte, as text. What is not UTF-8 stays as it is. */
export function textOfBytes(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  try {
    return decodeURIComponent(
      bytes.replace(/[%\x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`),
    );
  } catch {
    return bytes;
  }
}

/** A client of HTTP over a unix socket: one connection per request, no TLS, no redirects. Nothing throws; nothing waits for ever. */
import { EINVAL, ETIMEDOUT } from "../system/errno.ts";
import { EAGAIN, READABLE, type ServiceHost, WRITABLE } from "../system/service_host.ts";
import type { Errno } from "../system/system.ts";
import { replyParser, textOfBytes } from "./reply.ts";
import { utf8 } from "./response.ts";

export interface HttpClient {
  readonly host: ServiceHost;
  readonly monotonicSeconds: () => number;
  readonly socketPath: string;
}

export interface ClientRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path and query as they are sent. */
  readonly target: string;
  /** JSON. */
  readonly body?: string;
  /** For the whole of it; of a stream: until its head. */
  readonly timeoutSeconds: number;
  /** Asks for a raw connection (101), sends this over it, ends our side, and takes what comes as the body. */
  readonly rawInput?: string;
  /** A longer body is refused (EINVAL). Default 64 MiB; a stream has no end. */
  readonly mostBytes?: number;
}

export interface ClientReply {
  readonly status: number;
  /** Text; with `rawInput` one char per byte. */
  readonly body: string;
}

export interface Stream {
  close(): void;
}

export interface StreamListener {
  /** The head is there. */
  readonly opened: (status: number) => void;
  /** Bytes of the body, one char each. */
  readonly data: (bytes: string) => void;
  /** Called once: the end, an errno, or what was malformed. Not after close(). */
  readonly ended: (why: string | Errno) => void;
}

/** A malformed answer is EINVAL. */
export function request(client: HttpClient, wanted: ClientRequest): Promise<ClientReply | Errno> {
  return new Promise((resolve) => {
    const parts: string[] = [];
    let status = 0;
    let length = 0;
    const most = wanted.mostBytes ?? 64 * 1024 * 1024;
    const finish = (result: Errno | null): void => {
      client.host.removeTimer(timer);
      const bytes = parts.join("");
      resolve(result ?? { status, body: wanted.rawInput === undefined ? textOfBytes(bytes) : bytes });
    };
    const timer = client.host.addTimer(client.monotonicSeconds() + wanted.timeoutSeconds, 0, () => {
      stream.close();
      finish(ETIMEDOUT);
    });
    const stream = open(client, wanted, {
      opened: (code) => {
        status = code;
      },
      data: (bytes) => {
        parts.push(bytes);
        length += bytes.length;
        if (length <= most) return;
        stream.close();
        finish(EINVAL);
      },
      ended: (why) => finish(typeof why === "number" ? why : why === "" ? null : EINVAL),
    });
  });
}

/** The answer as it comes. `ended` gives "" for a proper end. */
export function openStream(client: HttpClient, wanted: ClientRequest, listener: StreamListener): Stream {
  let timer = -1;
  const stop = (): void => {
    if (timer >= 0) client.host.removeTimer(timer);
    timer = -1;
  };
  timer = client.host.addTimer(client.monotonicSeconds() + wanted.timeoutSeconds, 0, () => {
    timer = -1;
    stream.close();
    listener.ended(ETIMEDOUT);
  });
  const stream = open(client, wanted, {
    opened: (status) => {
      stop();
      listener.opened(status);
    },
    data: listener.data,
    ended: (why) => {
      stop();
      listener.ended(why);
    },
  });
  return {
    close() {
      stop();
      stream.close();
    },
  };
}

/** Retry of a connect whose listener's queue is full. */
const CONNECT_AGAIN_SECONDS = 0.02;
const READ_BYTES = 16384;

function open(client: HttpClient, wanted: ClientRequest, listener: StreamListener): Stream {
  const { host } = client;
  const parser = replyParser();
  const buffer = new ArrayBuffer(READ_BYTES);
  let fd = -1;
  let output = utf8(requestText(wanted));
  let offset = 0;
  let announced = false;
  let closed = false;
  let again = -1;

  const close = (): void => {
    closed = true;
    if (again >= 0) host.removeTimer(again);
    again = -1;
    if (fd < 0) return;
    host.watch(fd, 0, null);
    host.close(fd);
    fd = -1;
  };
  const end = (why: string | Errno): void => {
    if (closed) return;
    close();
    listener.ended(why);
  };
  const connect = (): void => {
    again = -1;
    const result = host.connectUnix(client.socketPath);
    if (result === EAGAIN) {
      again = host.addTimer(client.monotonicSeconds() + CONNECT_AGAIN_SECONDS, 0, connect);
      return;
    }
    if (result < 0) {
      // Not before the caller has what open() returns.
      again = host.addTimer(client.monotonicSeconds(), 0, () => end(result));
      return;
    }
    fd = result;
    host.watch(fd, READABLE | WRITABLE, ready);
  };
  const ready = (): void => {
    if (offset < output.length && !write()) return;
    if (fd >= 0) read();
  };
  /** false: it ended. */
  const write = (): boolean => {
    const sent = host.send(fd, output.buffer, offset, output.length - offset);
    if (sent < 0 && sent !== EAGAIN) {
      // An answer may be there all the same; without one, reading says what happened.
      offset = output.length;
    } else if (sent > 0) offset += sent;
    if (offset === output.length) {
      if (announced && wanted.rawInput !== undefined) host.shutdownWrite(fd);
      host.watch(fd, READABLE, ready);
    }
    return true;
  };
  const read = (): void => {
    const count = host.read(fd, buffer, 0, READ_BYTES);
    if (count === EAGAIN) return;
    if (count < 0) {
      end(count);
      return;
    }
    const body = count === 0 ? "" : parser.feed(latin1(buffer, count));
    if (count === 0) parser.end();
    if (!announced && parser.status !== 0) {
      announced = true;
      listener.opened(parser.status);
      if (closed) return;
      if (wanted.rawInput !== undefined && parser.status < 300) {
        output = utf8(wanted.rawInput);
        offset = 0;
        host.watch(fd, READABLE | WRITABLE, ready);
      }
    }
    if (body !== "") listener.data(body);
    if (closed) return;
    if (parser.problem !== null) end(parser.problem);
    else if (parser.ended) end("");
  };

  connect();
  return { close };
}

function requestText(wanted: ClientRequest): string {
  const { body } = wanted;
  const raw =
    wanted.rawInput === undefined ? "Connection: close\r\n" : "Connection: Upgrade\r\nUpgrade: tcp\r\n";
  const content =
    body === undefined
      ? wanted.method === "GET"
        ? ""
        : "Content-Length: 0\r\n"
      : `Content-Type: application/json\r\nContent-Length: ${utf8(body).length}\r\n`;
  return `${wanted.method} ${wanted.target} HTTP/1.1\r\nHost: engine\r\nUser-Agent: procg\r\n${raw}${content}\r\n${body ?? ""}`;
}

function latin1(buffer: ArrayBuffer, count: number): string {
  const bytes = new Uint8Array(buffer, 0, count);
  if (count <= 4096) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = "";
  for (let at = 0; at < count; at += 4096) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[]);
  }
  return text;
}

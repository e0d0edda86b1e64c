/**
 * A small HTTP/1.1 server on the event loop: many listeners, few clients, no client that can hold another up.
 *
 * Limits: 64 clients (one more gets 503), 4 KiB of head, 2 s for a head, 2.5 s for an answer, 5 s of silence between requests. So a
 * slow client is gone within 3 s.
 */
import { EAGAIN, EMFILE, ENFILE, READABLE, type ServiceHost, WRITABLE } from "../system/service_host.ts";
import {
  type BadRequest,
  endOfHead,
  type HttpRequest,
  isLocalHost,
  parseRequest,
  refuseEarly,
} from "./request.ts";
import { makeTextResponse, type Response, setKeepAlive } from "./response.ts";

export interface ServerOptions {
  readonly host: ServiceHost;
  readonly monotonicSeconds: () => number;
  readonly realtimeSeconds: () => number;
  readonly answer: (request: HttpRequest) => Response | Promise<Response>;
  /** Host names that are ours, lower case. */
  readonly hostNames: readonly string[];
  /** One line for the log. */
  readonly log: (text: string) => void;
}

export interface HttpServer {
  /** Serves the clients of a listening socket. `checkHost`: refuse foreign Host headers (TCP). */
  serve(listener: number, checkHost: boolean): void;
  stopServing(listener: number): void;
  /** Clients now, and since the start. */
  readonly counts: ServerCounts;
  close(): void;
}

export interface ServerCounts {
  clients: number;
  requests: number;
  refused: number;
  dropped: number;
}

const CLIENTS_MOST = 64;
/** Clients beyond that are told 503 and given a moment to read it; beyond these too they are just closed. */
const REFUSED_MOST = 32;
const REQUESTS_MOST = 10_000;
const HEAD_SECONDS = 2;
const ANSWER_SECONDS = 2.5;
const IDLE_SECONDS = 5;
/** Time in which what a refused client still sends is thrown away, so that it gets to see the answer. */
const LINGER_SECONDS = 0.5;
const LINGER_MOST_BYTES = 4 << 20;
const SWEEP_SECONDS = 0.2;
const READ_BYTES = 8192;
/** Clients accepted in one go; the others wait for the next turn of the loop. */
const ACCEPT_AT_ONCE = 16;

interface Client {
  readonly fd: number;
  readonly checkHost: boolean;
  /** "reading": a head; "answering": the answer is being made; "writing": it is being sent; "lingering": reading to throw away. */
  phase: "reading" | "answering" | "writing" | "lingering";
  input: string;
  output: ArrayBuffer | null;
  offset: number;
  closeAfter: boolean;
  /** The peer has ended its side: after the answer there is nothing more. */
  ended: boolean;
  deadline: number;
  requests: number;
  watched: number;
  lingered: number;
  lastHead: string;
  lastRequest: HttpRequest | null;
}

interface Listener {
  readonly fd: number;
  readonly checkHost: boolean;
  paused: boolean;
}

export function httpServer(options: ServerOptions): HttpServer {
  const { host } = options;
  const buffer = new ArrayBuffer(READ_BYTES);
  const clients = new Map<number, Client>();
  const listeners = new Map<number, Listener>();
  const counts: ServerCounts = { clients: 0, requests: 0, refused: 0, dropped: 0 };
  let active = 0;
  let sweeper = -1;
  let toldNoDescriptors = false;

  const now = options.monotonicSeconds;

  const serve = (fd: number, checkHost: boolean): void => {
    const listener = { fd, checkHost, paused: false };
    listeners.set(fd, listener);
    host.watch(fd, READABLE, () => acceptAll(listener));
  };

  const acceptAll = (listener: Listener): void => {
    for (let i = 0; i < ACCEPT_AT_ONCE; i++) {
      const fd = host.accept(listener.fd);
      if (fd < 0) {
        // Everything else (a client that is gone already) concerns that client only.
        if (fd === EMFILE || fd === ENFILE) pause(listener);
        if (fd === EAGAIN || fd === EMFILE || fd === ENFILE) return;
        continue;
      }
      admit(fd, listener.checkHost);
    }
  };

  /** No descriptor is free: the listener would be ready for ever. It is looked at again when a client has left, or in a while. */
  const pause = (listener: Listener): void => {
    if (!toldNoDescriptors) options.log("no file descriptor for a client: waiting for one");
    toldNoDescriptors = true;
    listener.paused = true;
    host.watch(listener.fd, 0, null);
    host.addTimer(now() + 0.5, 0, () => resume(listener));
  };

  const resume = (listener: Listener): void => {
    if (!listener.paused || listeners.get(listener.fd) !== listener) return;
    listener.paused = false;
    host.watch(listener.fd, READABLE, () => acceptAll(listener));
  };

  const admit = (fd: number, checkHost: boolean): void => {
    const client: Client = {
      fd,
      checkHost,
      phase: "reading",
      input: "",
      output: null,
      offset: 0,
      closeAfter: false,
      ended: false,
      deadline: now() + HEAD_SECONDS,
      requests: 0,
      watched: 0,
      lingered: 0,
      lastHead: "",
      lastRequest: null,
    };
    if (active >= CLIENTS_MOST && !dropIdle()) {
      counts.refused++;
      if (clients.size >= CLIENTS_MOST + REFUSED_MOST) {
        host.close(fd);
        return;
      }
      clients.set(fd, client);
      active++;
      sweep();
      refuse(client, 503, "too many clients", "Retry-After: 1\r\n");
      return;
    }
    clients.set(fd, client);
    active++;
    counts.clients++;
    sweep();
    watch(client, READABLE);
  };

  /** Makes room: of the clients that wait between two requests the one that has waited longest goes. */
  const dropIdle = (): boolean => {
    let oldest: Client | null = null;
    for (const client of clients.values()) {
      const idle = client.phase === "reading" && client.requests > 0 && client.input === "";
      if (idle && (oldest === null || client.deadline < oldest.deadline)) oldest = client;
    }
    // Two seconds of silence at least: an agent that has just been answered may well ask again.
    if (oldest === null || oldest.deadline > now() + IDLE_SECONDS - 2) return false;
    drop(oldest);
    return true;
  };

  const watch = (client: Client, events: number): void => {
    if (client.watched === events) return;
    client.watched = events;
    host.watch(client.fd, events, events === 0 ? null : () => ready(client));
  };

  const ready = (client: Client): void => {
    if (client.phase === "writing") write(client);
    else if (client.phase === "lingering") throwAway(client);
    else read(client);
  };

  const read = (client: Client): void => {
    const count = host.read(client.fd, buffer, 0, READ_BYTES);
    if (count === EAGAIN) return;
    if (count < 0) {
      drop(client);
      return;
    }
    if (count === 0) {
      client.ended = true;
      if (client.phase === "reading") drop(client);
      else watch(client, 0);
      return;
    }
    if (client.phase !== "reading") {
      // While its answer is made a client has nothing to say but the next request.
      client.input += latin1(buffer, count);
      if (client.input.length > READ_BYTES) drop(client);
      return;
    }
    if (client.input === "") {
      client.input = latin1(buffer, count);
      client.deadline = now() + HEAD_SECONDS;
    } else client.input += latin1(buffer, count);
    consume(client);
  };

  /** Takes requests out of the input while there are whole ones. */
  const consume = (client: Client): void => {
    while (client.phase === "reading" && client.input !== "") {
      // A blank line before a request is tolerated (RFC 9112, 2.2).
      while (client.input.startsWith("\r\n")) client.input = client.input.slice(2);
      const end = endOfHead(client.input, 0);
      if (end < 0) {
        const early = refuseEarly(client.input);
        if (early !== null) refuse(client, early.status, early.reason);
        return;
      }
      const head = end === client.input.length ? client.input : client.input.slice(0, end);
      client.input = client.input.slice(end);
      const request =
        head === client.lastHead && client.lastRequest !== null ? client.lastRequest : parseRequest(head);
      if ("reason" in request) {
        refuseRequest(client, request);
        return;
      }
      client.lastHead = head;
      client.lastRequest = request;
      take(client, request);
    }
  };

  const take = (client: Client, request: HttpRequest): void => {
    counts.requests++;
    client.requests++;
    client.closeAfter = !request.keepAlive || client.requests >= REQUESTS_MOST;
    client.deadline = now() + ANSWER_SECONDS;
    if (client.checkHost && request.host !== "" && !isLocalHost(request.host, options.hostNames)) {
      refuse(client, 403, "this Host is not ours");
      return;
    }
    const answer = options.answer(request);
    if (!(answer instanceof Promise)) {
      respond(client, answer, request.method === "HEAD");
      return;
    }
    client.phase = "answering";
    answer.then((response) => {
      if (clients.get(client.fd) !== client) return;
      client.phase = "reading";
      respond(client, response, request.method === "HEAD");
      if (clients.get(client.fd) === client) consume(client);
    });
  };

  const refuseRequest = (client: Client, bad: BadRequest): void => {
    refuse(client, bad.status, bad.reason, bad.status === 405 ? "Allow: GET, HEAD\r\n" : "");
  };

  /** The last answer of a connection. */
  const refuse = (client: Client, status: number, reason: string, headers = ""): void => {
    client.closeAfter = true;
    client.input = "";
    client.deadline = now() + ANSWER_SECONDS;
    respond(client, makeTextResponse(status, reason, options.realtimeSeconds(), headers), false);
  };

  /** Sends at once what the socket takes; usually that is all. */
  const respond = (client: Client, response: Response, headOnly: boolean): void => {
    setKeepAlive(response, !client.closeAfter);
    const length = headOnly ? response.headLength : response.bytes.byteLength;
    const sent = host.send(client.fd, response.bytes, 0, length);
    if (sent < 0 && sent !== EAGAIN) {
      drop(client);
      return;
    }
    if (sent === length) {
      answered(client);
      return;
    }
    // The shared bytes may change under a slow client: it gets a copy of what is left.
    client.output = response.bytes.slice(Math.max(0, sent), length);
    client.offset = 0;
    client.phase = "writing";
    watch(client, WRITABLE);
  };

  const write = (client: Client): void => {
    const { output } = client;
    if (output === null) return;
    const sent = host.send(client.fd, output, client.offset, output.byteLength - client.offset);
    if (sent === EAGAIN) return;
    if (sent < 0) {
      drop(client);
      return;
    }
    client.offset += sent;
    if (client.offset < output.byteLength) return;
    client.output = null;
    answered(client);
    if (clients.get(client.fd) === client) consume(client);
  };

  const answered = (client: Client): void => {
    if (client.ended) {
      drop(client, false);
      return;
    }
    if (!client.closeAfter) {
      client.phase = "reading";
      client.deadline = now() + IDLE_SECONDS;
      watch(client, READABLE);
      return;
    }
    // Closing while unread bytes are in the socket would reset it, and the answer with it.
    client.phase = "lingering";
    client.input = "";
    client.deadline = now() + LINGER_SECONDS;
    host.shutdownWrite(client.fd);
    active--;
    watch(client, READABLE);
  };

  const throwAway = (client: Client): void => {
    const count = host.read(client.fd, buffer, 0, READ_BYTES);
    if (count === EAGAIN) return;
    if (count > 0) client.lingered += count;
    if (count <= 0 || client.lingered > LINGER_MOST_BYTES) drop(client, false);
  };

  const drop = (client: Client, isDropped = true): void => {
    if (clients.get(client.fd) !== client) return;
    clients.delete(client.fd);
    if (client.phase !== "lingering") active--;
    if (isDropped && client.phase === "writing") counts.dropped++;
    watch(client, 0);
    host.close(client.fd);
    for (const listener of listeners.values()) resume(listener);
  };

  /** One timer for all deadlines, while there are clients. */
  const sweep = (): void => {
    if (sweeper >= 0) return;
    sweeper = host.addTimer(now() + SWEEP_SECONDS, SWEEP_SECONDS, () => {
      const time = now();
      for (const client of [...clients.values()]) if (client.deadline <= time) expire(client);
      if (clients.size > 0) return;
      host.removeTimer(sweeper);
      sweeper = -1;
      toldNoDescriptors = false;
    });
  };

  const expire = (client: Client): void => {
    if (client.phase === "reading" && client.input !== "") {
      counts.dropped++;
      refuse(client, 408, "the request took too long");
    } else drop(client);
  };

  return {
    serve,
    stopServing(fd) {
      listeners.delete(fd);
      host.watch(fd, 0, null);
    },
    counts,
    close() {
      for (const client of [...clients.values()]) drop(client, false);
      for (const fd of [...listeners.keys()]) {
        listeners.delete(fd);
        host.watch(fd, 0, null);
      }
      if (sweeper >= 0) host.removeTimer(sweeper);
      sweeper = -1;
    },
  };
}

function latin1(buffer: ArrayBuffer, count: number): string {
  return String.fromCharCode.apply(null, new Uint8Array(buffer, 0, count) as unknown as number[]);
}

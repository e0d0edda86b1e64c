/**
 * A ServiceHost whose clock is a MemorySystem's and whose sockets are strings, for unit tests: nothing waits, nothing is left to chance.
 *
 * run(seconds) moves the clock and fires what is due; settle() delivers what is ready.
 */
import { EADDRINUSE, EAGAIN, ECONNREFUSED, READABLE, type ServiceHost, WRITABLE } from "../service_host.ts";
import type { Errno } from "../system.ts";
import type { MemorySystem } from "./memory_system.ts";

/** The client's end of a connection. Bytes are chars. */
export interface MemoryClient {
  /** What the server has sent so far. */
  received: string;
  /** The server has closed, or will send nothing more. */
  closed: boolean;
  finished: boolean;
  /** How many bytes the server may send before it gets EAGAIN. */
  room: number;
  send(text: string): void;
  /** Ends our side: the server reads 0. */
  end(): void;
  /** The server's next read or send gives this errno. */
  fail(errno: Errno): void;
}

export interface MemoryServiceHost extends ServiceHost {
  /** Moves the clock second by second as timers fall due. */
  run(seconds: number): Promise<void>;
  settle(): Promise<void>;
  /** A client of the listener on this port or path. */
  connect(address: string): MemoryClient;
  signal(number: number): void;
  /** What the next accepts give instead of a client. */
  acceptErrors: Errno[];
  /** Addresses that give an errno on listen. */
  readonly listenErrors: Map<string, Errno>;
  /** Times that a callback was called: a spin shows here. */
  deliveries: number;
  readonly openDescriptors: number;
  readonly timers: number;
  lockResult: Errno;
  replaceResult: Errno;
  daemonized: number;
}

interface Connection extends MemoryClient {
  toServer: string;
  ended: boolean;
  errno: Errno;
}

type Descriptor =
  | { readonly kind: "listener"; readonly address: string; readonly waiting: Connection[] }
  | { readonly kind: "connection"; readonly connection: Connection }
  | { readonly kind: "log" };

interface Timer {
  at: number;
  readonly interval: number;
  readonly callback: () => void;
}

export function memoryServiceHost(system: MemorySystem, firstDescriptor = 10): MemoryServiceHost {
  const descriptors = new Map<number, Descriptor>();
  const watches = new Map<number, { events: number; callback: () => void }>();
  const timers = new Map<number, Timer>();
  const signals = new Map<number, () => void>();
  let nextDescriptor = firstDescriptor;
  let nextTimer = 1;

  const listenerOf = (address: string) => {
    for (const each of descriptors.values())
      if (each.kind === "listener" && each.address === address) return each;
    return undefined;
  };
  const open = (descriptor: Descriptor): number => {
    descriptors.set(nextDescriptor, descriptor);
    return nextDescriptor++;
  };
  const listen = (address: string): number => {
    const errno = host.listenErrors.get(address);
    if (errno !== undefined) return errno;
    if (listenerOf(address) !== undefined) return EADDRINUSE;
    return open({ kind: "listener", address, waiting: [] });
  };
  const connectionOf = (fd: number): Connection | null => {
    const found = descriptors.get(fd);
    return found?.kind === "connection" ? found.connection : null;
  };
  const isReady = (fd: number, events: number): boolean => {
    const found = descriptors.get(fd);
    if (found === undefined || found.kind === "log") return false;
    if (found.kind === "listener")
      return (events & READABLE) !== 0 && (found.waiting.length > 0 || host.acceptErrors.length > 0);
    const { toServer, ended, errno, room } = found.connection;
    if ((events & READABLE) !== 0 && (toServer !== "" || ended || errno !== 0)) return true;
    return (events & WRITABLE) !== 0 && (room > 0 || errno !== 0);
  };

  const host: MemoryServiceHost = {
    acceptErrors: [],
    listenErrors: new Map(),
    deliveries: 0,
    lockResult: 0,
    replaceResult: 0,
    daemonized: 0,
    get openDescriptors() {
      return descriptors.size;
    },
    get timers() {
      return timers.size;
    },

    addTimer(at, interval, callback) {
      timers.set(nextTimer, { at, interval, callback });
      return nextTimer++;
    },
    removeTimer: (id) => void timers.delete(id),
    watchSignal(signal, callback) {
      if (callback === null) signals.delete(signal);
      else signals.set(signal, callback);
      return 0;
    },
    watch(fd, events, callback) {
      if (events === 0 || callback === null) watches.delete(fd);
      else watches.set(fd, { events, callback });
      return 0;
    },

    listenTcp: (address, port) => listen(`${address}:${port}`),
    listenUnix(path) {
      const made = listen(path);
      if (made >= 0) system.files.set(path, "");
      return made;
    },
    connectUnix: (path) =>
      typeof system.stat(path) === "number"
        ? -2
        : listenerOf(path) === undefined
          ? ECONNREFUSED
          : open({ kind: "log" }),
    accept(fd) {
      const error = host.acceptErrors.shift();
      if (error !== undefined) return error;
      const found = descriptors.get(fd);
      const connection = found?.kind === "listener" ? found.waiting.shift() : undefined;
      return connection === undefined ? EAGAIN : open({ kind: "connection", connection });
    },
    read(fd, buffer, offset, length) {
      const connection = connectionOf(fd);
      if (connection === null) return -9;
      if (connection.errno !== 0) return connection.errno;
      if (connection.toServer === "") return connection.ended ? 0 : EAGAIN;
      const text = connection.toServer.slice(0, length);
      connection.toServer = connection.toServer.slice(length);
      const bytes = new Uint8Array(buffer, offset, text.length);
      for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
      return text.length;
    },
    send(fd, buffer, offset, length) {
      const connection = connectionOf(fd);
      if (connection === null) return -9;
      if (connection.errno !== 0) return connection.errno;
      const count = Math.min(length, connection.room);
      if (count === 0) return EAGAIN;
      connection.room -= count;
      connection.received += Buffer.from(buffer, offset, count).toString("latin1");
      return count;
    },
    socketError: () => 0,
    shutdownWrite(fd) {
      const connection = connectionOf(fd);
      if (connection !== null) connection.finished = true;
      return 0;
    },
    close(fd) {
      const connection = connectionOf(fd);
      if (connection !== null) {
        connection.closed = true;
        connection.finished = true;
      }
      return descriptors.delete(fd) ? 0 : -9;
    },
    localPort: () => 19110,

    replaceFile: (path, text, mode) =>
      host.replaceResult < 0 ? host.replaceResult : system.writeFileAtomic(path, text, mode),
    lockDirectory: (path) => {
      const status = system.stat(path);
      return typeof status === "number" ? status : host.lockResult;
    },
    openLog: () => open({ kind: "log" }),
    daemonize() {
      host.daemonized++;
      return 0;
    },
    collectGarbage: () => {},
    restart: () => -38,

    async run(seconds) {
      const until = system.monotonicSeconds() + seconds;
      await host.settle();
      for (;;) {
        let next: [number, Timer] | null = null;
        for (const entry of timers) if (next === null || entry[1].at < next[1].at) next = entry;
        if (next === null || next[1].at > until) break;
        const [id, timer] = next;
        system.advance(Math.max(0, timer.at - system.monotonicSeconds()));
        if (timer.interval > 0) {
          const missed = Math.floor((system.monotonicSeconds() - timer.at) / timer.interval);
          timer.at += timer.interval * (missed + 1);
        } else timers.delete(id);
        timer.callback();
        await host.settle();
      }
      system.advance(Math.max(0, until - system.monotonicSeconds()));
    },
    async settle() {
      for (let round = 0; round < 10_000; round++) {
        let delivered = false;
        for (const fd of [...watches.keys()]) {
          const watch = watches.get(fd);
          if (watch === undefined || !isReady(fd, watch.events)) continue;
          delivered = true;
          host.deliveries++;
          watch.callback();
        }
        await new Promise((resolve) => setImmediate(resolve));
        if (!delivered) return;
      }
      throw new Error("the loop spins");
    },
    connect(address) {
      const connection: Connection = {
        received: "",
        closed: false,
        finished: false,
        room: Number.POSITIVE_INFINITY,
        toServer: "",
        ended: false,
        errno: 0,
        send(text) {
          connection.toServer += text;
        },
        end() {
          connection.ended = true;
        },
        fail(errno) {
          connection.errno = errno;
        },
      };
      const listener = listenerOf(address);
      if (listener === undefined) throw new Error(`nobody listens on ${address}`);
      listener.waiting.push(connection);
      return connection;
    },
    signal: (number) => signals.get(number)?.(),
  };
  return host;
}

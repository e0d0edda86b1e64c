/**
 * The JavaScript half of the event loop: the C host (build/quickjs/host_loop.c) keeps numbers, this keeps the callbacks.
 * The program ends when nothing is registered any more.
 *
 * There is one loop in a process, hence the module-level maps. Whatever a callback throws ends the program with a message.
 */
import {
  clock,
  addTimer as hostAddTimer,
  removeTimer as hostRemoveTimer,
  watchFd as hostWatchFd,
  watchSignal as hostWatchSignal,
  setDispatcher,
} from "qjs:sys";

/** poll(2) bits. */
export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 16;

export type Callback = (argument: number) => void;

/** Resolves after `seconds` on the monotonic clock. */
export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    addTimer(clock(CLOCK_MONOTONIC) + seconds, 0, () => resolve());
  });
}

/**
 * Calls back at monotonic `atSeconds`; with intervalSeconds > 0 again and again on ideal ticks, with the number of ticks
 * that were missed. Returns the timer's id.
 */
export function addTimer(atSeconds: number, intervalSeconds: number, callback: Callback): number {
  start();
  const id = hostAddTimer(atSeconds, intervalSeconds);
  callbacks[TIMER].set(
    id,
    intervalSeconds > 0
      ? callback
      : (missed) => {
          callbacks[TIMER].delete(id);
          callback(missed);
        },
  );
  return id;
}

export function removeTimer(id: number): void {
  if (callbacks[TIMER].delete(id)) hostRemoveTimer(id);
}

/** Calls back with poll's revents while fd is ready. `events` 0 ends it: do that before closing fd. */
export function watchFd(fd: number, events: number, callback: Callback | null): number {
  start();
  if (events === 0 || callback === null) {
    callbacks[FD].delete(fd);
    return hostWatchFd(fd, 0);
  }
  const result = hostWatchFd(fd, events);
  if (result >= 0) callbacks[FD].set(fd, callback);
  return result;
}

/** Calls back for each delivery of `signal`; null gives the signal its default action again. */
export function watchSignal(signal: number, callback: Callback | null): number {
  start();
  if (callback === null) {
    callbacks[SIGNAL].delete(signal);
    return hostWatchSignal(signal, false);
  }
  const result = hostWatchSignal(signal, true);
  if (result >= 0) callbacks[SIGNAL].set(signal, callback);
  return result;
}

/** Calls back once, with the wait status, when the child `pid` of sys.spawn has ended. Call it in the same turn as spawn. */
export function watchChild(pid: number, callback: Callback): void {
  start();
  callbacks[CHILD].set(pid, (status) => {
    callbacks[CHILD].delete(pid);
    callback(status);
  });
}

const CLOCK_MONOTONIC = 1;

/** Kinds of the dispatcher, as in sys.d.ts. */
const TIMER = 0;
const FD = 1;
const SIGNAL = 2;
const CHILD = 3;

type CallbackMap = Map<number, Callback>;
const callbacks: readonly [CallbackMap, CallbackMap, CallbackMap, CallbackMap] = [
  new Map(),
  new Map(),
  new Map(),
  new Map(),
];

let started = false;

function start(): void {
  if (started) return;
  started = true;
  setDispatcher((kind, id, argument) => callbacks[kind as 0 | 1 | 2 | 3]?.get(id)?.(argument));
}

/**
 * Globals that npm packages take for granted. Imported by their files only (build/packages_plugin.mjs).
 */
import { clock } from "qjs:sys";
import { addTimer, removeTimer } from "../../lib/system/quickjs/event_loop.ts";
import process from "./process.mjs";

// Constructors of error classes call it; without it they die instead of telling the user's mistake.
if (Error.captureStackTrace === undefined) Error.captureStackTrace = () => {};
const owns = Object.prototype.hasOwnProperty;
if (Object.hasOwn === undefined) Object.hasOwn = (object, key) => owns.call(object, key);

/** Enough for code that only asks whether a value is one. */
const Buffer = { isBuffer: () => false };

const print = (stream, values) => stream.write(`${values.map(String).join(" ")}\n`);
const console = {
  log: (...values) => print(process.stdout, values),
  info: (...values) => print(process.stdout, values),
  debug: (...values) => print(process.stdout, values),
  warn: (...values) => print(process.stderr, values),
  error: (...values) => print(process.stderr, values),
};

const CLOCK_MONOTONIC = 1;
const after = (milliseconds, interval, callback, args) =>
  addTimer(clock(CLOCK_MONOTONIC) + milliseconds / 1000, interval / 1000, () => callback(...args));
const setTimeout = (callback, milliseconds = 0, ...args) => after(milliseconds, 0, callback, args);
const setInterval = (callback, milliseconds = 0, ...args) =>
  after(milliseconds, Math.max(1, milliseconds), callback, args);
const setImmediate = (callback, ...args) => after(0, 0, callback, args);
const clearTimeout = (id) => {
  if (typeof id === "number") removeTimer(id);
};
const clearInterval = clearTimeout;

export { Buffer, clearInterval, clearTimeout, console, process, setImmediate, setInterval, setTimeout };

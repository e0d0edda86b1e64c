/**
 * Globals that npm packages take for granted. Imported by their files only (build/packages_plugin.mjs).
 */
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

export { Buffer, console, process };

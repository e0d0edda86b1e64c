// biome-ignore-all lint/style/noDefaultExport: what require() gives to a package
/** node:process, as far as command line packages use it. */
import { argv, environ, exit, isatty, windowSize, write } from "qjs:sys";
import EventEmitter from "./events.mjs";

function stream(fd) {
  return {
    fd,
    get isTTY() {
      return isatty(fd);
    },
    get columns() {
      const size = windowSize(fd);
      return typeof size === "number" ? undefined : size[0];
    },
    get rows() {
      const size = windowSize(fd);
      return typeof size === "number" ? undefined : size[1];
    },
    hasColors: () => isatty(fd),
    /** A failed write is an error here: nobody waits for an 'error' event. */
    write(text) {
      const error = write(fd, String(text));
      if (error !== 0) throw new Error(`write error (errno ${-error})`);
      return true;
    },
  };
}

let variables;

const process = new EventEmitter();
Object.assign(process, {
  // Node has two leading elements: the interpreter and the script.
  argv: [argv[0] ?? "procg", ...argv],
  execArgv: [],
  execPath: argv[0] ?? "procg",
  platform: "linux",
  versions: {},
  version: "",
  exitCode: undefined,
  stdout: stream(1),
  stderr: stream(2),
  nextTick: (callback, ...args) => {
    Promise.resolve().then(() => callback(...args));
  },
  exit(code = process.exitCode ?? 0) {
    process.emit("exit", code);
    exit(code);
  },
});
Object.defineProperty(process, "env", {
  get() {
    if (variables === undefined) {
      variables = {};
      for (const line of environ()) {
        const equals = line.indexOf("=");
        if (equals > 0) variables[line.slice(0, equals)] = line.slice(equals + 1);
      }
    }
    return variables;
  },
});

export default process;

// biome-ignore-all lint/style/noDefaultExport: what require() gives to a package
/** node:fs, as far as command line packages use it. */
import { readFile, stat } from "qjs:sys";

function fail(call, path, errno) {
  const error = new Error(`${call} '${path}' failed (errno ${-errno})`);
  error.errno = errno;
  error.code = errno === -2 ? "ENOENT" : errno === -13 ? "EACCES" : errno === -21 ? "EISDIR" : "EIO";
  return error;
}

export function existsSync(path) {
  return typeof stat(String(path), true) !== "number";
}

export function realpathSync(path) {
  return path;
}

export function readFileSync(path, encoding) {
  const name = typeof encoding === "string" ? encoding : encoding?.encoding;
  const text = readFile(String(path), 1 << 24, name !== "utf8" && name !== "utf-8");
  if (typeof text === "number") throw fail("readFileSync", path, text);
  return text;
}

const fs = { existsSync, realpathSync, readFileSync };
export default fs;

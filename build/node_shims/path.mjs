// biome-ignore-all lint/style/noDefaultExport: what require() gives to a package
/** node:path, POSIX. */
export function basename(path, suffix = "") {
  const trimmed = path.replace(/\/+$/, "");
  const name = trimmed.slice(trimmed.lastIndexOf("/") + 1);
  return suffix !== "" && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

export function dirname(path) {
  const trimmed = path.replace(/(?!^)\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  if (slash < 0) return ".";
  return trimmed.slice(0, slash).replace(/\/+$/, "") || "/";
}

export function extname(path) {
  const name = basename(path);
  const dot = name.lastIndexOf(".");
  return dot <= 0 || name === ".." ? "" : name.slice(dot);
}

export function isAbsolute(path) {
  return path.startsWith("/");
}

export function normalize(path) {
  const absolute = isAbsolute(path);
  const parts = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts[parts.length - 1] !== "..") parts.pop();
    else if (!absolute) parts.push("..");
  }
  const joined = parts.join("/");
  if (absolute) return `/${joined}`;
  if (joined === "") return path.endsWith("/") ? "./" : ".";
  return path.endsWith("/") ? `${joined}/` : joined;
}

export function join(...parts) {
  const given = parts.filter((part) => part !== "");
  const joined = given.length === 0 ? "." : normalize(given.join("/"));
  return given.length > 0 && given[given.length - 1].endsWith("/") && !joined.endsWith("/")
    ? `${joined}/`
    : joined;
}

/** There is no current directory to speak of: a relative result counts from "/". */
export function resolve(...parts) {
  let path = "";
  for (let i = parts.length - 1; i >= 0 && !isAbsolute(path); i--) {
    if (parts[i] !== "") path = path === "" ? parts[i] : `${parts[i]}/${path}`;
  }
  const whole = normalize(isAbsolute(path) ? path : `/${path}`);
  return whole.length > 1 ? whole.replace(/\/$/, "") : whole;
}

export const sep = "/";
export const delimiter = ":";
const path = { basename, dirname, extname, isAbsolute, normalize, join, resolve, sep, delimiter };
export default path;

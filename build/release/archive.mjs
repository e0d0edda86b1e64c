/**
 * tar, ar and gzip that give the same bytes for the same content: one time for all, owner root, in the order given.
 */
import { gzipSync } from "node:zlib";

/**
 * @typedef {object} Entry   a path without a leading slash; folders before what lies in them
 * @property {string} path
 * @property {number} [mode]   0755 for folders, 0777 for links, 0644 for files unless given
 * @property {Buffer} [content]   a file
 * @property {string} [target]   a symbolic link; neither content nor target: a folder
 */

const BLOCK = 512;

/** @param {number} value @param {number} width   with the closing NUL */
const octal = (value, width) => `${value.toString(8).padStart(width - 1, "0")}\0`;

/** @param {Entry} entry @param {number} mtime */
function header(entry, mtime) {
  const isFolder = entry.content === undefined && entry.target === undefined;
  const path = isFolder && !entry.path.endsWith("/") ? `${entry.path}/` : entry.path;
  if (Buffer.byteLength(path) > 100 || Buffer.byteLength(entry.target ?? "") > 100)
    throw new Error(`too long a name for tar: ${path}`);
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0);
  block.write(octal(entry.mode ?? (isFolder ? 0o755 : entry.target === undefined ? 0o644 : 0o777), 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(entry.content?.length ?? 0, 12), 124);
  block.write(octal(mtime, 12), 136);
  block.write("        ", 148);
  block.write(isFolder ? "5" : entry.target === undefined ? "0" : "2", 156);
  block.write(entry.target ?? "", 157);
  block.write("ustar\x0000", 257, "latin1");
  block.write("root", 265);
  block.write("root", 297);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** @param {readonly Entry[]} entries @param {number} mtime   seconds */
export function tar(entries, mtime) {
  const blocks = entries.flatMap((entry) => {
    const content = entry.content ?? Buffer.alloc(0);
    return [header(entry, mtime), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** As `gzip -9n`: no name, no time. @param {Buffer} bytes */
export function gzip(bytes) {
  const packed = gzipSync(bytes, { level: 9 });
  // The system that packed it: always "Unix".
  packed[9] = 3;
  return packed;
}

/** @param {readonly { name: string, content: Buffer }[]} members @param {number} mtime */
export function ar(members, mtime) {
  const parts = members.flatMap(({ name, content }) => [
    Buffer.from(
      `${name.padEnd(16)}${String(mtime).padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(content.length).padEnd(10)}\`\n`,
    ),
    content,
    Buffer.from(content.length % 2 === 1 ? "\n" : ""),
  ]);
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

/** The folders that lead to the entries, each before its content, all sorted. @param {readonly Entry[]} entries */
export function withFolders(entries) {
  const folders = new Set();
  for (const { path } of entries) {
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) folders.add(path.slice(0, at));
  }
  const all = [...[...folders].map((path) => ({ path })), ...entries];
  return all.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

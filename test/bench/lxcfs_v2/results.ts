/** What the guest left: files of each lxcfs, of the kernel, and documents of ours, by the moment ("look") at which they were taken. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A document of one of our tools; its shape is checked by the tests of the schemas. */
// biome-ignore lint/suspicious/noExplicitAny: read by key, and a missing key is a failure of the bench.
export type Document = any;

export interface Look {
  /** The kernel's file of the container's cgroup, of its nth parent, or of the guest (meminfo, uptime). */
  kernel(file: string, parent?: number): string;
  /** How many cgroups above the container's own the guest recorded. */
  readonly parents: number;
  lxcfs(major: string, file: string): string;
  ours(tool: string): Document;
}

export function lookOf(out: string, name: string): Look {
  const read = (...path: string[]): string => readFileSync(join(out, name, ...path), "utf8");
  let parents = 0;
  while (existsSync(join(out, name, `parent${parents + 1}`))) parents++;
  return {
    parents,
    kernel: (file, parent = 0) => read(parent === 0 ? "truth" : `parent${parent}`, file),
    lxcfs: (major, file) => read(major, file),
    ours: (tool) => lastDocument(read("ours", tool === "read-at" ? tool : `${tool}.json`)),
  };
}

/** The last of the documents in a text, one a line. */
export function lastDocument(text: string): Document {
  const lines = text.trim().split("\n");
  return JSON.parse(lines.at(-1) ?? "");
}

/** A line "KEY VALUE" or "KEY: VALUE kB" of a kernel file. Throws where there is none: a truth is never guessed. */
export function numberOf(text: string, key: string): number {
  const found = new RegExp(`^${key.replace(/[()]/g, "\\$&")}:?\\s+(\\d+)`, "m").exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${key} in: ${text.slice(0, 200)}`);
  return Number(found);
}

/** The only value of a file such as memory.max; Infinity for "max". */
export const limitOf = (text: string): number =>
  text.trim() === "max" ? Number.POSITIVE_INFINITY : Number(text.trim());

export const kbOf = (bytes: number | null | undefined): number | null =>
  bytes === null || bytes === undefined ? null : bytes / 1024;

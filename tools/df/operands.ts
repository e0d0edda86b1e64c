/**
 * df FILE...: the file system that holds each file, or the one on a device. Nothing is hidden or folded; the rows follow the
 * operands. The rules of which mount is meant are those of coreutils.
 */
import { addRow } from "../../lib/container/filesystem_table.ts";
import type { MountEntry } from "../../lib/container/mount_list.ts";
import type { FileStatus, System } from "../../lib/system/system.ts";
import { treePath } from "../../lib/system/tree_path.ts";
import { type DfCollector, whyNot } from "./collect.ts";
import { alwaysQuoted } from "./problems.ts";

export function collectOperands(
  collector: DfCollector,
  entries: readonly MountEntry[],
  operands: readonly string[],
): void {
  const { system } = collector;
  // All are looked at before the first is asked for, so that messages come in the classic order.
  const found = operands.map((operand) => ({ operand, status: look(collector, entries, operand) }));
  for (const { operand, status } of found) {
    if (typeof status === "number") continue;
    if (status !== null && isDevice(status) && collectDevice(collector, entries, operand)) continue;
    const entry = mountOf(system, entries, operand, status);
    collectEntry(collector, entry ?? unknownMount(operand), operand, operand);
  }
}

/** The operand's status; null where it may hang or is in a capture; a number: the problem has been noted. */
function look(
  collector: DfCollector,
  entries: readonly MountEntry[],
  operand: string,
): FileStatus | null | number {
  const { system } = collector;
  const lexical = mountByPath(entries, absolute(system, operand));
  if (system.source === "replay" && lexical !== null) return null;
  if (lexical?.mayHang === true) {
    const { rows } = collector;
    const answer = collector.asker.ask(lexical, operand, rows.status);
    if (answer === 0) return null;
    collector.problems.push(whyNot(operand, answer));
    return answer;
  }
  const status = system.stat(operand);
  if (typeof status === "number") collector.problems.push(whyNot(operand, status));
  return status;
}

function collectEntry(collector: DfCollector, entry: MountEntry, file: string, path: string): void {
  const { choice, system, rows } = collector;
  if (entry.isRemote && choice.localOnly) return;
  if (choice.selected.length > 0 && !choice.selected.includes(entry.fsType)) return;
  if (choice.excluded.includes(entry.fsType)) return;
  const asked = system.source === "replay" ? entry.target : path;
  const errno = collector.asker.ask(entry, asked, rows.status);
  if (errno < 0) collector.problems.push(whyNot(path, errno));
  else addRow(rows, entry, collector.bounds(entry), file);
}

/** A block or character device: the file system that is mounted from it. False: it is a file like others. */
function collectDevice(collector: DfCollector, entries: readonly MountEntry[], operand: string): boolean {
  const { system } = collector;
  const disk = canonical(system, operand);
  let best: MountEntry | null = null;
  let isEclipsed = false;
  for (const entry of entries) {
    if (canonicalSource(system, entry.source) !== disk) continue;
    const last = lastOn(entries, entry.target);
    const isCovered = last !== null && canonicalSource(system, last.source) !== disk;
    if (isCovered) isEclipsed = true;
    else if (best === null || entry.target.length < best.target.length) best = entry;
  }
  if (best !== null) {
    collectEntry(collector, best, operand, best.target);
    return true;
  }
  if (!isEclipsed) return false;
  const text = `cannot access ${alwaysQuoted(operand)}: over-mounted by another device`;
  collector.problems.push({ path: null, text });
  return true;
}

/** The mount whose directory is the longest part of the real path, if its device is the file's; else any of that device. */
function mountOf(
  system: System,
  entries: readonly MountEntry[],
  operand: string,
  status: FileStatus | null,
): MountEntry | null {
  if (status === null) return mountByPath(entries, absolute(system, operand));
  const byPath = mountByPath(entries, canonical(system, operand));
  if (byPath !== null && isOnDevice(system, byPath, status)) return byPath;
  let best: MountEntry | null = null;
  for (const entry of entries) {
    if (entry.mayHang || !isOnDevice(system, entry, status)) continue;
    if (best === null || best.isPseudo || !entry.isPseudo) best = entry;
  }
  return best;
}

function mountByPath(entries: readonly MountEntry[], path: string): MountEntry | null {
  let best: MountEntry | null = null;
  for (const entry of entries) {
    if (best !== null && !best.isPseudo && entry.isPseudo) continue;
    if (best !== null && entry.target.length < best.target.length) continue;
    const { target } = entry;
    if (target === "/" || path === target || path.startsWith(`${target}/`)) best = entry;
  }
  return best;
}

function isOnDevice(system: System, entry: MountEntry, { devMajor, devMinor }: FileStatus): boolean {
  const status = system.stat(entry.target);
  return typeof status !== "number" && status.devMajor === devMajor && status.devMinor === devMinor;
}

function lastOn(entries: readonly MountEntry[], target: string): MountEntry | null {
  let last: MountEntry | null = null;
  for (const entry of entries) if (entry.target === target) last = entry;
  return last;
}

/** Outside the mount table, as in a chroot: the numbers are asked for all the same. */
function unknownMount(operand: string): MountEntry {
  return {
    source: "-",
    fsType: "-",
    target: operand,
    root: "/",
    major: 0,
    minor: 0,
    isRemote: false,
    isPseudo: false,
    mayHang: false,
    isCovered: null,
  };
}

function isDevice({ mode }: FileStatus): boolean {
  const type = mode & 0o170000;
  return type === 0o060000 || type === 0o020000;
}

function canonicalSource(system: System, source: string): string {
  return source.startsWith("/") ? canonical(system, source) : source;
}

/** realpath(3); the path itself where it cannot be resolved. */
export function canonical(system: System, path: string): string {
  const whole = absolute(system, path);
  const resolved = treePath(system, "").resolve(whole, true);
  return typeof resolved === "number" ? whole : resolved === "" ? "/" : resolved;
}

/** Without looking at links: dots and repeated slashes removed. */
function absolute(system: System, path: string): string {
  const cwd = path.startsWith("/") ? "" : system.readLink("/proc/self/cwd");
  const parts: string[] = [];
  for (const part of `${typeof cwd === "string" ? cwd : ""}/${path}`.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** df --json and df --explain: loaded only when asked for. */
import type { Container } from "../../lib/container/container.ts";
import { explainContainer, explainFigures } from "../../lib/container/explain.ts";
import type { Figure, Term } from "../../lib/container/figure.ts";
import { type FileSystem, fileSystemAt } from "../../lib/container/filesystem_table.ts";
import { usedRatio } from "../../lib/container/filesystems.ts";
import type { DfCollector } from "./collect.ts";
import { problemText } from "./problems.ts";

export interface DfFileSystem {
  readonly source: string;
  readonly fsType: string;
  readonly sizeBytes: number | null;
  readonly usedBytes: number | null;
  /** For others than root; may be negative. */
  readonly availableBytes: number | null;
  /** used / (used + available), 0 to 1. */
  readonly usedRatio: number | null;
  readonly inodes: number | null;
  readonly inodesUsed: number | null;
  readonly inodesFree: number | null;
  readonly inodesUsedRatio: number | null;
  readonly target: string;
  /** The operand that asked for it; null without one. */
  readonly file: string | null;
  /** "registration": a quota that the host has told; used is null then. */
  readonly sizeSource: "statvfs" | "registration" | null;
  /** "memory": a tmpfs, whose pages the container cannot get any more. */
  readonly availableBoundBy: "memory" | "registration" | null;
}

/** `procg.df/v1`. Bytes and counts; null: not known. */
export interface DfDocument {
  readonly schema: "procg.df/v1";
  readonly filesystems: readonly DfFileSystem[];
  /** With --total. */
  readonly total: DfFileSystem | null;
  readonly problems: readonly string[];
}

/** @param hasTotal the last row is the total */
export function dfDocument({ rows, problems }: DfCollector, hasTotal: boolean): DfDocument {
  const filesystems = rows.names.map((_, row) => fileSystem(fileSystemAt(rows, row)));
  const total = hasTotal ? (filesystems.pop() ?? null) : null;
  return {
    schema: "procg.df/v1",
    filesystems,
    total,
    problems: problems.map(problemText),
  };
}

export function dfJson(collector: DfCollector, hasTotal: boolean): string {
  return `${JSON.stringify(dfDocument(collector, hasTotal))}\n`;
}

function fileSystem(row: FileSystem): DfFileSystem {
  const inodes = row.inodesUsed === null || row.inodesFree === null ? 0 : row.inodesUsed + row.inodesFree;
  return {
    source: row.source,
    fsType: row.fsType,
    sizeBytes: row.sizeBytes,
    usedBytes: row.usedBytes,
    availableBytes: row.availableBytes,
    usedRatio: usedRatio(row),
    inodes: row.inodes,
    inodesUsed: row.inodesUsed,
    inodesFree: row.inodesFree,
    inodesUsedRatio: inodes === 0 || row.inodesUsed === null ? null : row.inodesUsed / inodes,
    target: row.target,
    file: row.file,
    sizeSource: row.sizeSource,
    availableBoundBy: row.availableBoundBy,
  };
}

export function explainDf(
  container: Container,
  { rows, problems, bounds }: DfCollector,
  hasTotal: boolean,
): string {
  let text = explainContainer(container);
  for (let i = 0; i < rows.names.length - (hasTotal ? 1 : 0); i++) {
    const row = fileSystemAt(rows, i);
    text += explainRow(row, bounds(row));
  }
  for (const problem of problems) text += `${problemText(problem)}\n`;
  return text;
}

function explainRow(row: FileSystem, bounds: ReturnType<DfCollector["bounds"]>): string {
  const from = (key: string, value: number | null): Term => ({
    path: `statvfs(${row.target})`,
    key,
    value,
    missing: value === null ? "not known" : null,
  });
  const size = from("blocks x fragment size", row.sizeSource === "statvfs" ? row.sizeBytes : null);
  const quota: Term = {
    path: "registration",
    key: "rootfsQuotaBytes",
    value: bounds.rootfsQuotaBytes,
    missing: bounds.rootfsQuotaBytes === null ? "none" : null,
  };
  const headroom: Term = {
    path: "the container's memory",
    key: "available + free swap",
    value: bounds.memoryBytes,
    missing: bounds.memoryBytes === null ? "not known" : null,
  };
  const isQuota = row.sizeSource === "registration";
  const figures: readonly (readonly [string, Figure, string?])[] = [
    [
      "size",
      {
        value: row.sizeBytes,
        formula: isQuota ? "the quota of the root file system" : "blocks",
        from: isQuota ? [quota] : [size],
      },
    ],
    [
      "used",
      {
        value: row.usedBytes,
        formula: isQuota ? "not known: statvfs counts more than the quota does" : "blocks - free blocks",
        from: [from("free", row.freeBytes)],
      },
    ],
    [
      "available",
      {
        value: row.availableBytes,
        formula:
          row.availableBoundBy === "memory"
            ? "min(available blocks, memory that the container can still get): the pages of a tmpfs are its memory"
            : row.availableBoundBy === "registration"
              ? "min(available blocks, the quota)"
              : "available blocks",
        from: row.availableBoundBy === "memory" ? [headroom] : row.availableBoundBy === null ? [] : [quota],
      },
    ],
    ["inodes", { value: row.inodes, formula: "files", from: [] }],
  ];
  return explainFigures(`${row.source} (${row.fsType}) on ${row.target}, bytes`, figures);
}

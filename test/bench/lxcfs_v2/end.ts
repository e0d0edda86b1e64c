/** What is left when a daemon has ended; what the daemons take. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openTable } from "../report/report.ts";
import { lastDocument, numberOf } from "./results.ts";

const WIDTHS = [44, 26, 26, 26, 26];

export function compareEnd(out: string, majors: readonly string[], versions: readonly string[]): void {
  const read = (name: string): string => readFileSync(join(out, "end", name), "utf8");
  const names = versions.map((version) => `lxcfs ${version}`);
  const dead = openTable("The daemon was killed", ["what", ...names, "ours"], WIDTHS);
  const said = majors.map((major) => {
    const error = read(`error-${major}`).trim().split("\n")[0] ?? "";
    return error === "" ? `${numberOf(read(`meminfo-${major}`), "MemTotal")} kB` : error.replace(/^.*: /, "");
  });
  const total = lastDocument(read("free.json")).memory.totalBytes / 1024;
  dead.row(["MemTotal of a container of 256 MiB that runs on", ...said, `${total} kB, no daemon needed`]);
  const memory = openTable("Memory of the daemon, kB", ["what", ...names], WIDTHS);
  for (const key of ["VmRSS", "RssAnon", "Threads"])
    memory.row([
      key === "Threads" ? "threads" : `${key}, after all of the above`,
      ...majors.map((major) => `${numberOf(read(`status-${major}`), key)}`),
    ]);
}

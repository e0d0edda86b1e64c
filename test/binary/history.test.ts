/** The store through the executable: killed while it writes, and on a file system that is full. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Lost, readHistory } from "../../lib/history/reader.ts";
import { nodeFileHost } from "../../lib/system/node/node_file_host.ts";
import { nodeSystem } from "../../lib/system/node/node_system.ts";
import { binaryPath, hasBinary } from "../golden/run.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "procg-history-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const cron = (store: string, ...more: readonly string[]): string[] => [
  ...["tsar", "--cron", "--history", store, "--history-free", "0"],
  ...more,
];

interface Report {
  /** Wall clock of every sample. */
  readonly rows: readonly number[];
  readonly lost: Lost;
}

/** Every sample, read by Node: a report shows one per interval only. */
function report(store: string): Report {
  const rows: number[] = [];
  const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, groups: new Set(["mem"]) };
  const lost = readHistory(nodeSystem(), nodeFileHost(), store, range, {
    sample: (sample) => void rows.push(sample.realtimeMs),
  });
  if (lost === null) throw new Error(`no store in ${store}`);
  return { rows, lost };
}

describe.skipIf(!hasBinary())("the store, by the executable", () => {
  test("killed 100 times while it writes: at most the frame in flight is lost, and the store goes on", async () => {
    let whole = 0;
    for (let i = 0; i < 100; i++) {
      const child = spawn(binaryPath(), cron(directory), { stdio: "ignore" });
      const ended = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
      const timer = setTimeout(() => child.kill("SIGKILL"), (i % 20) * 0.7);
      if ((await ended) === 0) whole++;
      clearTimeout(timer);
    }
    expect(spawnSync(binaryPath(), cron(directory)).status).toBe(0);
    const { rows, lost } = report(directory);
    // One that was killed behind its write has written its record too.
    expect(rows.length).toBeGreaterThanOrEqual(whole + 1);
    expect(rows.length).toBeLessThanOrEqual(101);
    expect(lost.records).toBe(0);
    expect(lost.frames).toBeLessThanOrEqual(100 - whole);
  });

  test("two at once: one writes, the other says so", async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => {
        const child = spawn(binaryPath(), cron(directory), { stdio: ["ignore", "ignore", "pipe"] });
        let errors = "";
        child.stderr.on("data", (bytes) => {
          errors += bytes;
        });
        return new Promise<string>((resolve) =>
          child.on("close", (code) => resolve(code === 0 ? "" : errors)),
        );
      }),
    );
    for (const errors of results) if (errors !== "") expect(errors).toMatch(/another program writes there$/m);
    const { rows, lost } = report(directory);
    expect(rows).toHaveLength(results.filter((errors) => errors === "").length);
    expect(lost).toEqual({ bytes: 0, frames: 0, records: 0, files: 0 });
  });

  test.skipIf(process.getuid?.() !== 0 || !canMount())(
    "a full file system: nothing that is stored is lost, it says so, and it goes on when there is room",
    () => {
      expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", directory]).status).toBe(0);
      try {
        const store = join(directory, "store");
        for (let i = 0; i < 5; i++) expect(spawnSync(binaryPath(), cron(store)).status).toBe(0);
        const filler = join(directory, "filler");
        writeFileSync(filler, "");
        expect(() => writeFileSync(filler, Buffer.alloc(1 << 20))).toThrow(/ENOSPC/);
        let refused = "";
        let written = 5;
        // The last page of the file may have room for some more.
        for (let i = 0; i < 40 && refused === ""; i++) {
          const result = spawnSync(binaryPath(), cron(store), { encoding: "utf8" });
          if (result.status === 0) written++;
          else refused = result.stderr;
        }
        expect(refused).toMatch(/No space left on device$/m);
        expect(report(store).lost.bytes).toBe(0);
        expect(report(store).rows).toHaveLength(written);
        rmSync(filler);
        expect(spawnSync(binaryPath(), cron(store)).status).toBe(0);
        expect(report(store).rows).toHaveLength(written + 1);
        expect(report(store).lost.bytes).toBe(0);
      } finally {
        spawnSync("umount", [directory]);
      }
    },
  );

  test("the floor: nothing is written below it", () => {
    const result = spawnSync(
      binaryPath(),
      ["tsar", "--cron", "--history", directory, "--history-free", "900000G"],
      {
        encoding: "utf8",
      },
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/nothing is written$/m);
    expect(readdirSync(directory).filter((name) => statSync(join(directory, name)).size > 0)).toEqual([]);
  });
});

/** CAP_SYS_ADMIN: a container has none. */
function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), "procg-probe-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "tmpfs", probe]).status === 0;
  if (mounted) spawnSync("umount", [probe]);
  if (existsSync(probe)) rmSync(probe, { recursive: true });
  return mounted;
}

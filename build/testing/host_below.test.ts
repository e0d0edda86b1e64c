/**
 * Below a directory that somebody hostile may own: as it ships, and under ASan and UBSan. The walk itself is fuzzed by
 * test/fuzz/host/target_below.c.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { areas } from "./areas.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Root, and a program that needs no library. */
const canChroot =
  process.getuid?.() === 0 &&
  fs.existsSync("/bin/busybox") &&
  spawnSync("unshare", ["--mount", "--root", "/", "true"]).status === 0;

describe.each([
  { kind: "shipped", sanitize: false },
  { kind: "sanitized", sanitize: true },
])("$kind host", ({ sanitize }) => {
  const { scratch, run } = areas(sanitize);

  test("readBelow follows no link, reads regular files only, and no more than it may", () => {
    const dir = fs.mkdtempSync(path.join(scratch, "below-"));
    fs.mkdirSync(`${dir}/a/b`, { recursive: true });
    const bytes = Buffer.from([0, 255, 10, 128]);
    fs.writeFileSync(`${dir}/a/b/file`, bytes);
    fs.writeFileSync(`${dir}/a/b/large`, "x".repeat(101));
    fs.writeFileSync(`${dir}/secret`, "secret");
    fs.symlinkSync(`${dir}/secret`, `${dir}/a/b/link`);
    fs.symlinkSync(`${dir}/a`, `${dir}/alias`);
    fs.symlinkSync("..", `${dir}/a/up`);
    execFileSync("mkfifo", [`${dir}/a/b/fifo`]);
    const [ENOENT, EINVAL, ENOTDIR, EFBIG, ELOOP] = [-2, -22, -20, -27, -40];
    for (const walk of ["walk", "openat2"]) {
      const read = (parts: string, ...names: string[]) =>
        run("readBelow", [dir, parts, "100", walk, ...names]);
      expect(read("a/b", "file", "large", "link", "fifo", "none", "..", "x/y")).toEqual({
        file: bytes.toString("latin1"),
        large: EFBIG,
        link: ELOOP,
        fifo: EINVAL,
        none: ENOENT,
        "..": EINVAL,
        "x/y": EINVAL,
      });
      const names = read("a/b", "")[""].split("\0").sort();
      expect(names).toEqual(["", ".", "..", "fifo", "file", "large", "link"]);
      // Which of the two depends on the call.
      for (const parts of ["alias/b", "a/up"]) expect([ENOTDIR, ELOOP]).toContain(read(parts, "file").file);
      expect(read("a/../a/b", "file")).toEqual({ file: EINVAL });
      expect(read("a/b/file", "")).toEqual({ "": ENOTDIR });
    }
  });

  test("writeBelow makes parts and follows no link", () => {
    const dir = fs.mkdtempSync(path.join(scratch, "write-"));
    const outside = fs.mkdtempSync(path.join(scratch, "outside-"));
    fs.mkdirSync(`${dir}/a`);
    fs.symlinkSync(outside, `${dir}/absolute`);
    fs.symlinkSync("..", `${dir}/a/up`);
    const [EINVAL, ENOTDIR, ELOOP] = [-22, -20, -40];
    for (const walk of ["walk", "openat2"]) {
      const written = run("writeBelow", [
        dir,
        "text",
        walk,
        "file",
        "a/new/er",
        "absolute",
        "a/up",
        "a/../b",
        "",
      ]);
      expect(written).toMatchObject({ "a/new/er": 0, "a/../b": EINVAL, "": 0 });
      for (const parts of ["absolute", "a/up"]) expect([ENOTDIR, ELOOP]).toContain(written[parts]);
      expect(fs.readFileSync(`${dir}/a/new/er/file`, "utf8")).toBe("text");
      expect(fs.readdirSync(outside)).toEqual([]);
      expect(fs.readdirSync(dir).sort()).toEqual(["a", "absolute", "file"]);
      fs.rmSync(`${dir}/a/new`, { recursive: true });
      fs.rmSync(`${dir}/file`);
    }
  });

  test.runIf(canChroot)(
    "probeBelow reads below another process's root; a name may begin with blanks",
    async () => {
      const dir = fs.mkdtempSync(path.join(scratch, "root-"));
      fs.copyFileSync("/bin/busybox", `${dir}/busybox`);
      fs.mkdirSync(`${dir}/  a`);
      fs.writeFileSync(`${dir}/  a/f`, "blanks");
      fs.writeFileSync(`${dir}/f`, "root");
      fs.symlinkSync("f", `${dir}/link`);
      const child = spawn("unshare", ["--mount", "--root", dir, "/busybox", "sleep", "60"], {
        stdio: "ignore",
      });
      try {
        const stat = await startedStat(child.pid ?? -1, "busybox");
        const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
        const answers = run("probeBelow", [String(child.pid), ticks, "f", "  a/f", "a/f", "link", ""]);
        expect(
          answers.map((answer: { text?: string } | number) =>
            typeof answer === "number" ? answer : answer.text,
          ),
        ).toEqual(["root", "blanks", -2, -40, -22]);
        expect(run("probeBelow", [String(child.pid), String(Number(ticks) + 1), "f"])).toEqual([-3]);
      } finally {
        child.kill("SIGKILL");
      }
    },
  );
});

/** /proc/PID/stat once the process runs `comm`. */
async function startedStat(pid: number, comm: string): Promise<string> {
  for (let i = 0; i < 200; i++) {
    const text = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    if (text.includes(`(${comm})`)) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${comm} has not started`);
}

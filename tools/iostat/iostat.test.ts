import { describe, expect, test } from "vitest";
import { runTool } from "../../lib/cli/run_tool.ts";
import { UsageError } from "../../lib/cli/tool.ts";
import { procFiles } from "../../lib/container/testing/container_tree.ts";
import { memorySystem } from "../../lib/system/testing/memory_system.ts";
import { parseWords } from "./options.ts";
import { tool } from "./tool.ts";

const FILES = {
  "/proc/stat": "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\n",
  "/proc/uptime": "10.00 8.00\n",
  "/proc/diskstats":
    "   8       0 sda 100 10 2000 50 200 20 4000 400 0 300 500 5 0 80 1 3 9\n" +
    "   8       1 sda1 90 10 1900 50 200 20 4000 400 0 300 500 0 0 0 0 0 0\n" +
    " 253       0 dm-0 10 0 100 5 0 0 0 0 0 5 5 0 0 0 0 0 0\n" +
    "   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
  "/sys/block/sda/dev": "8:0\n",
  "/sys/block/loop0/dev": "7:0\n",
  "/sys/block/dm-0/dm/name": "vg0-root\n",
  "/sys/dev/block/253:0": { link: "../../devices/virtual/block/dm-0" },
};

async function iostat(...args: readonly string[]) {
  const system = memorySystem(FILES);
  const code = await runTool(system, tool, "iostat", ["--host", ...args]);
  return { code, out: system.stdout, err: system.stderr };
}

async function names(...args: readonly string[]): Promise<string[]> {
  const { out } = await iostat("-d", ...args);
  return out
    .split("\n")
    .slice(3)
    .map((line) => line.slice(0, 13).trimEnd())
    .filter((name) => name !== "");
}

describe("which devices", () => {
  test("whole ones that were used; by name, with partitions, all", async () => {
    expect(await names()).toEqual(["dm-0", "sda"]);
    expect(await names("sda1", "loop0")).toEqual(["loop0", "sda1"]);
    expect(await names("-p", "sda")).toEqual(["sda", "sda1"]);
    // As /proc/diskstats has them.
    expect(await names("-p")).toEqual(["sda", "sda1", "dm-0"]);
    expect(await names("ALL")).toEqual(["dm-0", "loop0", "sda"]);
    expect(await names("-N")).toEqual(["vg0-root", "sda"]);
    expect(await names("nosuch")).toEqual([]);
  });

  test("of a directory: beside the kernel's, or instead; in a container too", async () => {
    const stat = "100 10 2000 50 200 20 4000 400 0 300 500 0 0 0 0\n";
    const tree = {
      ...FILES,
      "/x/block/ubd0/stat": stat,
      "/x/block/sda/stat": stat.replace("100", "900"),
      "/x/block/bad/stat": "1 2 3\n",
    };
    const tps = async (...args: readonly string[]) => {
      const system = memorySystem(tree);
      expect(await runTool(system, tool, "iostat", ["-d", ...args])).toBe(0);
      const rows = system.stdout.split("\n").slice(3);
      return rows.flatMap((row) => (row === "" ? [] : [row.split(/ +/).slice(0, 2).join(" ")]));
    };
    expect(await tps("--host", "-f", "/x")).toEqual(["sda 110.00", "ubd0 30.00"]);
    expect(await tps("--host", "+f", "/x")).toEqual(["dm-0 1.00", "sda 110.00", "ubd0 30.00"]);
    expect(await tps("--host", "+f", "/x", "sda")).toEqual(["sda 30.50"]);
    // A name out of somebody's directory does not act on the terminal.
    const hostile = memorySystem({ ...tree, "/x/block/s\u001b[2J/stat": stat });
    await runTool(hostile, tool, "iostat", ["-d", "--host", "-f", "/x"]);
    expect(hostile.stdout).toContain("[2J");
    expect(hostile.stdout).not.toContain("\u001b");
    const container = { ...procFiles(), ...tree, "/proc/uptime": "5000.00 1.00\n" };
    const system = memorySystem(container);
    await runTool(system, tool, "iostat", ["--json", "-f", "/x"]);
    const names = JSON.parse(system.stdout).devices.map((device: { name: string }) => device.name);
    expect(names).toEqual(["sda", "ubd0"]);
  });

  test("groups behind their devices, or alone", async () => {
    expect(await names("-g", "all", "dm-0", "sda")).toEqual(["dm-0", "sda", " all"]);
    expect(await names("-H", "-g", "a", "sda", "-g", "b", "loop0")).toEqual([" a", " b"]);
    const { out } = await iostat("-d", "-H", "-g", "sum", "sda", "dm-0");
    expect(out).toMatch(/^ sum +31\.50 /m);
  });
});

test("rates since boot are of the uptime, extended ones too", async () => {
  const { out } = await iostat("-d", "-x", "sda");
  const cells = out.split("\n")[3]?.trim().split(/\s+/) ?? [];
  expect(cells).toEqual(
    "sda 10.00 100.00 1.00 9.09 0.50 10.00 20.00 200.00 2.00 9.09 2.00 10.00 0.50 4.00 0.00 0.00 0.20 8.00 0.30 3.00 0.05 3.00".split(
      " ",
    ),
  );
});

test("a kernel without discards and flushes: they are not known", async () => {
  const system = memorySystem({
    ...FILES,
    "/proc/diskstats": "   8       0 sda 100 10 2000 50 200 20 4000 400 0 300 500\n",
  });
  await runTool(system, tool, "iostat", ["--host", "-d", "sda"]);
  expect(system.stdout.split("\n")[3]).toBe(
    "sda              30.00       100.00       200.00            -       1000       2000          -",
  );
});

test("procg's JSON and sysstat's are JSON", async () => {
  const ours = JSON.parse((await iostat("--json")).out);
  expect(ours).toMatchObject({ schema: "procg.iostat/v1", intervalSeconds: null, source: "diskstats" });
  expect(ours.devices[1]).toMatchObject({
    name: "sda",
    number: "8:0",
    readBytes: 1_024_000,
    readsPerSec: 10,
  });
  for (const args of [[], ["-x"], ["-xs"], ["-c"], ["-t", "1", "2"], ["-z", "nosuch"]]) {
    const sysstat = JSON.parse((await iostat("-o", "JSON", ...args)).out);
    expect(sysstat.sysstat.hosts[0].statistics.length).toBe(args.includes("2") ? 2 : 1);
  }
});

describe("colours", () => {
  async function painted(env: Record<string, string>, args: readonly string[], isTerminal: boolean) {
    const system = memorySystem(FILES, { env, ...(isTerminal ? { windowSize: [80, 24] } : {}) });
    await runTool(system, tool, "iostat", ["--host", ...args]);
    return system.stdout.replaceAll("\x1b", "^").split("\n");
  }

  test("on a terminal: names, numbers, zeros; from 50 and from 75 percent others", async () => {
    expect((await painted({}, ["-c"], true))[3]).toBe(
      "       ^[34;1m   10.00^[0m^[34;22m    0.00^[0m^[34;1m   10.00^[0m^[34;22m    0.00^[0m^[34;22m    0.00^[0m^[31;1m   80.00^[0m",
    );
    const [, , , first = ""] = await painted({}, ["-d", "-h", "dm-0"], true);
    expect(first).toMatch(/^\^\[34;1m {5}1\.00\^\[0m\^\[34;1m {9}5\.0\^\[0mk\^\[34;22m {9}0\.0\^\[0mk/);
    expect(first).toMatch(/\^\[0mk\^\[32;22m dm-0\^\[0m$/);
  });

  test("S_COLORS, NO_COLOR", async () => {
    const isPainted = async (env: Record<string, string>, isTerminal: boolean) =>
      (await painted(env, ["-d"], isTerminal)).join("").includes("^[");
    expect(await isPainted({}, false)).toBe(false);
    expect(await isPainted({ S_COLORS: "auto" }, true)).toBe(true);
    expect(await isPainted({ S_COLORS: "never" }, true)).toBe(false);
    expect(await isPainted({ S_COLORS: "always" }, false)).toBe(true);
    expect(await isPainted({ NO_COLOR: "1" }, true)).toBe(false);
    expect(await isPainted({ NO_COLOR: "1", S_COLORS: "always" }, true)).toBe(true);
    expect((await painted({ S_COLORS: "always" }, ["-o", "JSON"], true)).join("")).not.toContain("^[");
  });
});

describe("words", () => {
  test.each(["-Z", "-km", "-k -m", "-H", "-g", "-o XML", "--dec=3", "1 0", "0 5", "1 2 3", "--", "-pvda"])(
    "%s is refused",
    (line) => {
      expect(() => parseWords(line.split(" "))).toThrow(UsageError);
    },
  );

  test("anything else is a device", () => {
    const { options, operands } = parseWords(["/dev/sda", "1", "x1", "2", "1.5"]);
    expect(operands).toEqual(["1", "2"]);
    expect(options.map((option) => option.value)).toEqual(["/dev/sda", "x1", "1.5"]);
  });
});

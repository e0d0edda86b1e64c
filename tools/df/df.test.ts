import { describe, expect, test } from "vitest";
import { runTool } from "../../lib/cli/run_tool.ts";
import { KIB, MIB, memoryV2, procFiles, V2_PRIVATE } from "../../lib/container/testing/container_tree.ts";
import { type MemoryOptions, memorySystem } from "../../lib/system/testing/memory_system.ts";
import { quotedName } from "./problems.ts";
import { digitsOf } from "./render_aligned.ts";
import { tool } from "./tool.ts";

const MOUNTS = [
  "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
  "2 1 0:5 / /proc rw - proc proc rw",
  "3 1 0:6 / /run rw - tmpfs tmpfs rw",
  "4 1 0:7 / /mnt/dead rw - nfs4 filer:/x rw",
];

async function df(args: readonly string[], options: MemoryOptions = {}, mounts: readonly string[] = MOUNTS) {
  const system = memorySystem(
    {
      "/proc/self/mountinfo": mounts.map((line) => `${line}\n`).join(""),
      "/proc/1/stat": "1",
      "/run/lock": "",
      "/home/x y": "",
    },
    {
      source: "live",
      status: {
        "/": { devMajor: 8, devMinor: 1 },
        "/proc": { devMajor: 0, devMinor: 5 },
        "/run": { devMajor: 0, devMinor: 6 },
        "/run/lock": { devMajor: 0, devMinor: 6 },
        "/home/x y": { devMajor: 8, devMinor: 1 },
      },
      statvfs: {
        "/": { fragmentBytes: 1024, blocks: 1000, blocksFree: 400, blocksAvailable: 350 },
        "/home/x y": { fragmentBytes: 1024, blocks: 1000, blocksFree: 400, blocksAvailable: 350 },
        "/proc": {},
        "/run": { fragmentBytes: 4096, blocks: 10, blocksFree: 10, blocksAvailable: 10 },
        "/run/lock": { fragmentBytes: 4096, blocks: 10, blocksFree: 10, blocksAvailable: 10 },
        "/mnt/dead": "ETIMEDOUT",
      },
      ...options,
    },
  );
  const code = await runTool(system, tool, "df", ["--host", ...args]);
  return { code, out: system.stdout, err: system.stderr };
}

test("a server that does not answer is left out, with a message and exit code 1", async () => {
  expect(await df([])).toEqual({
    code: 1,
    err: "df: /mnt/dead: no answer within 3 s, skipped\n",
    out: `Filesystem     1K-blocks  Used Available Use% Mounted on
/dev/sda1           1000   600       350  64% /
tmpfs                 40     0        40   0% /run
`,
  });
  expect((await df(["-l"])).code).toBe(0);
});

test("an operand on it does not hang either", async () => {
  expect(await df(["/mnt/dead"])).toMatchObject({
    code: 1,
    err: "df: /mnt/dead: no answer within 3 s, skipped\n",
  });
});

test("a mount that went away or refuses is left out silently, with -a it is a row of dashes", async () => {
  const gone = [...MOUNTS.slice(0, 3), "5 1 8:9 / /gone rw - ext4 /dev/sdb rw"];
  expect(await df([], {}, gone)).toMatchObject({ code: 0, err: "" });
  expect((await df(["-a"], {}, gone)).out).toMatch(/^\/dev\/sdb +- +- +- +- \/gone$/m);
});

test("a stale one is an error", async () => {
  const stale = [...MOUNTS.slice(0, 3), "5 1 8:9 / /stale rw - ext4 /dev/sdb rw"];
  const found = await df(
    [],
    { statvfs: { "/": { blocks: 1 }, "/run": { blocks: 1 }, "/stale": "ESTALE" } },
    stale,
  );
  expect(found).toMatchObject({ code: 1, err: "df: /stale: Stale file handle\n" });
});

describe("in a container", () => {
  const TOP = "/sys/fs/cgroup";
  const registration = {
    schema: "procg.instance/v1",
    id: "c",
    bootId: "11111111-2222-4333-8444-555555555555",
    initStartTicks: 490_000,
    rootfsQuotaBytes: 500 * KIB,
  };

  async function inside(
    args: readonly string[],
    tree: Parameters<typeof memorySystem>[0],
    swapBytes: number,
  ) {
    const mounts = [V2_PRIVATE, "40 20 0:41 / /t rw - tmpfs tmpfs rw"];
    const system = memorySystem(
      { ...procFiles({ mounts, swapTotalBytes: swapBytes }), ...memoryV2(TOP), ...tree },
      {
        status: { "/": { devMajor: 0, devMinor: 20 }, "/t": { devMajor: 0, devMinor: 41 } },
        statvfs: {
          "/": { fragmentBytes: 1024, blocks: 1000, blocksFree: 400, blocksAvailable: 350 },
          "/t": { fragmentBytes: MIB, blocks: 1024, blocksFree: 1024, blocksAvailable: 1024 },
        },
      },
    );
    expect(await runTool(system, tool, "df", args)).toBe(0);
    return JSON.parse(system.stdout);
  }

  test("under a quota that only the host knows Used is not known, and so is its total", async () => {
    const tree = { "/run/procg/host/instance.json": JSON.stringify(registration) };
    const { filesystems, total } = await inside(["--json", "--total"], tree, 0);
    expect(filesystems[0]).toMatchObject({ target: "/", sizeBytes: 500 * KIB, usedBytes: null });
    expect(total).toMatchObject({ sizeBytes: 500 * KIB + 1024 * MIB, usedBytes: null, usedRatio: null });
    expect(total.availableBytes).toBe(filesystems[0].availableBytes + filesystems[1].availableBytes);
  });

  test("a tmpfs is bounded by memory and swap; without swap accounting by all of the machine's swap", async () => {
    const available = async (tree: Parameters<typeof memorySystem>[0], swapBytes: number) =>
      (await inside(["--json"], tree, swapBytes)).filesystems[1].availableBytes / MIB;
    const limited = { [`${TOP}/memory.swap.max`]: `${8 * MIB}\n`, [`${TOP}/memory.swap.current`]: "0\n" };
    const memory = await available(limited, 0);
    expect(memory).toBeGreaterThan(0);
    expect(await available(limited, 64 * MIB)).toBe(memory + 8);
    const unaccounted = {
      [`${TOP}/memory.swap.max`]: { errno: "ENOENT" },
      [`${TOP}/memory.swap.current`]: { errno: "ENOENT" },
    } as const;
    expect(await available(unaccounted, 64 * MIB)).toBe(memory + 64);
  });
});

test("operands: rows follow them, each with the file that asked", async () => {
  const { out } = await df(["--output=target,file", "/run/lock", "/home/x y", "/run/lock"]);
  expect(out).toBe("Mounted on File\n/run       /run/lock\n/          /home/x y\n/run       /run/lock\n");
});

test("without a mount table only operands can be asked for", async () => {
  const system = memorySystem({ "/x": "" }, { statvfs: { "/x": { fragmentBytes: 1024, blocks: 8 } } });
  expect(await runTool(system, tool, "df", ["--host"])).toBe(1);
  expect(system.stderr).toBe("df: cannot read table of mounted file systems: No such file or directory\n");
  system.stderr = "";
  expect(await runTool(system, tool, "df", ["--host", "/x"])).toBe(0);
  expect(system.stderr).toBe(
    "df: Warning: cannot read table of mounted file systems: No such file or directory\n",
  );
  expect(system.stdout).toMatch(/^- +8 +8 +0 100% \/x$/m);
});

test("a newline in a mount point makes no row; wide characters take two columns", async () => {
  const odd = ["1 0 8:1 / /a\\012b rw - ext4 /dev/sda1 rw", "2 0 8:2 / /c rw - ext4 /dev/\u6f22 rw"];
  const statvfs = { "/a\nb": { blocks: 1 }, "/c": { blocks: 1 } };
  const status = { "/a\nb": { devMajor: 8, devMinor: 1 }, "/c": { devMajor: 8, devMinor: 2 } };
  const utf8 = await df(["--output=target,source"], { statvfs, status, env: { LC_ALL: "C.UTF-8" } }, odd);
  expect(utf8.out).toBe("Mounted on Filesystem\n/a?b       /dev/sda1\n/c         /dev/\u6f22\n");
});

test("sizes above 10^21 are written out, without BigInt, which the engine does not have", async () => {
  for (let exponent = 53; exponent < 200; exponent++) {
    const value = Math.floor(((1 + Math.sin(exponent)) * 2 ** 53) / 4 + 2 ** 52) * 2 ** exponent;
    expect(digitsOf(value)).toBe(BigInt(value).toString());
  }
  const huge = ["1 0 8:1 / /\u6f22 rw - ext4 /dev/sda1 rw"];
  const statvfs = { "/\u6f22": { fragmentBytes: 4096, blocks: 2 ** 63 } };
  const status = { "/\u6f22": { devMajor: 8, devMinor: 1 } };
  const { out } = await df(["-B1", "--output=size,target"], { statvfs, status }, huge);
  expect(out.split("\n")[1]).toBe("37778931862957161709568 /\u6f22");
});

test("bytes that are no UTF-8 survive, but not on a terminal", async () => {
  const target = "/a\udcff\u009b\u0007";
  const odd = [`1 0 8:1 / ${target.replace("\u0007", "\\007")} rw - tmpfs \udcffx rw`];
  const options: MemoryOptions = {
    statvfs: { [target]: { blocks: 1 } },
    status: { [target]: { devMajor: 8, devMinor: 1 } },
  };
  const last = async (more: MemoryOptions) =>
    (await df(["--output=source,target"], { ...options, ...more }, odd)).out
      .split("\n")[1]
      ?.replace(/ +/, " ");
  expect(await last({})).toBe("\udcffx /a\udcff\u009b?");
  expect(await last({ env: { LC_ALL: "C.UTF-8" } })).toBe("\udcffx /a\udcff\ufffd?");
  expect(await last({ windowSize: [80, 24] })).toBe("?x /a???");
});

test("5000 mounts take less than a second of CPU, without the host's help too", {
  timeout: 20_000,
}, async () => {
  const mounts = Array.from({ length: 5000 }, (_, i) => `${i} 0 0:${i + 10} / /m/${i} rw - tmpfs tmpfs rw`);
  const statvfs = Object.fromEntries(mounts.map((_, i) => [`/m/${i}`, { blocks: 7 }]));
  // Of our own time: others may keep the machine.
  const before = process.cpuUsage();
  // A capture: nothing is looked at.
  const { out } = await df([], { statvfs, source: "replay" }, mounts);
  expect(out.split("\n")).toHaveLength(5002);
  expect(process.cpuUsage(before).user).toBeLessThan(1e6);
});

describe("names in messages are quoted as a shell needs them", () => {
  test.each([
    ["/plain", "/plain"],
    ["a b", "'a b'"],
    ["it's", `"it's"`],
    ["a\nb", "'a'$'\\n''b'"],
    ["~x", "'~x'"],
    ["a$b", "'a$b'"],
    ["", "''"],
    ["a{b", "a{b"],
  ])("%j", (name, quoted) => {
    expect(quotedName(name)).toBe(quoted);
  });
});

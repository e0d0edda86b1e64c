import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { nodeSystem } from "./node/node_system.ts";
import { rootedSystem } from "./rooted.ts";
import type { System } from "./system.ts";
import { type MemoryEntry, memorySystem } from "./testing/memory_system.ts";

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "procg-rooted-"));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

function rooted(files: Record<string, MemoryEntry>): System {
  return rootedSystem(memorySystem({ "/secret": "outside", "/etc/passwd": "outside", ...files }), "/tree/");
}

describe("nothing leads out of the tree", () => {
  test("absolute links, relative links, links to directories", () => {
    const system = rooted({
      "/tree/etc/passwd": "inside",
      "/tree/abs": { link: "/etc/passwd" },
      "/tree/up": { link: "../../../../secret" },
      "/tree/a/b/rel": { link: "../../etc/passwd" },
      "/tree/dir": { link: "/etc" },
      "/tree/chain": { link: "/dir/passwd" },
      "/tree/root": { link: "/" },
      "/tree/top": { link: ".." },
    });
    expect(system.readText("/abs")).toBe("inside");
    expect(system.readText("/up")).toBe(-2);
    expect(system.readText("/a/b/rel")).toBe("inside");
    expect(system.readText("/dir/passwd")).toBe("inside");
    expect(system.readText("/chain")).toBe("inside");
    expect(system.readText("/root/etc/passwd")).toBe("inside");
    expect(system.readText("/top/secret")).toBe(-2);
    expect(system.readText("/../secret")).toBe(-2);
    expect(system.readText("/../../etc/passwd")).toBe("inside");
    expect(system.readText("/etc/../../secret")).toBe(-2);
    expect(system.readDirectory("/root")).toEqual(system.readDirectory("/"));
    expect(system.stat("/dir")).toMatchObject({ mode: 0o040755 });
    expect(system.lstat("/dir")).toMatchObject({ mode: 0o120777 });
    expect(system.readLink("/dir")).toBe("/etc");
    expect(system.readLink("/etc/passwd")).toBe(-22);
  });

  test("the same after the directories are known", () => {
    const system = rooted({ "/tree/etc/passwd": "inside", "/tree/etc/link": { link: "../../secret" } });
    for (let i = 0; i < 3; i++) {
      expect(system.readText("/etc/passwd")).toBe("inside");
      expect(system.readText("/etc/link")).toBe(-2);
      expect(system.readText("/etc/..")).toBe(-21);
      expect(system.readText("/etc/../secret")).toBe(-2);
      expect(system.readText("/etc/./../../secret")).toBe(-2);
    }
  });

  test("40 links are followed, a loop is ELOOP", () => {
    const files: Record<string, MemoryEntry> = { "/tree/l0": "end", "/tree/loop": { link: "loop" } };
    for (let i = 1; i <= 41; i++) files[`/tree/l${i}`] = { link: `l${i - 1}` };
    const system = rooted(files);
    expect(system.readText("/l40")).toBe("end");
    expect(system.readText("/l41")).toBe(-40);
    expect(system.readText("/loop")).toBe(-40);
  });

  test("writing goes below the tree too", () => {
    const base = memorySystem({ "/tree/run/x": "", "/tree/out": { link: "/run/new" } });
    const system = rootedSystem(base, "/tree");
    expect(system.writeFileAtomic("/run/state", "1", 0o600)).toBe(0);
    expect(base.readText("/tree/run/state")).toBe("1");
    expect(system.makeDirectory("/run/sub", 0o700)).toBe(0);
    expect(system.symlink("x", "/run/link")).toBe(0);
    expect(system.remove("/run/state")).toBe(0);
    expect(system.makeDirectory("/no/where", 0o700)).toBe(-2);
    expect(system.write(1, "out")).toBe(0);
    expect(base.stdout).toBe("out");
  });

  test("on a real disk, where the base would follow", () => {
    fs.mkdirSync(`${scratch}/t/proc/1`, { recursive: true });
    fs.writeFileSync(`${scratch}/t/proc/1/stat`, "1 (x) S");
    fs.writeFileSync(`${scratch}/secret`, "outside");
    fs.symlinkSync(`${scratch}/secret`, `${scratch}/t/abs`);
    fs.symlinkSync("../secret", `${scratch}/t/rel`);
    fs.symlinkSync("1", `${scratch}/t/proc/self`);
    const system = rootedSystem(nodeSystem(), `${scratch}/t`);
    expect(system.readText("/abs")).toBe(-2);
    expect(system.readText("/rel")).toBe(-2);
    expect(system.readText("/proc/self/stat")).toBe("1 (x) S");
    expect(system.readText("/proc/1/stat/x")).toBe(-20);
    expect(system.readDirectory("/")).toEqual(["abs", "proc", "rel"]);
  });
});

test("a known directory costs one lstat per file", () => {
  const base = memorySystem({ "/tree/a/b/c/x": "x", "/tree/a/b/c/y": "y" });
  let calls = 0;
  const lstat: System["lstat"] = (file) => {
    calls++;
    return base.lstat(file);
  };
  const counting: System = { ...base, lstat };
  const system = rootedSystem(counting, "/tree");
  system.readText("/a/b/c/x");
  calls = 0;
  expect(system.readText("/a/b/c/y")).toBe("y");
  expect(calls).toBe(1);
});

test("the root / is the machine's own tree; what belongs to this process is not known", () => {
  const base = memorySystem({ "/proc/sys/kernel/hostname": "inside\n" }, { affinity: [0, 1], argv: ["top"] });
  const system = rootedSystem(base, "/");
  expect(system.readText("/proc/sys/kernel/hostname")).toBe("inside\n");
  expect(system.readDirectory("/")).toEqual(["proc"]);
  expect(system).toMatchObject({ source: "root", pid: 1, argv: ["top"], pageSizeBytes: 4096 });
  expect(system.affinity()).toBeNull();
  expect(system.schedulingPolicy()).toBe(-38);
  expect(system.names()).toMatchObject({ nodename: "inside", release: "6.1.0" });
});

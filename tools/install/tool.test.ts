import { expect, test } from "vitest";
import { runTool } from "../../lib/cli/run_tool.ts";
import { type MemoryEntry, memorySystem } from "../../lib/system/testing/memory_system.ts";
import { tool } from "./tool.ts";

async function install(files: Record<string, MemoryEntry>, ...args: string[]) {
  const system = memorySystem({
    "/proc/self/exe": { link: "/opt/procg" },
    "/opt/procg": "",
    "/usr/bin": { directory: true },
    ...files,
  });
  const code = await runTool(system, tool, "install", args);
  return { code, system };
}

test("absolute elsewhere, bare in the executable's own directory", async () => {
  const elsewhere = await install({}, "/usr/bin");
  expect(elsewhere.code).toBe(0);
  expect(elsewhere.system.files.get("/usr/bin/free")).toEqual({ link: "/opt/procg" });
  expect((await install({}, "/opt/")).system.files.get("/opt/free")).toEqual({ link: "procg" });
});

test("the executable's directory under another name", async () => {
  const { system } = await install({ "/alias": { link: "opt" } }, "/alias");
  expect(system.files.get("/alias/free")).toEqual({ link: "procg" });
});

test("the executable was replaced while it ran", async () => {
  const { code, system } = await install({ "/proc/self/exe": { link: "/opt/procg (deleted)" } }, "/usr/bin");
  expect(code).toBe(1);
  expect(system.stderr).toBe("install: /opt/procg (deleted): No such file or directory\n");
});

test("a directory that refuses is one line, not one for each tool", async () => {
  const system = memorySystem({
    "/proc/self/exe": { link: "/opt/procg" },
    "/opt/procg": "",
    "/usr/bin": { directory: true },
  });
  system.symlink = () => -30;
  expect(await runTool(system, tool, "install", ["/usr/bin"])).toBe(1);
  expect(system.stderr).toMatch(/^install: \/usr\/bin\/[a-z]+: Read-only file system\n$/);
});

test("--all links every tool but those whose names scripts mean another program by", async () => {
  const { code, system } = await install({}, "--all", "/usr/bin");
  const links = [...system.files.keys()].filter((path) => path.startsWith("/usr/bin/"));
  expect(code).toBe(0);
  expect(links).toEqual(expect.arrayContaining(["/usr/bin/doctor", "/usr/bin/free"]));
  expect(links.filter((path) => /\/(env|exec)$/.test(path))).toEqual([]);
});

import { expect, test, vi } from "vitest";
import { runMain } from "./main.ts";
import { fakeSystem } from "./testing/fake_system.ts";

vi.mock("procg:version", () => ({ version: "1.2.3" }));
vi.mock("procg:tools", () => ({
  toolLoaders: {
    nproc: async () => ({ tool: (await import("./testing/tools.ts")).nprocLike }),
    free: async () => ({ tool: (await import("./testing/tools.ts")).freeLike }),
  },
}));

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const fake = fakeSystem(argv);
  const code = await runMain(fake.system);
  return { code, out: fake.out(), err: fake.err() };
}

test("a link named as a tool is that tool, with argv[0] as typed", async () => {
  expect(await run("/bin/nproc")).toEqual({ code: 0, out: "2\n", err: "" });
  expect((await run("/bin/nproc", "-Z")).err).toMatch(/^\/bin\/nproc: invalid option -- 'Z'\n/);
  expect((await run("nproc", "free")).err).toMatch(/^nproc: extra operand 'free'\n/);
});

test("procg TOOL, under whatever name the file has", async () => {
  expect((await run("/opt/procg", "nproc")).out).toBe("2\n");
  expect((await run("procg-1.2.3", "nproc", "-Z")).err).toMatch(/^nproc: invalid option -- 'Z'\n/);
});

test("procg alone, lists and says what it is", async () => {
  expect(await run("procg", "--list")).toEqual({ code: 0, out: "free\nnproc\n", err: "" });
  expect((await run("procg", "--version")).out).toBe("procg 1.2.3\n");
  expect((await run("procg", "--help")).out).toContain("  free   show memory\n  nproc  Print the number");
  expect(await run("procg")).toMatchObject({ code: 1, out: "" });
  expect((await run("procg")).err).toMatch(/^Usage: procg TOOL/);
});

test("what is not a tool", async () => {
  expect(await run("procg", "foo")).toEqual({
    code: 1,
    out: "",
    err: "procg: 'foo' is not a tool; see procg --list\n",
  });
  expect((await run("procg", "constructor")).err).toBe(
    "procg: 'constructor' is not a tool; see procg --list\n",
  );
  expect((await run("procg", "--bogus")).err).toBe("procg: unknown option '--bogus'; see procg --help\n");
  expect((await run("toString")).code).toBe(1);
});

test("man page and completions", async () => {
  expect((await run("procg", "--man", "free")).out).toMatch(/^\.TH "FREE" "1" /);
  expect((await run("procg", "--man", "foo")).err).toBe("procg: 'foo' is not a tool; see procg --list\n");
  expect((await run("procg", "--man")).err).toBe("procg: --man needs the name of a tool; see procg --list\n");
  expect((await run("procg", "--completions", "bash")).out).toContain(
    "complete -o default -F _procg procg free nproc\n",
  );
  expect((await run("procg", "--completions", "csh")).err).toBe(
    "procg: no completions for 'csh'; there are bash, zsh and fish\n",
  );
});

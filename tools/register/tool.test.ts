import { expect, test } from "vitest";
import { runTool } from "../../lib/cli/run_tool.ts";
import { procFiles, type Tree } from "../../lib/container/testing/container_tree.ts";
import { memorySystem } from "../../lib/system/testing/memory_system.ts";
import { tool } from "./tool.ts";

const PATH = "/run/procg/host/instance.json";

async function print(tree: Tree) {
  const system = memorySystem({ ...procFiles(), ...tree });
  const code = await runTool(system, tool, "register", ["--print"]);
  return { code, out: system.stdout, err: system.stderr };
}

const registration = (bootId: string): Tree => ({
  [PATH]: JSON.stringify({
    schema: "procg.instance/v1",
    id: "c",
    name: "web",
    bootId,
    initStartTicks: 490_000,
  }),
});

test("--print: the registration in use", async () => {
  const { code, out } = await print(registration("11111111-2222-4333-8444-555555555555"));
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ schema: "procg.instance/v1", id: "c", name: "web" });
});

test("--print: one that nobody reads is not shown, nor is text that is none", async () => {
  expect(await print(registration("of-another-boot"))).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringMatching(/^register: \/run\/procg\/host\/instance\.json: not in use: .*another boot/),
  });
  expect(await print({ [PATH]: "\x1b[31mjunk" })).toMatchObject({ code: 1, out: "" });
  expect(await print({})).toEqual({ code: 1, out: "", err: `register: no registration: ${PATH}\n` });
});

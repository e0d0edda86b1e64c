import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type CompletedTool, completionScript } from "./completions.ts";
import { freeLike, loadcalcLike, nprocLike } from "./testing/tools.ts";
import type { ToolDeclaration } from "./tool.ts";

const alone = (tool: ToolDeclaration): CompletedTool => ({ tool, commands: [] });
const withCommands = async (tool: ToolDeclaration): Promise<CompletedTool> => ({
  tool,
  commands: await Promise.all((tool.commands ?? []).map(async (each) => (await each.load()).tool)),
});
const TOOLS = [alone(freeLike), await withCommands({ ...loadcalcLike, linked: true }), alone(nprocLike)];

/** What bash offers for the words, the last of which is being typed. */
function complete(...words: string[]): string[] {
  const script = `${completionScript("bash", TOOLS)}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_procg
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect(run.stderr).toBe("");
  return run.stdout.split("\n").filter((line) => line !== "");
}

function has(program: string): boolean {
  return spawnSync(program, ["-c", "exit 0"]).status === 0;
}

test("bash completes tools, options, commands", () => {
  expect(complete("free", "--se")).toEqual(["--seconds"]);
  expect(complete("/usr/bin/free", "--r")).toEqual(["--root", "--replay"]);
  expect(complete("procg", "f")).toEqual(["free"]);
  expect(complete("procg", "--l")).toEqual(["--list"]);
  expect(complete("procg", "nproc", "--a")).toEqual(["--all"]);
  expect(complete("loadcalc", "sh")).toEqual(["show"]);
  expect(complete("loadcalc", "--sec")).toEqual([]);
  expect(complete("free", "--root", "")).toEqual([]);
  expect(complete("loadcalc", "show", "--a")).toEqual(["--all"]);
  expect(complete("procg", "loadcalc", "show", "--li")).toEqual([]);
  expect(complete("procg", "--man", "f")).toEqual(["free"]);
  expect(complete("procg", "--completions", "")).toEqual(["bash", "zsh", "fish"]);
  expect(complete("free", "--", "--t")).toEqual([]);
});

test("zsh and fish scripts name every option; other shells have none", () => {
  const zsh = completionScript("zsh", TOOLS) ?? "";
  const fish = completionScript("fish", TOOLS) ?? "";
  expect(zsh).toMatch(/^#compdef procg free loadcalc nproc\n/);
  expect(zsh).toContain(`'*--listen=[serve on ADDRESS; it'\\''s \`quoted'\\'']:ADDRESS:_files'`);
  expect(fish).toContain("complete -c free -s s -l seconds -r -d 'repeat every N seconds'\n");
  expect(fish).toContain("complete -c procg -n '__procg_at nproc' -l all -d 'the all'\n");
  expect(fish).toContain("it\\'s `quoted\\'");
  expect(completionScript("csh", TOOLS)).toBeNull();
});

test("a tool without a link of its own is completed after procg only: install(1) is another program", () => {
  const tools = [alone(freeLike), alone({ ...nprocLike, name: "install", family: "procg" })];
  const [bash, zsh, fish] = ["bash", "zsh", "fish"].map((shell) => completionScript(shell, tools) ?? "");
  expect(bash).toContain("complete -o default -F _procg procg free\n");
  expect(zsh).toMatch(/^#compdef procg free\n/);
  expect(zsh).toContain("    'install')\n");
  expect(fish).not.toContain("complete -c install");
  expect(fish).toContain("complete -c procg -n '__procg_at install' -l all");
});

test.skipIf(!has("fish"))(
  "fish offers the options of a command behind it, and no files for its name (needs fish)",
  () => {
    const offered = (line: string): string[] => {
      const script = `${completionScript("fish", TOOLS)}\ncomplete -C '${line}'`;
      const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], {
        encoding: "utf8",
        cwd: "/",
      });
      expect(stderr).toBe("");
      return stdout.split("\n").flatMap((each) => each.split("\t")[0] || []);
    };
    expect(offered("procg loadcalc s")).toEqual(["show"]);
    expect(offered("procg loadcalc show --a")).toEqual(["--all"]);
    expect(offered("procg free --al")).toEqual([]);
    expect(offered("procg --completions ")).toEqual(["bash", "fish", "zsh"]);
  },
  30_000,
);

describe.each(["zsh", "fish"])("%s", (shell) => {
  test.skipIf(!has(shell))("accepts its script (needs the shell)", () => {
    const folder = mkdtempSync(join(tmpdir(), "procg-completions-"));
    try {
      const file = join(folder, "script");
      writeFileSync(file, completionScript(shell, TOOLS) ?? "");
      const run = spawnSync(shell, ["-n", file], { encoding: "utf8" });
      expect([run.status, run.stderr]).toEqual([0, ""]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

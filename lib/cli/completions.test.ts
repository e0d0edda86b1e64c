import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { completionScript } from "./completions.ts";
import { freeLike, loadcalcLike, nprocLike } from "./testing/tools.ts";

const TOOLS = [freeLike, { ...loadcalcLike, linked: true }, nprocLike];

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
});

test("zsh and fish scripts name every option; other shells have none", () => {
  const zsh = completionScript("zsh", TOOLS) ?? "";
  const fish = completionScript("fish", TOOLS) ?? "";
  expect(zsh).toMatch(/^#compdef procg free loadcalc nproc\n/);
  expect(zsh).toContain(`'*--listen=[serve on ADDRESS; it'\\''s \`quoted'\\'']:ADDRESS:_files'`);
  expect(fish).toContain("complete -c free -s s -l seconds -r -d 'repeat every N seconds'\n");
  expect(fish).toContain("complete -c procg -n '__fish_seen_subcommand_from nproc' -l all -d 'the all'\n");
  expect(fish).toContain("it\\'s `quoted\\'");
  expect(completionScript("csh", TOOLS)).toBeNull();
});

test("a tool without a link of its own is completed after procg only: install(1) is another program", () => {
  const tools = [freeLike, { ...nprocLike, name: "install", family: "procg" as const }];
  const [bash, zsh, fish] = ["bash", "zsh", "fish"].map((shell) => completionScript(shell, tools) ?? "");
  expect(bash).toContain("complete -o default -F _procg procg free\n");
  expect(zsh).toMatch(/^#compdef procg free\n/);
  expect(zsh).toContain("    install)\n");
  expect(fish).not.toContain("complete -c install");
  expect(fish).toContain("complete -c procg -n '__fish_seen_subcommand_from install' -l all");
});

test.each(["zsh", "fish"])("%s accepts its script (needs the shell)", (shell) => {
  if (!has(shell)) return;
  const run = spawnSync(shell, ["-n"], { input: completionScript(shell, TOOLS) ?? "", encoding: "utf8" });
  expect([run.status, run.stderr]).toEqual([0, ""]);
});

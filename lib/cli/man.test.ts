import { spawnSync } from "node:child_process";
import { expect, test, vi } from "vitest";
import { manPage, suitePage } from "./man.ts";
import { freeLike, iostatLike, loadcalcLike, nprocLike } from "./testing/tools.ts";

vi.mock("procg:version", () => ({ version: "1.2.3" }));

const hasGroff = spawnSync("groff", ["--version"]).status === 0;

test("a page has name, synopsis, options; hidden options stay hidden", () => {
  const page = manPage({ ...loadcalcLike, linked: true });
  expect(page).toMatch(/^\.TH "LOADCALC" "8" "" "procg 1\.2\.3" "procg"\n\.SH NAME\nloadcalc \\- keep/);
  expect(page).toContain("\\fB\\-l\\fR \\fIADDRESS\\fR, \\fB\\-\\-listen\\fR=\\fIADDRESS\\fR\n");
  expect(page).toContain("\\fB\\-\\-history\\fR[=\\fIDIR\\fR]\n");
  expect(page).toContain("it's \\(gaquoted'");
  expect(page).not.toContain("secret");
});

test("a tool without a link is procg-TOOL; its commands have their options", async () => {
  const commands = await Promise.all(
    (loadcalcLike.commands ?? []).map(async (each) => (await each.load()).tool),
  );
  const page = manPage(loadcalcLike, commands);
  expect(page).toMatch(/^\.TH "PROCG-LOADCALC" "8" .*\n\.SH NAME\nprocg\\-loadcalc \\- keep/);
  expect(page).toContain(".SH SYNOPSIS\n\\fBprocg loadcalc\\fR [options]\n");
  expect(page).toContain(
    ".SH COMMANDS\n.SS show\n\\fBprocg loadcalc show\\fR \n.PP\nShow them.\n.TP\n\\fB\\-a\\fR, \\fB\\-\\-all\\fR\n",
  );
});

test("text that looks like a request is text", () => {
  const page = manPage({ ...freeLike, description: [".TH x\n'so y", "back\\slash"] });
  expect(page).toContain("\n\\&.TH x\n\\&'so y\n.PP\nback\\eslash\n");
});

test("procg has a page that names every tool", () => {
  const page = suitePage([freeLike, loadcalcLike]);
  expect(page).toMatch(/^\.TH "PROCG" "1" "" "procg 1\.2\.3" "procg"\n\.SH NAME\nprocg \\- tools/);
  expect(page).toContain(".TP\n\\fBloadcalc\\fR\nkeep");
});

test.skipIf(!hasGroff)("groff has nothing to say about any page (needs groff)", () => {
  const tools = [freeLike, nprocLike, iostatLike, loadcalcLike];
  for (const page of [
    suitePage(tools),
    ...tools.map((tool) => manPage(tool)),
    manPage(loadcalcLike, tools),
  ]) {
    const run = spawnSync("groff", ["-ww", "-man", "-Tutf8", "-P-cbou"], {
      input: page,
      encoding: "utf8",
    });
    expect([run.status, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toContain("SYNOPSIS");
    expect(run.stdout).toContain("--version");
  }
});

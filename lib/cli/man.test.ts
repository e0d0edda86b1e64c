import { spawnSync } from "node:child_process";
import { expect, test, vi } from "vitest";
import { manPage, suitePage } from "./man.ts";
import { freeLike, iostatLike, loadcalcLike, nprocLike } from "./testing/tools.ts";

vi.mock("procg:version", () => ({ version: "1.2.3" }));

const hasGroff = spawnSync("groff", ["--version"]).status === 0;

test("a page has name, synopsis, options; hidden options stay hidden", () => {
  const page = manPage(loadcalcLike);
  expect(page).toMatch(/^\.TH "LOADCALC" "8" "" "procg 1\.2\.3" "procg"\n\.SH NAME\nloadcalc \\- keep/);
  expect(page).toContain("\\fB\\-l\\fR \\fIADDRESS\\fR, \\fB\\-\\-listen\\fR=\\fIADDRESS\\fR\n");
  expect(page).toContain("\\fB\\-\\-history\\fR[=\\fIDIR\\fR]\n");
  expect(page).toContain("it's \\(gaquoted'");
  expect(page).not.toContain("secret");
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
  for (const page of [suitePage(tools), ...tools.map(manPage)]) {
    const run = spawnSync("groff", ["-ww", "-man", "-Tutf8", "-P-cbou"], {
      input: page,
      encoding: "utf8",
    });
    expect([run.status, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toContain("SYNOPSIS");
    expect(run.stdout).toContain("--version");
  }
});

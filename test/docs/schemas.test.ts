/**
 * The published schemas are those of the sources, and what the tools print fits them, key by key.
 *
 * After a change of a document: `UPDATE_DOCS=1 npx vitest run --project unit test/docs`.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toolLoaders } from "procg:tools";
import { describe, expect, test } from "vitest";
import { parseRegistration } from "../../lib/container/registration.ts";
import { captureVolume, REPLAY_ROOT, realCaptureNames } from "../fixtures/captures.ts";
import { runInNode } from "../golden/run.ts";
import { ajv, misfit, schemas } from "./misfit.ts";
import type { JsonSchema } from "./schemas.ts";

const FOLDER = join(import.meta.dirname, "../../docs/schemas");
const published = (file: string): JsonSchema => JSON.parse(readFileSync(join(FOLDER, file), "utf8"));

test("docs/schemas holds the schema of every document that the sources declare", () => {
  if (process.env.UPDATE_DOCS === "1") {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    for (const [file, schema] of schemas) {
      writeFileSync(join(FOLDER, file), `${JSON.stringify(schema, null, 2)}\n`);
    }
  }
  expect(readdirSync(FOLDER).sort()).toEqual([...schemas.keys()].sort());
  for (const [file, schema] of schemas) expect([file, published(file)]).toEqual([file, schema]);
});

test.each([...schemas.keys()])("%s is a schema by the rules of 2020-12, and says what it is", (file) => {
  const schema = published(file);
  expect(ajv.validateSchema(schema)).toBe(true);
  expect(schema.title).toMatch(/^procg\.[a-z-]+\/v1$/);
  expect(schema.description?.length ?? 0).toBeGreaterThan(10);
});

/** They act on the live system: test/binary/json_documents.test.ts. */
const LIVE_ONLY = ["capture", "install"];
/** Tools whose --json is a report of a capture. */
const reporting = Object.keys(toolLoaders).filter(
  (name) => (schemas.has(`${name}.schema.json`) && !LIVE_ONLY.includes(name)) || name === "metric",
);
const SAMPLE = realCaptureNames().filter((_, i) => i % 3 === 0);

/** One report of what is there now. */
const LIVE: Readonly<Record<string, readonly string[]>> = {
  top: ["-b", "-n", "1"],
  tsar: ["-l", "-i", "1", "--count", "1"],
};

describe.each(reporting)("%s --json", (tool) => {
  test.each(SAMPLE)("over %s fits its schema", async (name) => {
    const args = [...(LIVE[tool] ?? []), "--json"];
    for (const extra of [[], ["--host"]]) {
      const { stdout, stderr } = await runInNode(name, tool, [...args, ...extra]);
      expect(stdout, `nothing printed: ${stderr}`).not.toBe("");
      for (const line of stdout.trim().split("\n")) {
        expect([extra, misfit(JSON.parse(line))]).toEqual([extra, ""]);
      }
    }
  });
});

/** Documents of other reports than the tool's own. */
test.each(["-s", "-d", "-D", "-f"])("vmstat %s --json fits its schema", async (report) => {
  for (const name of SAMPLE.slice(0, 3)) {
    for (const extra of [[], ["--host"]]) {
      const { stdout } = await runInNode(name, "vmstat", [report, "--json", ...extra]);
      expect([name, extra, misfit(JSON.parse(stdout))]).toEqual([name, extra, ""]);
    }
  }
});

/** Own notes of a program, which nobody else is to read. */
const PRIVATE = ["procg.toprc/v1", "procg.loadcalc-state/v1"];

test("every document that a source or a page names has a schema", () => {
  const top = join(import.meta.dirname, "../..");
  const files = ["lib", "tools", "host", "docs"].flatMap((folder) =>
    readdirSync(join(top, folder), { recursive: true }).map((name) => join(top, folder, `${name}`)),
  );
  const named = files
    .filter((file) => /\.(ts|md)$/.test(file) && !file.endsWith(".test.ts"))
    .flatMap((file) => readFileSync(file, "utf8").match(/procg\.[a-z-]+\/v1/g) ?? []);
  const missing = [...new Set(named)].filter(
    (id) => !PRIVATE.includes(id) && misfit({ schema: id }).startsWith("no schema"),
  );
  expect(missing).toEqual([]);
});

test("tools that print JSON over captures are tried", () => {
  expect(reporting).toEqual(expect.arrayContaining(["doctor", "free", "nproc", "uptime"]));
});

test.each(realCaptureNames())("capture.json of %s fits its schema", (name) => {
  const text = captureVolume(name).readFileSync(`${REPLAY_ROOT}/${name}/capture.json`, "utf8");
  expect(misfit(JSON.parse(`${text}`))).toBe("");
});

test("a registration that is read fits its schema, and one of another shape does not", () => {
  const { schema: _, ...minimal } = { schema: "", id: "c1", bootId: "b", initStartTicks: 5 };
  const read = parseRegistration(JSON.stringify({ schema: "procg.instance/v1", ...minimal }));
  expect(misfit(read)).toBe("");
  expect(misfit({ schema: "procg.instance/v1", ...minimal, initStartTicks: "5" })).toContain(
    "initStartTicks",
  );
});

test("a key more, a key less, another type: none of them fits", async () => {
  const { stdout } = await runInNode("v2-cgroupns", "free", ["--json"]);
  const document = JSON.parse(stdout);
  expect(misfit(document)).toBe("");
  expect(misfit({ ...document, more: 1 })).toContain("must NOT have additional properties");
  expect(misfit({ ...document, memory: { ...document.memory, limitBytes: "none" } })).toContain("limitBytes");
  expect(misfit({ schema: document.schema, memory: document.memory })).toContain("'swap'");
});

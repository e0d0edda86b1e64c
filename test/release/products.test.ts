/** The files of a release: the same in every run, what they say they are, and complete. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  FIRST,
  filesBelow,
  NO_ARM64,
  nativeExecutable,
  output,
  readJson,
  SECOND,
  sha256,
} from "./release.ts";

const ROOT = join(import.meta.dirname, "../..");

const TARGETS = [
  { name: "procg-linux-x64", machine: 62 },
  ...(NO_ARM64 === undefined ? [{ name: "procg-linux-arm64", machine: 183 }] : []),
];

test("two runs give the same bytes", () => {
  const names = filesBelow(FIRST);
  expect(filesBelow(SECOND)).toEqual(names);
  const differ = names.filter(
    (name) => !readFileSync(join(FIRST, name)).equals(readFileSync(join(SECOND, name))),
  );
  expect(differ).toEqual([]);
});

test("SHA256SUMS has every file, and sha256sum finds nothing wrong", () => {
  const listed = readFileSync(join(FIRST, "SHA256SUMS"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.replace(/^[0-9a-f]{64} {2}/, ""));
  expect(listed).toEqual(filesBelow(FIRST).filter((name) => name !== "SHA256SUMS"));
  expect(output("sh", "-c", `cd ${FIRST} && sha256sum --check --strict --quiet SHA256SUMS`)).toBe("");
});

describe.each(TARGETS)("$name", ({ name, machine }) => {
  const bytes = readFileSync(join(FIRST, name));

  test("is a static executable for its machine, of at most 1.5 MB", () => {
    expect(bytes.subarray(0, 4).toString("latin1")).toBe("\x7fELF");
    // e_type EXEC, e_machine.
    expect([bytes.readUInt16LE(16), bytes.readUInt16LE(18)]).toEqual([2, machine]);
    const headers = Number(bytes.readBigUInt64LE(32));
    const kinds = Array.from({ length: bytes.readUInt16LE(56) }, (_, i) =>
      bytes.readUInt32LE(headers + i * bytes.readUInt16LE(54)),
    );
    // PT_DYNAMIC, PT_INTERP.
    expect(kinds.filter((kind) => kind === 2 || kind === 3)).toEqual([]);
    expect(bytes.length).toBeLessThanOrEqual(1_500_000);
  });

  test("knows nothing of the place where it was built", () => {
    expect(bytes.includes(ROOT)).toBe(false);
    expect(bytes.includes(".cache/")).toBe(false);
  });
});

test("a man page for every tool, completions for three shells", () => {
  const tools = output(nativeExecutable(), "--list").trim().split("\n");
  const pages = filesBelow(join(FIRST, "man"));
  const names = pages.map((path) => path.replace(/^man\d\/(.*)\.\d$/, "$1"));
  expect(names.sort()).toEqual(["procg", ...tools.map((tool) => `procg-${tool}`)].sort());
  for (const page of pages) {
    expect(readFileSync(join(FIRST, "man", page), "utf8")).toMatch(/^\.TH "[^"]+" "\d" "\d{4}-\d\d-\d\d" /);
  }
  expect(filesBelow(join(FIRST, "completions"))).toEqual(["_procg", "procg.bash", "procg.fish"]);
  expect(output("bash", "-n", join(FIRST, "completions/procg.bash"))).toBe("");
});

interface SpdxPackage {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo?: string;
  readonly licenseDeclared: string;
  readonly downloadLocation: string;
  readonly copyrightText: string;
}

describe("the bill of materials", () => {
  const bill = readJson(join(FIRST, "procg.spdx.json"));
  const packages = bill.packages as readonly SpdxPackage[];
  const find = (name: string) => packages.find((each) => each.name === name);

  test("has the fields that SPDX 2.3 asks for", () => {
    expect(bill).toMatchObject({
      spdxVersion: "SPDX-2.3",
      dataLicense: "CC0-1.0",
      SPDXID: "SPDXRef-DOCUMENT",
      creationInfo: { created: "2026-09-21T14:13:20Z" },
    });
    expect(bill.documentNamespace).toMatch(/^https:\/\/\S+-[0-9a-f]{32}$/);
    for (const each of packages) {
      expect(each.SPDXID).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
      expect(each.downloadLocation).toMatch(/^(https:\/\/|NOASSERTION$)/);
      expect(each.licenseDeclared).not.toBe("NOASSERTION");
    }
  });

  test("names the engine, the C library and the npm packages inside, with versions", () => {
    expect(find("procg")).toMatchObject({ licenseDeclared: "MIT" });
    expect(find("QuickJS")).toMatchObject({
      versionInfo: "2021-03-27",
      licenseDeclared: "MIT",
      copyrightText: "Copyright (c) 2017-2021 Fabrice Bellard\nCopyright (c) 2017-2021 Charlie Gordon",
    });
    expect(find("musl")?.versionInfo).toMatch(/^1\.\d+\.\d+$/);
    const { version } = readJson(join(ROOT, "node_modules/commander/package.json"));
    expect(find("commander")).toMatchObject({ versionInfo: version, licenseDeclared: "MIT" });
    // Build-time only.
    for (const name of ["esbuild", "qjsc", "vitest", "typescript"]) expect(find(name)).toBeUndefined();
  });

  test("its executables are those beside it, and every relationship joins two things of it", () => {
    const files = bill.files as readonly {
      SPDXID: string;
      fileName: string;
      checksums: { algorithm: string; checksumValue: string }[];
    }[];
    expect(files.map(({ fileName }) => fileName)).toEqual(TARGETS.map(({ name }) => `./${name}`));
    for (const { fileName, checksums } of files) {
      const sum = checksums.find(({ algorithm }) => algorithm === "SHA256")?.checksumValue;
      expect(sum).toBe(sha256(readFileSync(join(FIRST, fileName))));
    }
    const ids = new Set([
      "SPDXRef-DOCUMENT",
      ...packages.map((each) => each.SPDXID),
      ...files.map((each) => each.SPDXID),
    ]);
    expect(ids.size).toBe(1 + packages.length + files.length);
    for (const { spdxElementId, relatedSpdxElement } of bill.relationships as readonly {
      spdxElementId: string;
      relatedSpdxElement: string;
    }[]) {
      expect(ids).toContain(spdxElementId);
      expect(ids).toContain(relatedSpdxElement);
    }
  });

  test("the notices of all of them are in copyright", () => {
    const text = readFileSync(join(FIRST, "copyright"), "utf8");
    for (const { name } of packages.filter((each) => each.name !== "procg")) {
      expect(text).toContain(`Comment: Inside usr/bin/procg: ${name}`);
    }
    expect(text).toContain("2017-2021 Fabrice Bellard");
  });
});

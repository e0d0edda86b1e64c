import { describe, expect, test } from "vitest";
import { importsOf, whyNot } from "./fences.mjs";

describe("importsOf", () => {
  test("tells values from types", () => {
    const text = `
      /* import { x } from "commented"; */
      import type { A } from "./a.ts";
      import { type B, type C } from "./b.ts";
      import {
        type D,
        e,
      } from "./d.ts";
      export * from "./f.ts";
      import "./g.ts";
      const h = await import("./h.ts");
    `;
    expect(importsOf(text)).toEqual([
      { name: "./a.ts", typeOnly: true },
      { name: "./b.ts", typeOnly: true },
      { name: "./d.ts", typeOnly: false },
      { name: "./f.ts", typeOnly: false },
      { name: "./g.ts", typeOnly: false },
      { name: "./h.ts", typeOnly: false },
    ]);
  });
});

describe("whyNot", () => {
  test.for([
    ["lib/kernfile/flat_keyed.ts", "../cgroupfs/locate.ts", false],
    ["lib/procfs/stat.ts", "../cgroupfs/locate.ts", false],
    ["lib/cgroupfs/v1/memory_stat.ts", "../../container/memory.ts", true],
    ["lib/container/memory.ts", "../../tools/free/compute.ts", true],
    ["tools/free/compute.ts", "../nproc/compute.ts", false],
    ["tools/free/render.ts", "../../lib/container/memory.ts", false],
    ["tools/free/render.ts", "./collect.ts", false],
    ["tools/free/collect.ts", "../../lib/system/node/node_system.ts", false],
    ["tools/free/collect.ts", "node:fs", false],
    ["tools/free/collect.ts", "fs", false],
    ["tools/free/collect.ts", "qjs:sys", false],
    ["tools/free/collect.ts", "lodash", false],
    ["tools/free/collect.ts", "../../test/fixtures/captures.ts", false],
  ] as const)("%s must not import %s", ([file, name, typeOnly]) => {
    expect(whyNot(file, name, typeOnly)).toEqual(expect.any(String));
  });

  test.for([
    ["lib/cgroupfs/locate.ts", "../procfs/mountinfo.ts", false],
    ["lib/container/memory.ts", "../cgroupfs/locate.ts", false],
    ["lib/units/bytes.ts", "../system/system.ts", true],
    ["tools/free/render.ts", "../../lib/units/human.ts", false],
    ["tools/free/render.ts", "./model.ts", true],
    ["tools/free/tool.test.ts", "../../lib/system/node/node_system.ts", false],
    ["lib/system/node/node_system.ts", "node:fs", false],
    ["lib/system/quickjs/quickjs_system.ts", "qjs:sys", false],
    ["tools/top/screen.ts", "blessed", false],
  ] as const)("%s may import %s", ([file, name, typeOnly]) => {
    expect(whyNot(file, name, typeOnly)).toBeNull();
  });
});

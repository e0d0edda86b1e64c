import { expect, test } from "vitest";
import { explainFigures } from "./explain.ts";

test("a cgroup's name cannot paint the screen", () => {
  const term = { path: "/sys/fs/cgroup/a\u001b[2Jb\n", key: null, value: 1, missing: null };
  const text = explainFigures("h", [["limit", { value: 1, formula: "f", from: [term] }]]);
  expect(text).toBe("h\nlimit = 1\n    f\n    /sys/fs/cgroup/a?[2Jb?: 1\n");
});

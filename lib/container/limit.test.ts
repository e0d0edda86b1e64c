import { expect, test } from "vitest";
import type { Limit } from "../kernfile/limit.ts";
import { type LimitCandidate, minimumLimit } from "./limit.ts";

const candidate = (value: Limit | null, path = "f"): LimitCandidate => ({
  value,
  term: { path, key: null, value, missing: value === null ? "absent (ENOENT)" : null },
});
const refused: LimitCandidate = {
  value: null,
  term: { path: "f", key: null, value: null, missing: "Permission denied" },
  unread: true,
};

test.each([
  ["number, complete: exact", [candidate(5), candidate("max")], true, null, 5, true],
  ["number, incomplete: an upper bound", [candidate(5)], false, null, 5, false],
  ["max, complete: no limit", [candidate("max"), candidate("max")], true, null, "max", true],
  ["max, incomplete: none in what is visible", [candidate("max")], false, null, "max", false],
  ["nothing read: unknown", [candidate(null), candidate(null)], false, null, null, false],
  ["no directory at all: unknown", [], false, null, null, false],
  ["nothing there up to the real root: no limit", [candidate(null)], true, null, "max", true],
  ["a directory without the file adds nothing", [candidate(null), candidate(7)], true, null, 7, true],
  ["trap 16: a parent is tighter", [candidate(256), candidate(160), candidate("max")], true, null, 160, true],
  [
    "0 is a limit, not the absence of one",
    [candidate("max"), candidate(0), candidate(3)],
    true,
    null,
    0,
    true,
  ],
  ["a hidden parent's limit from the registration", [candidate(256)], false, candidate(160), 160, true],
  ["the host says that nothing hidden limits", [candidate(256)], false, candidate("max"), 256, true],
  ["visible max, hidden max: told", [candidate("max")], false, candidate("max"), "max", true],
  ["the host does not know either", [candidate(256)], false, candidate(null), 256, false],
  ["nothing visible, a hidden limit: an upper bound", [], false, candidate(160), 160, false],
  ["nothing visible, hidden max: still unknown", [candidate(null)], false, candidate("max"), null, false],
  ["a file that is refused: an upper bound", [refused, candidate(9)], true, null, 9, false],
  [
    "a file that is refused, the others max: unknown, not 'no limit'",
    [refused, candidate("max")],
    true,
    null,
    null,
    false,
  ],
  ["only a refused file up to the real root: unknown, not 'no limit'", [refused], true, null, null, false],
  ["refused, and a hidden limit: an upper bound", [refused], false, candidate(160), 160, false],
] as const)("%s", (_name, candidates, complete, hidden, value, isComplete) => {
  expect(minimumLimit(candidates, complete, hidden, "f")).toMatchObject({ value, complete: isComplete });
});

test("source: the file that gave the value", () => {
  const own = candidate(256, "/a/memory.max");
  const parent = candidate(160, "/memory.max");
  expect(minimumLimit([own, parent], true, null, "f").source).toBe("/memory.max");
  expect(minimumLimit([own], true, candidate(1), "f").source).toBe("registration");
  expect(minimumLimit([candidate("max")], true, null, "f").source).toBeNull();
  expect(minimumLimit([], false, null, "f").source).toBeNull();
});

test("every input is among the terms", () => {
  expect(minimumLimit([candidate(1), candidate(null)], true, candidate(2), "f").from).toHaveLength(3);
});

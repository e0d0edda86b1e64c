import { expect, test } from "vitest";
import { isLoss } from "./score.ts";

test.each([
  ["both right", [100, 105], 103, false],
  ["a peer right, ours wrong", [100, 500], 150, true],
  ["both wrong, a peer nearer", [130, 500], 190, true],
  ["both wrong, ours nearer", [190, null], 130, false],
  ["ours has no figure, a peer is right", [104, null], null, true],
  ["ours has no figure, the peers are wrong", [150, null], null, false],
  ["the peers have none", [null, null], 500, false],
  ["nobody has one", [null], null, false],
])("a loss: %s", (_name, lxcfs, ours, wanted) => {
  expect(isLoss({ what: "", truth: 100, lxcfs, ours, tolerance: 10 })).toBe(wanted);
});

import { expect, test } from "vitest";
import { type Averages, advance, loadValue, ZERO_AVERAGES } from "../../../lib/loadavg/fixed_point.ts";
import { fit } from "./fit.ts";

/** Three threads for ever, steps at `phase`, `phase` + 5, ... */
function theory(at: number, phase: number): Averages {
  let loads = ZERO_AVERAGES;
  for (let tick = phase; tick <= at; tick += 5) loads = advance(loads, 3, 1, "ceil");
  return loads;
}
const seenWith = (phase: number, wrong = 0) =>
  [7, 14, 21, 28, 35, 42].map((at) => ({
    at,
    loads: theory(at, phase).map((load) => loadValue(load) + wrong),
  }));

test("a keeper whose steps fall on other seconds is not wrong for that", () => {
  expect(fit(seenWith(2.35), theory).mean).toEqual([0, 0, 0]);
});

test("one that counts too much is wrong on any second", () => {
  const { mean, largest } = fit(seenWith(2.35, 0.5), theory);
  expect(mean[2]).toBeGreaterThan(0.4);
  expect(largest[2]).toBeGreaterThan(0.4);
});

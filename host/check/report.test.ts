/** A baseline against a report: what moves by itself is no difference. */
import { expect, test } from "vitest";
import { type CheckReport, compareReports, type Finding, parseReport } from "./report.ts";

const finding = (id: string, value: string | null): Finding => ({ id, value, status: "ok", text: "" });
const report = (...findings: readonly Finding[]): CheckReport => ({
  schema: "procg.host-check/v1",
  host: "h",
  checkedAt: "",
  findings,
});

test("changed, new and gone; figures of the moment are left out", () => {
  const before = report(
    finding("a", "1"),
    finding("gone", "x"),
    finding("same", null),
    finding("threads.used", "5"),
  );
  const now = report(
    finding("a", "2"),
    finding("new", "y"),
    finding("same", null),
    finding("threads.used", "9"),
  );
  expect(compareReports(before, now)).toEqual([
    { id: "a", before: "1", now: "2" },
    { id: "new", before: null, now: "y" },
    { id: "gone", before: "x", now: null },
  ]);
  expect(compareReports(now, now)).toEqual([]);
});

test("what is no report is refused", () => {
  expect(parseReport(JSON.stringify(report(finding("a", "1"))))?.findings.length).toBe(1);
  for (const text of ["", "{}", "[]", "null", '{"schema":"procg.host-check/v1"}'])
    expect(parseReport(text)).toBe(null);
});

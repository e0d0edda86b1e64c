import { expect, test } from "vitest";
import { uptimePretty, uptimeText } from "./uptime_text.ts";

const HOUR = 3600;
const DAY = 86400;

test("after up: minutes, hours, days", () => {
  const table: [number, string][] = [
    [0, "0 min"],
    [59.99, "0 min"],
    [60, "1 min"],
    [19 * 60, "19 min"],
    [HOUR, " 1:00"],
    [HOUR + 300, " 1:05"],
    [DAY - 1, "23:59"],
    [DAY, "1 day, 0 min"],
    [DAY + HOUR, "1 day,  1:00"],
    [2 * DAY + 12 * HOUR, "2 days, 12:00"],
    [1000 * DAY + 60, "1000 days, 1 min"],
  ];
  for (const [seconds, text] of table) expect(uptimeText(seconds)).toBe(text);
});

test("-p: right at full units, plural by grammar, minutes stay", () => {
  const table: [number, string][] = [
    [0, "0 minutes"],
    [59, "0 minutes"],
    [60, "1 minute"],
    [120, "2 minutes"],
    [HOUR, "1 hour, 0 minutes"],
    [HOUR + 60, "1 hour, 1 minute"],
    [DAY, "1 day, 0 minutes"],
    [7 * DAY, "1 week, 0 minutes"],
    [365 * DAY, "1 year, 0 minutes"],
    [3650 * DAY, "1 decade, 0 minutes"],
    [
      3650 * DAY + 2 * 365 * DAY + 14 * DAY + DAY + 2 * HOUR + 60,
      "1 decade, 2 years, 2 weeks, 1 day, 2 hours, 1 minute",
    ],
  ];
  for (const [seconds, text] of table) expect(uptimePretty(seconds)).toBe(text);
});

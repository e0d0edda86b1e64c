/** The table: tsar's layout, to the character (alibaba/tsar, measured). */
import { expect, test } from "vitest";
import type { Module, RawValue } from "../../lib/sampler/module.ts";
import { MODULES } from "../../lib/sampler/modules.ts";
import { utcTime } from "../../lib/system/testing/memory_system.ts";
import { checkLine, makeCsv } from "./formats.ts";
import { chartText } from "./plot.ts";
import type { Block, Row } from "./row.ts";
import { makeSummariser } from "./summary.ts";
import { formatValue, makeTable } from "./table.ts";

const OPTIONS = { detail: false, seconds: false, paint: null, localTime: utcTime };

function block(name: string, item: string, values: readonly RawValue[]): Block {
  const module = MODULES.find((one) => one.name === name) as Module;
  return { module, item, columns: module.columns.filter((one) => one.show !== "hidden"), values };
}

const TIME = Date.UTC(2026, 10, 20, 4, 10);

test("header, row and separators as tsar prints them", () => {
  const row: Row = {
    realtimeMs: TIME,
    blocks: [
      block("cpu", "", [11.06, 8, 7.84, 12.61, 12.71, 65.22]),
      block("traffic", "", [75.4 * 1024, 37.7 * 1024, 77, 38, 0, 0]),
    ],
  };
  expect(makeTable(OPTIONS).row(row).split("\n")).toEqual([
    "Time           -----------------------cpu---------------------- ---------------------traffic--------------------",
    "Time             user     sys    wait    hirq    sirq    util    bytin  bytout   pktin  pktout  pkterr  pktdrp",
    "20/11/26-04:10  11.06    8.00    7.84   12.61   12.71   65.22    75.4K   37.7K   77.00   38.00    0.00    0.00",
    "",
  ]);
});

test("a title per item, long names cut; a header every 20 rows and when the items change", () => {
  const table = makeTable({ ...OPTIONS, seconds: true });
  const rows = (item: string, count: number): string =>
    Array.from({ length: count }, () =>
      table.row({
        realtimeMs: TIME,
        blocks: [block("pids", "", [1, null, null]), block("pernic", item, [1, 2, 3, 4])],
      }),
    ).join("");
  const text = rows("eth0", 21);
  expect(text.match(/^Time .*--eth0--/gm)).toHaveLength(2);
  expect(text.split("\n")[2]).toBe(
    "20/11/26-04:10:00   1.00  ------  ------     1.00    2.00    3.00    4.00",
  );
  expect(rows("docker0-with-a-name-that-is-far-too-long", 1)).toMatch(
    /^\nTime +-+pids-+ docker0-with-a-name-that-is-far- *\n/,
  );
});

test("names of others, mount points too, are text and nothing else", () => {
  const name = 'x\x1b[31m\n= y,"q';
  const row: Row = { realtimeMs: TIME, blocks: [block("pernic", name, [1, 2, 3, 4])] };
  const [first = "", ...rest] = makeTable(OPTIONS).row(row).split("\n");
  expect(first).toContain('x?[31m?= y,"q');
  expect(rest).toHaveLength(3);
  const csv = makeCsv(utcTime)(row).split("\n");
  expect(csv).toHaveLength(3);
  expect(csv[0]).toContain('"pernic.x?[31m?= y,""q.');
  const check = checkLine("host", row);
  expect(check).toMatch(/^host\ttsar\tpernic:x\?\[31m\?__y,"q:\w+=1\.0 /);
  expect(check.split("\n")).toHaveLength(2);
  expect(chartText({ title: name, values: [1] }, 10, "", "").split("\n")[0]).toBe('x?[31m?= y,"q');
});

test.for<[RawValue, string]>([
  [null, "------"],
  [0, "  0.00"],
  [999.8, "999.80"],
  [999.9, "  1.0K"],
  [1024 * 999, "999.0K"],
  [1024 ** 2, "  1.0M"],
  [1.5 * 1024 ** 3, "  1.5G"],
  [5000 * 1024 ** 4, "5000.0T"],
  [-3, " -3.00"],
])("%s is %s", ([value, text]) => {
  expect(formatValue(value, false)).toBe(text);
});

test("without K, M, G", () => {
  expect(formatValue(2048, true)).toBe("2048.00");
});

test("MAX, MEAN and MIN take every row, and leave unknown values out", () => {
  const summariser = makeSummariser();
  const load = (value: RawValue): Row => ({
    realtimeMs: TIME,
    blocks: [block("load", "", [value, 0, 0, 0, 0])],
  });
  for (const value of [0.05, 0.09, null, 0.01, 0.13]) summariser.add(load(value));
  const summary = summariser.end();
  const first = (row: Row | undefined): RawValue | undefined => row?.blocks[0]?.values[0];
  // Upstream: MAX 0.05, MIN 0.05, and a MEAN without the first row.
  expect(first(summary?.max)).toBe(0.13);
  expect(first(summary?.min)).toBe(0.01);
  expect(first(summary?.mean)).toBeCloseTo(0.07);
  expect(first(summary?.p95)).toBe(0.13);
  expect(makeSummariser().end()).toBeNull();
});

test("two decimals are those of toFixed, near the middle too", () => {
  const values = [0.004, 0.005, 0.015, 1.005, 1.115, 2.675, 8.345, 99.995, 999.894, 1e-9, 0.994999, 0.995];
  for (let i = 1; i < 20_000; i++)
    values.push((i * 7919) / 160_000, i / 200 + 1e-12, i / 200 - 1e-12, i / 200);
  const wrong = values.filter(
    (value) => value < 999.9 && formatValue(value, false) !== value.toFixed(2).padStart(6),
  );
  expect(wrong).toEqual([]);
  expect(formatValue(1.115, true)).toBe("  1.11");
});

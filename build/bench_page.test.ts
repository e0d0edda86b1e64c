import { expect, test } from "vitest";
import { type BenchRow, pageOf } from "./bench_page.mjs";

const row = (what: string, isLoss: boolean | null, table = ""): BenchRow => ({
  table,
  columns: ["what", "ours"],
  cells: [what, "1 ms"],
  isLoss,
});

test("a page has the conditions, each bench in its order, a mark on each loss, and counts them", () => {
  const page = pageOf(
    [["kernel", "6.1"]],
    [
      { name: "zebra", status: 1, rows: [] },
      {
        name: "lxcfs",
        status: 0,
        rows: [{ note: "lxcfs 5." }, row("used", false, "Memory"), row("total", true, "Memory")],
      },
      { name: "start", status: 0, rows: [row("free | wall", true), row("size", null)] },
    ],
  );
  expect(page).toContain("| kernel | 6.1 |");
  expect(page).toContain("4 rows; 3 of them compare with a peer, which is better in 2.");
  expect(page).toContain("| free \\| wall | 1 ms | **loss** |\n| size | 1 ms |  |");
  expect(page).toContain(
    "lxcfs 5.\n\n### Memory\n\n| what | ours |  |\n|---|---|---|\n| used | 1 ms |  |\n| total | 1 ms | **loss** |",
  );
  expect(page).toContain("## zebra\n\nNo rows: it ended with status 1.");
  const titles = [...page.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
  expect(titles).toEqual([expect.stringContaining("Start-up"), expect.stringContaining("lxcfs"), "zebra"]);
});

test("what runs apart keeps its part of the page, or replaces it alone", () => {
  const where = [["kernel", "6.1"]] as const;
  const of = (name: string, what: string) => ({ name, status: 0, rows: [row(what, true, "Table")] });
  const first = pageOf(where, [of("start", "one"), of("lxcfs-v2", "guest")]);
  expect(first).toContain("1 rows; 1 of them compare");
  const again = pageOf([["kernel", "6.12"]], [of("start", "two"), of("zebra", "z")], first);
  expect(again).toContain("| guest | 1 ms |");
  expect(again).toContain("| two | 1 ms |");
  expect(again).not.toContain("| one | 1 ms |");
  expect(again.indexOf("| guest |")).toBeLessThan(again.indexOf("## zebra"));
  const alone = pageOf([["kernel", "other"]], [of("lxcfs-v2", "$& new")], again);
  expect(alone).toBe(again.replace("| guest |", () => "| $& new |"));
  const empty = pageOf([["kernel", "other"]], [{ name: "lxcfs-v2", status: 1, rows: [] }], again);
  expect(empty).toBe(again);
  const added = pageOf(where, [of("lxcfs-v2", "guest")], pageOf(where, [of("start", "one")]));
  expect(added).toBe(first);
});

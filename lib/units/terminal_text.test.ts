import { expect, test } from "vitest";
import { cutToColumns, fitColumns, safeText, textColumns } from "./terminal_text.ts";

test("what could paint the screen becomes a question mark", () => {
  expect(safeText("plain text-1")).toBe("plain text-1");
  expect(safeText("\x1b[31mred\x07\r\n\t\x7f")).toBe("?[31mred?????");
  expect(safeText("\u009b2J \u202eabc\u2066")).toBe("?2J ?abc?");
  expect(safeText("\ud83d \udc00")).not.toMatch(/[\ud800-\udfff]/);
  expect(safeText("\x1b]0;title\x07".repeat(700)).length).toBe(7000);
});

test("UTF-8 stays, or does not where the locale has none", () => {
  expect(safeText("naïve 日本 👍")).toBe("naïve 日本 👍");
  expect(safeText("naïve 日本 👍", false)).toBe("na?ve ?? ?");
});

test("columns", () => {
  expect(textColumns("abc")).toBe(3);
  expect(textColumns("日本")).toBe(4);
  expect(textColumns("e\u0301")).toBe(1);
  expect(textColumns("👍")).toBe(2);
  expect(cutToColumns("日本語", 5)).toBe("日本");
  expect(cutToColumns("abcdef", 3)).toBe("abc");
});

test("cut text ends in +", () => {
  expect(fitColumns("process_api", 10)).toBe("process_a+");
  expect(fitColumns("abc", 5)).toBe("abc  ");
  expect(fitColumns("abc", 5, true)).toBe("  abc");
  expect(fitColumns("日本語", 5)).toBe("日本+");
  expect(fitColumns("日本語", 4)).toBe("日 +");
  expect(textColumns(fitColumns("日本語日本語", 7))).toBe(7);
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FIELDS, fieldIndex } from "./render_fields.ts";
import { parseToprc, toprcText } from "./toprc.ts";
import { defaultSettings, shownFields } from "./windows.ts";

const names = (indexes: readonly number[]): string[] => indexes.map((index) => FIELDS[index]?.name ?? "?");
const PROCPS = readFileSync(join(import.meta.dirname, "../../test/tmux/toprc.procps"), "utf8");

test("what W writes is read again", () => {
  const settings = defaultSettings();
  settings.delaySeconds = 0.7;
  settings.taskScale = 2;
  const [first] = settings.windows;
  if (first !== undefined) {
    first.name = "abc";
    first.forest = true;
    first.sortField = fieldIndex("VIRT");
    // What is hidden stands behind what is shown.
    first.shown = first.shown.map((shown, i) => (i === 11 ? false : shown));
  }
  const again = parseToprc(toprcText(settings), "toprc");
  expect(again).toEqual({ ...settings, threads: false });
  expect(names(shownFields(again.windows[0] as never)).includes("COMMAND")).toBe(false);
});

test("procps' file: fields in their order, switches, scales", () => {
  const settings = parseToprc(PROCPS, "toprc");
  expect(names(shownFields(settings.windows[0] as never))).toEqual(["PID", "TIME+", "COMMAND"]);
  expect(settings).toMatchObject({
    many: false,
    irix: true,
    delaySeconds: 3,
    summaryScale: 1,
    taskScale: 0,
    zeros: true,
  });
  expect(settings.windows[0]).toMatchObject({
    highToLow: true,
    showLoad: true,
    cpuSummary: true,
    idle: true,
  });
});

test("procps' j and J: texts on the right, numbers on the left", () => {
  expect(parseToprc(PROCPS, "toprc").windows[0]).toMatchObject({ rightNumbers: true, leftTexts: true });
  const turned = PROCPS.replace(/winflags=\d+/, "winflags=324916");
  expect(parseToprc(turned, "toprc").windows[0]).toMatchObject({ rightNumbers: false, leftTexts: false });
});

test.each([
  [
    "",
    "{}",
    "{",
    '{"schema":"other"}',
    "top's Config File\nnonsense",
    "Id:k, Mode_altscr=0\nDef\tfieldscur=",
  ],
])("a file of which nothing can be made is an error, never a crash", (...texts) => {
  for (const text of texts)
    expect(() => parseToprc(text, "/x/toprc")).toThrow(/incompatible rcfile, you should delete '\/x\/toprc'/);
});

test("every beginning of both files parses or is refused", () => {
  for (const text of [PROCPS, toprcText(defaultSettings())]) {
    for (let length = 0; length < text.length; length += 7) {
      try {
        const settings = parseToprc(text.slice(0, length), "toprc");
        expect(settings.windows.length).toBe(4);
      } catch (error) {
        expect(String(error)).toContain("incompatible rcfile");
      }
    }
  }
});

test("values of the wrong type, or out of range, keep their defaults", () => {
  const settings = parseToprc(
    '{"schema":"procg.toprc/v1","delaySeconds":"x","current":9,"taskScale":-1,"windows":[{"name":"\\u001b[2J","maxTasks":null,"fields":["PID","NOPE"]}]}',
    "toprc",
  );
  expect(settings).toMatchObject({ delaySeconds: 3, current: 0, taskScale: 0 });
  expect(settings.windows[0]?.name).toBe("?[2");
  expect(names(shownFields(settings.windows[0] as never))).toEqual(["PID"]);
});

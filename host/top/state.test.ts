/** Keys of the interactive `procg host top`, and the ranking that they change. */
import { describe, expect, test } from "vitest";
import type { ContainerRow } from "../list/rows.ts";
import { paintList } from "./paint.ts";
import { newState, pressKey, shownRows, type TopState } from "./state.ts";

function row(name: string, figures: Partial<ContainerRow> = {}): ContainerRow {
  return {
    ...{ id: `${name}-id`, name, image: "image:1", uuid: null, state: "running" },
    ...{ cpuCores: null, cpuCapacityCores: 2, throttledRatio: null, memoryWorkingSetBytes: null },
    ...{ memoryLimitBytes: null, load1: null, load5: null, load15: null, loadSource: null },
    ...{ activeThreads: null, pids: null, pidsLimit: null, oomKills: null },
    ...{ registeredBy: null, registeredAt: null, problems: [] },
    ...figures,
  };
}

function open(...rows: readonly ContainerRow[]): TopState {
  return Object.assign(newState("cpu", 3), { rows });
}

const press = (state: TopState, ...names: readonly string[]) =>
  names.map((name) => pressKey(state, { char: name.length === 1 ? name : "", name })).at(-1);
const names = (state: TopState): string =>
  shownRows(state)
    .map((each) => each.name)
    .join(" ");

describe("ranking", () => {
  const state = open(row("a", { cpuCores: 0, load1: 3 }), row("b"), row("c", { cpuCores: 1, load1: 0 }));

  test("the largest first, what is not known last whichever way; equals by name", () => {
    expect(names(state)).toBe("c a b");
    press(state, "r");
    expect(names(state)).toBe("a c b");
    press(state, "l");
    expect(names(state)).toBe("c a b");
    press(state, "r", "P");
    expect(names(state)).toBe("a b c");
    press(state, "<");
    expect(state.sort).toBe("threads");
    press(state, "<", "<", "<", "<", "<", "<");
    expect(state.sort).toBe("name");
  });
});

describe("selection", () => {
  test("follows the container, not the place; stays within the list", () => {
    const state = open(row("a", { cpuCores: 1 }), row("b", { cpuCores: 2 }), row("c", { cpuCores: 3 }));
    press(state, "down");
    expect(state.selected).toBe("c-id");
    press(state, "down");
    press(state, "N", "up");
    expect(state.selected).toBe("a-id");
    press(state, "pageup", "pagedown", "end", "down");
    expect(state.selected).toBe("c-id");
    press(state, "escape");
    expect(state.selected).toBeNull();
    press(state, "end");
    expect(state.selected).toBe("c-id");
    expect(press(state, "enter")).toBe("look");
    expect(state.view).toBe("detail");
    press(state, "escape");
    expect(state.view).toBe("list");
  });

  test("nothing to select: no error", () => {
    const state = open();
    press(state, "down", "end", "enter");
    expect([state.selected, state.view]).toEqual([null, "list"]);
  });

  test("the sum: what is not known is not 0", () => {
    const sums = (...rows: readonly ContainerRow[]) =>
      paintList(open(...rows), { cpus: 2, memoryBytes: 1 << 30 }, "", 120, 7, false)[1]?.spans[0]?.text;
    expect(sums(row("a", { cpuCores: 0.5, pids: 3 }), row("b", { cpuCores: 0.25 }))).toBe(
      "all together: CPU 0.75 of 2, memory - of 1.0G, - threads active, 3+ pids, - OOM kills",
    );
    expect(sums()).toBe(
      "all together: CPU 0.00 of 2, memory 0B of 1.0G, 0 threads active, 0 pids, 0 OOM kills",
    );
  });

  test("the selected row is scrolled into sight", () => {
    const state = open(...[..."abcdefgh"].map((name) => row(name)));
    state.sort = "name";
    const painted = () =>
      paintList(state, { cpus: 2, memoryBytes: null }, "", 80, 7, false)
        .slice(4)
        .map((line) => line.spans[0]?.text.charAt(0))
        .join("");
    expect(painted()).toBe("abc");
    press(state, "end");
    expect(painted()).toBe("fgh");
    press(state, "up", "up", "up");
    expect(painted()).toBe("efg");
    // What is gone below leaves no hole.
    state.rows = state.rows.slice(0, 4);
    expect(painted()).toBe("bcd");
  });
});

describe("prompts", () => {
  test("the filter shows while it is typed; Esc puts the one before back", () => {
    const state = open(row("web"), row("db", { image: "web/db" }), row("x"));
    press(state, "/", "w", "E");
    expect(names(state)).toBe("db web");
    press(state, "enter", "/", "b", "backspace", "b", "escape");
    expect([state.filter, state.prompt]).toEqual(["wE", null]);
    press(state, "=");
    expect(names(state)).toBe("db web x");
  });

  test("letters that are typed rank nothing; what is typed cannot move the cursor", () => {
    const state = open(row("a"));
    press(state, "/", "q", "N", "\x9b");
    expect([state.sort, state.filter]).toEqual(["cpu", "qN?"]);
    expect(press(state, "C-c")).toBe("quit");
  });

  test.each([
    ["0.5", 0.5, null],
    ["0", 3, "not a number of seconds: '0'"],
    ["1e9", 3, "not a number of seconds: '1e9'"],
    ["", 3, null],
  ])("delay %j", (text, seconds, message) => {
    const state = open();
    press(state, "d", ...text, "enter");
    expect([state.delaySeconds, state.message]).toEqual([seconds, message]);
  });
});

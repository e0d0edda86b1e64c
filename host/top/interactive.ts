/** `procg host top` on a terminal: looks on a timer, keys in between, and the terminal as it was in the end. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { cpuOnline } from "../../lib/procfs/cpu_lists.ts";
import { meminfo } from "../../lib/procfs/meminfo.ts";
import { openScreen, type StyledLine } from "../../lib/screen/screen.ts";
import { errnoText } from "../../lib/system/errno.ts";
import type { TerminalHost } from "../../lib/system/terminal_host.ts";
import { textColumns } from "../../lib/units/terminal_text.ts";
import type { Companion } from "../companion.ts";
import type { ContainerFacts } from "../engine/engine.ts";
import { openRowReader } from "../list/collect.ts";
import { openHostContainers, readHostDocument } from "../metric/host_container.ts";
import { openInsideReader } from "../metric/inside.ts";
import { detailLines } from "./detail.ts";
import { HEAD_LINES, paintDetail, paintHelp, paintList, promptText } from "./paint.ts";
import type { ContainerSource } from "./source.ts";
import { pressKey, shownRows, type TopState } from "./state.ts";

/** The second look comes soon: only then there are rates. */
const FIRST_SECONDS = 0.3;
const INTERVAL_LEAST_SECONDS = 0.1;

const SIGHUP = 1;
const SIGINT = 2;
const SIGQUIT = 3;
const SIGTERM = 15;

export async function runInteractive(
  context: ToolContext,
  { access }: Companion,
  terminal: TerminalHost,
  source: ContainerSource,
  state: TopState,
  count: number,
): Promise<number> {
  const { system } = context;
  const reader = openRowReader(system, access);
  const insides = openInsideReader(system, access);
  const monochrome = (system.env("NO_COLOR") ?? "") !== "" || /^vt\d|mono|-m$/.test(system.env("TERM") ?? "");
  const host = {
    cpus: attempt(system, "/sys/devices/system/cpu", cpuOnline).value?.length ?? 0,
    memoryBytes: attempt(system, "/proc", meminfo).value?.memTotalBytes ?? null,
  };
  let containers: readonly ContainerFacts[] = [];
  let detail: { readonly id: string; readonly lines: readonly string[] } | null = null;

  return new Promise<number>((resolve, reject) => {
    let timer = -1;
    let looks = 0;
    let ended = false;
    let isLooking = false;
    let again = false;

    const opened = openScreen(system, terminal, {
      key: (key) => act(pressKey(state, key)),
      mouse: ({ kind, y }) => {
        if (kind !== "press") act(pressKey(state, { char: "", name: kind }));
        else if (state.view === "list" && y >= HEAD_LINES) {
          state.selected = shownRows(state)[state.begin + y - HEAD_LINES]?.id ?? state.selected;
          paint();
        }
      },
      resize: () => paint(),
      end: () => end(),
    });
    if (typeof opened === "number") throw new ToolError(`failed tty get: ${errnoText(opened)}`);
    const screen = opened;
    for (const signal of [SIGHUP, SIGINT, SIGQUIT, SIGTERM]) terminal.watchSignal(signal, () => end());

    function act(action: ReturnType<typeof pressKey>): void {
      if (action === "quit") end();
      else if (action === "suspend") screen.suspend();
      else if (action === "look") look();
      if (!ended) paint();
    }

    function end(): void {
      if (ended) return;
      ended = true;
      terminal.removeTimer(timer);
      screen.close();
      source.close();
      resolve(0);
    }

    function schedule(seconds: number): void {
      terminal.removeTimer(timer);
      timer = terminal.addTimer(system.monotonicSeconds() + Math.max(INTERVAL_LEAST_SECONDS, seconds), () =>
        look(),
      );
    }

    /** One at a time: a container that hangs takes its deadline, and keys are read meanwhile. */
    function look(): void {
      if (isLooking) {
        again = true;
        return;
      }
      if (looks > count) {
        end();
        return;
      }
      isLooking = true;
      readAll().then(
        () => {
          isLooking = false;
          if (ended) return;
          looks++;
          paint();
          schedule(again ? 0 : looks === 1 ? FIRST_SECONDS : state.delaySeconds);
          again = false;
        },
        (error) => {
          if (ended) return;
          ended = true;
          screen.close();
          source.close();
          reject(error);
        },
      );
    }

    async function readAll(): Promise<void> {
      containers = await source.list();
      state.rows = await reader.read(containers);
      const problem = source.problem();
      if (problem !== null) state.message = problem;
      if (state.selected !== null && !state.rows.some((row) => row.id === state.selected)) {
        state.selected = null;
        if (state.view === "detail") {
          state.view = "list";
          state.message = "the container has ended";
        }
      }
      if (state.view === "detail") await readDetail();
    }

    async function readDetail(): Promise<void> {
      const id = state.selected;
      const one = openHostContainers(
        system,
        containers.filter((facts) => facts.id === id),
      );
      const [inside] = await insides.read(one, true);
      const [each] = one;
      if (each === undefined || id === null) return;
      const row = state.rows.find((found) => found.id === id) ?? null;
      const { document } = readHostDocument(each, null, null, 1, inside);
      const registered = { ...document.container, registeredAt: row?.registeredAt ?? null };
      detail = { id, lines: detailLines({ ...document, container: registered }, row) };
    }

    function paint(): void {
      if (ended) return;
      const { columns, rows } = screen;
      let lines: StyledLine[];
      if (state.view === "help") lines = paintHelp();
      else if (state.view === "detail")
        lines = paintDetail(state, detail?.id === state.selected ? detail.lines : null, columns, rows);
      else {
        const time = new Date(system.realtimeSeconds() * 1000).toISOString().slice(11, 19);
        lines = paintList(state, host, time, columns, rows, monochrome);
      }
      const at = textColumns(promptText(state));
      screen.draw(lines.slice(0, rows), state.prompt === null ? null : [Math.min(columns - 1, at), 2]);
    }

    look();
    paint();
  });
}

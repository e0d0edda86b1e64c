/** top on a terminal: looks on a timer, keys in between, and the terminal as it was in the end. */
import { type ToolContext, ToolError } from "../../lib/cli/tool.ts";
import type { Container } from "../../lib/container/container.ts";
import type { StyledLine } from "../../lib/screen/screen.ts";
import { terminalKind } from "../../lib/screen/terminal_kind.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { openTerminalHost } from "../../lib/system/terminal_host.ts";
import { runBatch } from "./batch.ts";
import { type FrameOptions, firstInterval, isUtf8, openFrames } from "./frames.ts";
import type { TopOptions } from "./options.ts";
import { currentWindow, newWindowState, type Session } from "./session.ts";
import type { TopSettings } from "./windows.ts";

const HISTORY_MOST = 60;

/** At most this often, whatever is asked for: a delay of 0 must not take a CPU. */
const INTERVAL_LEAST = 0.05;

const SIGHUP = 1;
const SIGINT = 2;
const SIGQUIT = 3;
const SIGTERM = 15;

export async function runInteractive(
  context: ToolContext,
  container: Container,
  options: TopOptions,
  settings: TopSettings,
): Promise<number> {
  const { system } = context;
  const kind = terminalKind(system);
  if (kind === "unknown") {
    const name = system.env("TERM") ?? "";
    throw new ToolError(
      name === ""
        ? "TERM environment variable not set"
        : `'${name.replace(/[^ -~]/g, "?")}': unknown terminal type`,
    );
  }
  const host = await openTerminalHost(system);
  if (host === null) throw new ToolError("failed tty get");
  // Nothing can be painted there: frame after frame, as long as the screen is.
  if (kind === "plain" || !system.isTerminal(1)) return runPlain(context, container, options, settings);
  const [{ openScreen }, { onKey, onMouse }, { paintTasks }, pages] = await Promise.all([
    import("../../lib/screen/screen.ts"),
    import("./keys.ts"),
    import("./paint.ts"),
    import("./pages.ts"),
  ]);

  return new Promise<number>((resolve) => {
    let timer: number | null = null;
    let frames = 0;
    let ended = false;
    let painted: readonly StyledLine[] = [];

    const session: Session = {
      system,
      host,
      frames: openFrames(container, isUtf8(system)),
      settings,
      secure: options.secure,
      pids: options.pids,
      utf8: isUtf8(system),
      monochrome: (system.env("NO_COLOR") ?? "") !== "" || /^vt\d|mono|-m$/.test(system.env("TERM") ?? ""),
      states: settings.windows.map((_, i) => newWindowState(i === settings.current ? options.user : null)),
      frame: null,
      view: { kind: "tasks" },
      prompt: null,
      message: null,
      log: [],
      bottom: null,
      selected: null,
      columns: 80,
      rows: 24,
      hits: { headers: new Map(), tasks: new Map() },
      cpuHistory: [],
      memoryHistory: [],
      cgroupHistory: null,
      answers: [],
      refresh: (fresh) => {
        look();
        if (fresh) schedule(firstInterval(container));
      },
      repaint: () => paint(),
      quit: () => end(0),
      suspend: () => {
        screen.suspend();
        paint();
      },
    };

    const opened = openScreen(system, host, {
      key: (key) => {
        onKey(session, key);
        paint();
        endAfterLast();
      },
      mouse: (event) => {
        onMouse(session, event);
        paint();
      },
      resize: () => paint(),
      end: () => end(0),
    });
    if (typeof opened === "number") throw new ToolError(`failed tty get: ${errnoText(opened)}`);
    const screen = opened;
    for (const signal of [SIGHUP, SIGINT, SIGQUIT, SIGTERM]) host.watchSignal(signal, () => end(0));

    function end(code: number): void {
      if (ended) return;
      ended = true;
      if (timer !== null) host?.removeTimer(timer);
      screen.close();
      resolve(code);
    }

    /** With the last frame that was asked for top ends at once, and it stays on the terminal, as procps' does. */
    function endAfterLast(): void {
      if (ended || options.iterations === null || frames < options.iterations) return;
      end(0);
      context.print(plainText(painted.slice(0, session.rows - 1)));
    }

    function schedule(seconds: number): void {
      if (timer !== null) host?.removeTimer(timer);
      timer = ended
        ? null
        : (host?.addTimer(system.monotonicSeconds() + Math.max(INTERVAL_LEAST, seconds), onTimer) ?? null);
    }

    function onTimer(): void {
      timer = null;
      // While something is typed the screen stands still.
      if (session.prompt !== null && session.prompt.typed === undefined) {
        schedule(0.2);
        return;
      }
      session.message = null;
      look();
      paint();
      endAfterLast();
    }

    function look(): void {
      const wanted: FrameOptions = {
        threads: settings.threads,
        irix: settings.irix,
        pids: session.pids,
        container: true,
        scan: {},
      };
      session.frame = session.frames.next(wanted);
      if (session.frame.view.ticks !== null) frames++;
      remember(session);
      // Shown by the next frame: this one does not wait.
      void session.frames.askLoad();
      schedule(settings.delaySeconds);
    }

    function paint(): void {
      if (ended) return;
      session.columns = Math.min(screen.columns, typeof options.width === "number" ? options.width : 512);
      session.rows = screen.rows;
      const { view } = session;
      if (view.kind === "tasks") {
        const { lines, cursor } = paintTasks(session);
        painted = lines;
        screen.draw(lines, cursor);
        return;
      }
      const lines =
        view.kind === "help"
          ? pages.helpPage(session, view.page)
          : view.kind === "fields"
            ? pages.fieldsPage(session, view)
            : view.kind === "colors"
              ? pages.colorsPage(session, view)
              : view.kind === "detail"
                ? pages.detailPage(session, view)
                : view.kind === "cgroups"
                  ? pages.cgroupsPage(session, view)
                  : pages.filtersPage(session);
      const { prompt } = session;
      if (prompt === null) {
        screen.draw(lines, null);
        return;
      }
      const asked = [
        ...lines.slice(0, -1),
        { spans: [{ text: `${prompt.label} ${prompt.text}`, style: { bold: true } }] },
      ];
      screen.draw(asked, [
        Math.min(screen.columns - 1, prompt.label.length + 1 + prompt.text.length),
        screen.rows - 1,
      ]);
    }

    // At once what one look can tell; rates follow when they say something.
    look();
    paint();
    schedule(firstInterval(container));
  });
}

function plainText(lines: readonly StyledLine[]): string {
  const texts = lines.map(({ spans }) =>
    spans
      .map((span) => span.text)
      .join("")
      .trimEnd(),
  );
  while (texts.length > 0 && texts[texts.length - 1] === "") texts.pop();
  return `${texts.join("\n")}\n`;
}

function remember(session: Session): void {
  const { summary } = session.frame ?? {};
  const share = summary?.cpu?.total;
  if (share !== null && share !== undefined && share.total > 0) {
    session.cpuHistory.push(Math.max(0, 1 - share.idle / share.total));
  }
  const total = summary?.memory.totalBytes.value ?? 0;
  const used = summary?.memory.usedBytes.value ?? null;
  if (used !== null && total > 0) session.memoryHistory.push(used / total);
  for (const history of [session.cpuHistory, session.memoryHistory])
    if (history.length > HISTORY_MOST) history.shift();
}

async function runPlain(
  context: ToolContext,
  container: Container,
  options: TopOptions,
  settings: TopSettings,
): Promise<number> {
  const size = context.system.windowSize(1);
  const window = currentWindow({ settings } as Session);
  if (window.maxTasks === 0 && size !== null) window.maxTasks = Math.max(1, size[1] - 8);
  return runBatch(context, container, { ...options, container: false }, settings);
}

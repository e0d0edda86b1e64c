/** The lines at the bottom that ^G ^K ^N ^P ^U ^L show for one task. */
import type { StyledLine } from "../../lib/screen/screen.ts";
import { cutToColumns } from "../../lib/units/terminal_text.ts";
import type { Palette } from "./paint.ts";
import { type BottomKind, pointedPid, rowOfPid, type Session } from "./session.ts";
import type { TaskView } from "./tasks.ts";

const ROWS = 4;

export function bottomLines(session: Session, kind: BottomKind, palette: Palette): StyledLine[] {
  const height = Math.min(ROWS, Math.max(2, Math.floor(session.rows / 3)));
  const { heading, parts } = bottomParts(session, kind);
  const lines: StyledLine[] = [
    {
      spans: [{ text: cutToColumns(` ${heading}`, session.columns), style: palette.message }],
      fill: palette.message,
    },
  ];
  let rest = parts.join(kind === "log" ? "; " : " ");
  while (lines.length < height) {
    const text = cutToColumns(rest, session.columns);
    lines.push({ spans: [{ text, style: null }] });
    rest = rest.slice(text.length);
  }
  return lines;
}

function bottomParts(session: Session, kind: BottomKind): { heading: string; parts: readonly string[] } {
  if (kind === "log") return { heading: "the last messages", parts: session.log };
  const pid = pointedPid(session);
  const view = session.frame?.view;
  const row = pid === null ? -1 : rowOfPid(session, pid);
  if (view === undefined || pid === null || row < 0) return { heading: "no task", parts: [] };
  const titles = {
    cgroups: "control groups",
    commandline: "command line",
    environment: "environment",
    namespaces: "namespaces",
    groups: "supplementary groups",
  };
  const found = partsOf(view, row, kind);
  return {
    heading: `${titles[kind]} of ${pid}, ${view.command(row, false)}`,
    parts: found.length === 0 ? ["n/a"] : found,
  };
}

function partsOf(view: TaskView, row: number, kind: Exclude<BottomKind, "log">): readonly string[] {
  const words = (text: string | null, separator: string): string[] =>
    (text ?? "")
      .split(separator)
      .filter((word) => word !== "")
      .map(view.safe);
  if (kind === "cgroups") return words(view.file(row, "cgroup"), "\n");
  if (kind === "commandline") return words(view.file(row, "cmdline"), "\0");
  if (kind === "environment") return words(view.file(row, "environ"), "\0");
  if (kind === "groups") {
    const gids = /^Groups:[ \t]*(.*)$/m.exec(view.file(row, "status") ?? "")?.[1] ?? "";
    return words(gids, " ").map((gid) => view.groupName(Number(gid)));
  }
  return ["ipc", "mnt", "net", "pid", "user", "uts", "cgroup", "time"].map((name) => {
    const link = view.link(row, `ns/${name}`);
    return link === null ? `${name}: -` : view.safe(link);
  });
}

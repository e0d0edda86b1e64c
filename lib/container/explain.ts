/** The text of --explain: for each number printed its files, its formula, and what could not be read. */
import type { Limit } from "../kernfile/limit.ts";
import { safeText } from "../units/terminal_text.ts";
import type { Container } from "./container.ts";
import type { Figure, Term } from "./figure.ts";

/** @param figures label as on the screen -> figure; `note` is appended to the value */
export function explainFigures(
  heading: string,
  figures: readonly (readonly [label: string, figure: Figure<Limit | number>, note?: string | undefined])[],
): string {
  let text = `${heading}\n`;
  for (const [label, figure, note] of figures) {
    const value = figure.value === null ? "-" : String(figure.value);
    text += `${label} = ${value}${note === undefined ? "" : ` (${note})`}\n    ${figure.formula}\n`;
    for (const entry of figure.from) text += `    ${explainTerm(entry)}\n`;
  }
  return text;
}

/** Which cgroup, how it was found, and what the host has told. */
export function explainContainer(container: Container): string {
  let text = `${container.kind}: ${safeText(container.because)}\n`;
  if (container.kind === "container") {
    text += `cgroup paths from ${container.linesFrom}\n`;
    for (const controller of ["memory", "cpu", "cpuset"] as const) {
      const location = container.location(controller);
      text += `    ${controller}: `;
      text +=
        location === null
          ? "no mount shows it\n"
          : `v${location.version} ${safeText(location.directory)}${location.complete ? "" : " (ancestors hidden)"}\n`;
    }
    const { path, registration, problem } = container.registration();
    const state = registration !== null ? "valid" : (problem ?? "none");
    text += `registration ${path}: ${safeText(state)}\n`;
  }
  if (container.virtual !== null) {
    const where =
      container.virtual.paths.length === 0 ? "all of /proc" : safeText(container.virtual.paths.join(" "));
    text += `${container.virtual.by} serves ${where}\n`;
  }
  return text;
}

function explainTerm(entry: Term): string {
  const key = entry.key === null ? "" : ` ${entry.key}`;
  // A cgroup's name may hold anything but a slash.
  return safeText(`${entry.path}${key}: ${entry.missing ?? entry.value}`);
}

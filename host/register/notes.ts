/**
 * The host's own note of each registration: RUN/registered/ID.json. `procg host list` shows it; what stands inside a container is
 * never read back.
 */
import { ENOENT } from "../../lib/system/errno.ts";
import type { System } from "../../lib/system/system.ts";

export interface RegistrationNote {
  readonly id: string;
  readonly name: string | null;
  readonly pid: number;
  readonly initStartTicks: number;
  readonly way: string | null;
  readonly registeredAt: string | null;
  readonly problems: readonly string[];
}

export function noteRegistration(system: System, run: string, note: RegistrationNote): void {
  const path = pathOf(run, note.id);
  if (path === null) return;
  const text = `${JSON.stringify(note)}\n`;
  if (system.createFile(path, text, 0o644, false) !== ENOENT) return;
  system.makeDirectory(run, 0o755);
  system.makeDirectory(`${run}/registered`, 0o755);
  system.createFile(path, text, 0o644, false);
}

export function forgetRegistration(system: System, run: string, id: string): void {
  const path = pathOf(run, id);
  if (path !== null) system.remove(path);
}

export function readNote(system: System, run: string, id: string): RegistrationNote | null {
  const path = pathOf(run, id);
  const text = path === null ? ENOENT : system.readText(path);
  if (typeof text === "number") return null;
  try {
    const note: unknown = JSON.parse(text);
    return typeof note === "object" && note !== null && "id" in note ? (note as RegistrationNote) : null;
  } catch {
    return null;
  }
}

/** Ids of notes: those of containers that are gone are to be forgotten. */
export function notedIds(system: System, run: string): string[] {
  const names = system.readDirectory(`${run}/registered`);
  return typeof names === "number"
    ? []
    : names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -5));
}

function pathOf(run: string, id: string): string | null {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(id) ? `${run}/registered/${id}.json` : null;
}

/**
 * freezer.state of one cgroup (v1), ancestors included. Absent in the real root.
 *
 * See Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst.
 */
import type { KernelFile } from "../../kernfile/kernel_file.ts";
import { parseWord } from "../../kernfile/words.ts";

export type FreezerState = "THAWED" | "FREEZING" | "FROZEN";

const STATES: readonly FreezerState[] = ["THAWED", "FREEZING", "FROZEN"];

export const freezerState: KernelFile<FreezerState> = {
  name: "freezer.state",
  parse: (text, path) => parseWord(text, path, STATES),
};

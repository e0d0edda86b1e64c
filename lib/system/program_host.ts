/** What a System may offer to a tool that runs another program in its own place: env(1) and its like. Only the C host can. */
import type { Errno, System } from "./system.ts";

export interface ProgramHost {
  /**
   * Another program in this very process: same pid, signals and mask as they are, all other files closed. PATH as in `changes` or the
   * environment. Returns only when it failed.
   */
  becomeProgram(argv: readonly string[], changes: readonly (readonly [name: string, value: string])[]): Errno;
}

/** null: this System cannot (Node, a capture, a tree below --root). */
export function programHost(system: System): ProgramHost | null {
  return "becomeProgram" in system ? (system as System & ProgramHost) : null;
}

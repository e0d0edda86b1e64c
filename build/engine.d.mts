/** See engine.mjs. */
import type { Toolchain } from "./toolchain.mjs";

export interface Engine {
  readonly folder: string;
  readonly sources: readonly string[];
  readonly defines: readonly string[];
  readonly hash: string;
}

export function locateEngine(root: string): Engine;
export function compileEngine(
  engine: Engine,
  toolchain: Toolchain,
  flags: readonly string[],
  cacheFolder: string,
): Promise<string[]>;

/** See toolchain.mjs. */
export interface Toolchain {
  readonly compiler: string;
  readonly compileFlags: readonly string[];
  readonly linkFlags: readonly string[];
  readonly version: string;
  readonly notice: string | null;
}

export function run(command: string, words: readonly string[]): Promise<{ stdout: string; stderr: string }>;
export function hashOf(...parts: readonly (string | Uint8Array)[]): string;
export function compileObject(
  toolchain: Toolchain,
  source: string,
  flags: readonly string[],
  inputsHash: string,
  cacheFolder: string,
): Promise<string>;

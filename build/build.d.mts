/** See build.mjs. */
export interface BuildOptions {
  readonly entry?: string;
  readonly out?: string;
  readonly target?: "x64" | "arm64";
  readonly sanitize?: boolean;
  readonly unstripped?: boolean;
  readonly hostDefines?: readonly string[];
}

export function buildProgram(
  options?: BuildOptions,
): Promise<{ readonly out: string; readonly sizeBytes: number }>;

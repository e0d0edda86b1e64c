/** A System without a machine, for tests of command lines: argv, environment and what was written. */
import type { System } from "../../system/system.ts";

export interface FakeSystem {
  readonly system: System;
  readonly out: () => string;
  readonly err: () => string;
}

/** `stdoutErrno`: what writes to stdout give. Anything else than argv, env and write throws. */
export function fakeSystem(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdoutErrno = 0,
): FakeSystem {
  const written = ["", "", ""];
  const known = {
    source: "live",
    argv,
    env: (name: string) => env[name],
    write: (fd: number, text: string) => {
      if (fd === 1 && stdoutErrno < 0) return stdoutErrno;
      written[fd] += text;
      return 0;
    },
  };
  const system = new Proxy(known, {
    get(target, key) {
      if (key in target) return target[key as keyof typeof target];
      throw new Error(`not in this fake: ${String(key)}`);
    },
  });
  return {
    system: system as unknown as System,
    out: () => written[1] ?? "",
    err: () => written[2] ?? "",
  };
}

/** The guest's first file system: busybox, the executable, the loads, the case. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const GUEST = join(import.meta.dirname, "guest");

export interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly data: Buffer;
  readonly device?: readonly [number, number];
}

export const directory = (name: string): Entry => ({ name, mode: 0o040755, data: Buffer.alloc(0) });
export const executable = (name: string, data: Buffer): Entry => ({ name, mode: 0o100755, data });

/** A small C program of the tests, compiled. */
export function program(source: string): Buffer {
  const compile = [join(ROOT, "build/programs.mjs"), source];
  return readFileSync(execFileSync(process.execPath, compile, { encoding: "utf8", cwd: ROOT }).trim());
}

/** `more` comes last: where a name is there twice, it counts. */
export function initramfs(more: readonly Entry[] = []): Buffer {
  const script = (name: string): Entry => ({
    name: `case/${name}`,
    mode: 0o100644,
    data: readFileSync(join(GUEST, name)),
  });
  const shipped = readFileSync(join(ROOT, process.env.PROCG_BINARY ?? "dist/procg"));
  return cpio([
    ...["bin", "etc", "case", "case/scenarios", "dev"].map(directory),
    { name: "dev/console", mode: 0o020600, data: Buffer.alloc(0), device: [5, 1] },
    executable("init", readFileSync(join(GUEST, "init"))),
    ...["stage2", "run.sh", "functions.sh"].map(script),
    ...readdirSync(join(GUEST, "scenarios")).map((name) => script(`scenarios/${name}`)),
    { name: "etc/passwd", mode: 0o100644, data: Buffer.from("root:x:0:0:root:/:/bin/sh\n") },
    executable("bin/busybox", readFileSync("/bin/busybox")),
    { name: "bin/sh", mode: 0o120777, data: Buffer.from("busybox") },
    executable("bin/procg", shipped),
    executable("bin/load", program("test/e2e/load.c")),
    executable("bin/enter", program("test/kernel/enter.c")),
    executable("bin/blocked", program("test/kernel/blocked.c")),
    ...more,
  ]);
}

/** The kernel's initramfs format: Documentation/driver-api/early-userspace/buffer-format.rst, "newc". */
function cpio(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  const pad = (length: number) => Buffer.alloc((4 - (length % 4)) % 4);
  const trailer: Entry = { name: "TRAILER!!!", mode: 0, data: Buffer.alloc(0) };
  [...entries, trailer].forEach(({ name, mode, data, device }, index) => {
    const ids = [index + 1, mode, 0, 0, 1, 0, data.length, 0, 0];
    const fields = [...ids, ...(device ?? [0, 0]), name.length + 1, 0];
    const head = Buffer.from(
      `070701${fields.map((value) => value.toString(16).padStart(8, "0")).join("")}${name}\0`,
      "latin1",
    );
    parts.push(head, pad(head.length), data, pad(data.length));
  });
  return Buffer.concat(parts);
}

/**
 * Boots a Debian cloud kernel in QEMU (TCG: KVM is not everywhere, and crawls where it is emulated) with the shipped executable and a
 * case inside; gives what the case left in /out.
 *
 * Kernels come from Debian's archive by apt-get download, into .cache/kernels; nothing is installed.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const CACHE = join(ROOT, ".cache/kernels");

/** Series -> what the package is called. The newest that the archive offers is taken. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  "6.1": /^linux-image-6\.1\.0-(\d+)-cloud-amd64$/,
  "6.12": /^linux-image-6\.12\.(\d+)\+deb12-cloud-amd64$/,
};

export interface GuestRun {
  /** Path below /out -> text. */
  readonly files: ReadonlyMap<string, string>;
  readonly console: string;
  readonly seconds: number;
}

export interface GuestOptions {
  readonly kernel: keyof typeof PACKAGES & string;
  readonly mode: "v2" | "v1" | "hybrid";
  /** More words for the kernel's command line. */
  readonly words?: readonly string[];
  readonly limitSeconds?: number;
}

/** Path of vmlinuz; downloaded once. Throws where the archive cannot be reached. */
export function kernelImage(series: string): string {
  const folder = join(CACHE, series);
  const boot = join(folder, "boot");
  if (!existsSync(boot)) {
    const pattern = PACKAGES[series];
    if (pattern === undefined) throw new Error(`no kernel package is known for ${series}`);
    const offered = execFileSync("apt-cache", ["pkgnames", "linux-image-6"], { encoding: "utf8" })
      .split("\n")
      .filter((name) => pattern.test(name))
      .sort((a, b) => Number(pattern.exec(a)?.[1]) - Number(pattern.exec(b)?.[1]));
    const name = offered.at(-1);
    if (name === undefined) throw new Error(`Debian's archive offers no kernel ${series}: apt-get update?`);
    const download = join(CACHE, `download-${series}`);
    rmSync(download, { recursive: true, force: true });
    mkdirSync(download, { recursive: true });
    execFileSync("apt-get", ["download", "-q", "-o", "APT::Sandbox::User=root", name], {
      cwd: download,
      stdio: "pipe",
    });
    const [deb = ""] = readdirSync(download);
    const unpacked = `${folder}.part`;
    rmSync(unpacked, { recursive: true, force: true });
    execFileSync("dpkg", ["-x", join(download, deb), unpacked]);
    execFileSync("mv", [unpacked, folder]);
    rmSync(download, { recursive: true, force: true });
  }
  const image = readdirSync(boot).find((name) => name.startsWith("vmlinuz"));
  if (image === undefined) throw new Error(`${boot}: no vmlinuz`);
  return join(boot, image);
}

/** Throws with the guest's console when the case did not end well. */
export function runGuest(options: GuestOptions): GuestRun {
  const started = Date.now();
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, "run-"));
  try {
    const initrd = join(work, "initrd");
    writeFileSync(initrd, initramfs());
    const disk = join(work, "out.img");
    emptyFile(disk, 64);
    const swap = join(work, "swap.img");
    emptyFile(swap, 64);
    const log = join(work, "console.log");
    const drive = (path: string, id: string) => [
      ...["-drive", `file=${path},if=none,id=${id},format=raw`],
      ...["-device", `nvme,serial=${id},drive=${id}`],
    ];
    const words = ["console=ttyS0", "quiet", "panic=-1", "psi=1", `guest.mode=${options.mode}`];
    words.push("guest.swap=/dev/nvme1n1", ...(options.words ?? []));
    const { signal, error } = spawnSync(
      "qemu-system-x86_64",
      [
        ...["-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1024"],
        ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-net", "none"],
        ...["-serial", `file:${log}`, "-kernel", kernelImage(options.kernel), "-initrd", initrd],
        ...drive(disk, "out"),
        ...drive(swap, "swap"),
        ...["-append", words.join(" ")],
      ],
      { timeout: (options.limitSeconds ?? 200) * 1000, killSignal: "SIGKILL", stdio: "pipe" },
    );
    if (error !== undefined && signal === null) throw error;
    const console = existsSync(log) ? readFileSync(log, "utf8") : "";
    if (!console.includes("guest: rc 0"))
      throw new Error(`the guest did not end well:\n${console.slice(-3000)}`);
    const out = join(work, "out");
    mkdirSync(out);
    execFileSync("tar", ["-xf", disk, "-C", out]);
    return { files: new Map(textsBelow(out, "")), console, seconds: (Date.now() - started) / 1000 };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function emptyFile(path: string, megabytes: number): void {
  const fd = openSync(path, "w");
  ftruncateSync(fd, megabytes * 1024 * 1024);
  closeSync(fd);
}

function textsBelow(folder: string, prefix: string): [string, string][] {
  return readdirSync(folder).flatMap((name): [string, string][] => {
    const path = join(folder, name);
    return statSync(path).isDirectory()
      ? textsBelow(path, `${prefix}${name}/`)
      : [[prefix + name, readFileSync(path, "utf8")]];
  });
}

function initramfs(): Buffer {
  const guest = (name: string): Buffer => readFileSync(join(import.meta.dirname, "guest", name));
  const program = (source: string): Buffer => {
    const compile = [join(ROOT, "build/programs.mjs"), source];
    return readFileSync(execFileSync(process.execPath, compile, { encoding: "utf8", cwd: ROOT }).trim());
  };
  const directory = (name: string): Entry => ({ name, mode: 0o040755, data: Buffer.alloc(0) });
  return cpio([
    ...["bin", "etc", "case", "dev"].map(directory),
    { name: "dev/console", mode: 0o020600, data: Buffer.alloc(0), device: [5, 1] },
    { name: "init", mode: 0o100755, data: guest("init") },
    { name: "case/stage2", mode: 0o100644, data: guest("stage2") },
    { name: "case/run.sh", mode: 0o100644, data: guest("run.sh") },
    { name: "etc/passwd", mode: 0o100644, data: Buffer.from("root:x:0:0:root:/:/bin/sh\n") },
    { name: "bin/busybox", mode: 0o100755, data: readFileSync("/bin/busybox") },
    { name: "bin/sh", mode: 0o120777, data: Buffer.from("busybox") },
    {
      name: "bin/procg",
      mode: 0o100755,
      data: readFileSync(join(ROOT, process.env.PROCG_BINARY ?? "dist/procg")),
    },
    { name: "bin/load", mode: 0o100755, data: program("test/e2e/load.c") },
    { name: "bin/enter", mode: 0o100755, data: program("test/kernel/enter.c") },
  ]);
}

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly data: Buffer;
  readonly device?: readonly [number, number];
}

/** The kernel's initramfs format: Documentation/driver-api/early-userspace/buffer-format.rst, "newc". */
function cpio(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = [];
  const pad = (length: number) => Buffer.alloc((4 - (length % 4)) % 4);
  [...entries, { name: "TRAILER!!!", mode: 0, data: Buffer.alloc(0) } as Entry].forEach(
    ({ name, mode, data, device }, index) => {
      const fields = [
        index + 1,
        mode,
        0,
        0,
        1,
        0,
        data.length,
        0,
        0,
        ...(device ?? [0, 0]),
        name.length + 1,
        0,
      ];
      const head = Buffer.from(
        `070701${fields.map((value) => value.toString(16).padStart(8, "0")).join("")}${name}\0`,
        "latin1",
      );
      parts.push(head, pad(head.length), data, pad(data.length));
    },
  );
  return Buffer.concat(parts);
}

/**
 * Boots a kernel in QEMU (TCG: KVM is not everywhere, and crawls where it is emulated) with the shipped executable and a case inside;
 * what the case left in /out is unpacked below `folder`/out, what the guest said is `folder`/console.
 */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { GuestOptions } from "./guests.ts";
import { kernelImage } from "./kernel_image.ts";

/**
 * A guest takes some 100 s, most of it waiting; these are for a starved machine. The guest ends itself and says what it was doing; the
 * deadline is for one that cannot any more.
 */
const GUEST_SECONDS = 300;
const DEADLINE_AFTER_SECONDS = 60;

/**
 * TCG with several CPUs loses the race of patching kernel text that another CPU runs (static keys) now and then: the kernel panics at an
 * int3 that is no longer there, or all of it stands still. No program of a guest can do that; such a guest is started again, and it is told.
 */
const STARTS = 3;
const EMULATOR = /Kernel panic - not syncing|^killed after/m;

const CONSOLE_TAIL = 4000;

export interface Verdict {
  readonly seconds: number;
  /** null: it booted, ran the case, left its results and powered off. Else why not, with the end of its console. */
  readonly problem: string | null;
}

/** Never throws and never hangs: whatever goes wrong is the verdict's `problem`. */
export async function runGuest(options: GuestOptions, initrd: string, folder: string): Promise<Verdict> {
  const started = Date.now();
  for (let start = 1; ; start++) {
    const problem = await runOnce(options, initrd, folder);
    const seconds = (Date.now() - started) / 1000;
    const isOver =
      problem === null || start === STARTS || !EMULATOR.test(problem) || seconds > deadlineOf(options);
    if (isOver) return { seconds, problem };
    process.stdout.write(`guest ${options.name}: started again, the emulated kernel failed:\n${problem}\n`);
  }
}

const guestSeconds = (options: GuestOptions): number => options.seconds ?? GUEST_SECONDS;
const deadlineOf = (options: GuestOptions): number => guestSeconds(options) + DEADLINE_AFTER_SECONDS;

/** What went wrong; null: nothing. */
async function runOnce(options: GuestOptions, initrd: string, folder: string): Promise<string | null> {
  const log = join(folder, "console");
  let problem: string | null;
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, "out"), { recursive: true });
    const ended = await boot(options, initrd, folder);
    const console = existsSync(log) ? readFileSync(log, "utf8") : "";
    problem = console.includes("guest: rc 0") ? null : `${ended}; the end of its console:\n`;
    if (problem !== null) problem += console.slice(-CONSOLE_TAIL);
    else execFileSync("tar", ["-xf", join(folder, "disk-out"), "-C", join(folder, "out")], TAR_OPTIONS);
  } catch (error) {
    problem = `${error instanceof Error ? error.message : error}`;
  }
  for (const name of Object.keys(DISKS)) rmSync(join(folder, `disk-${name}`), { force: true });
  return problem;
}

const TAR_OPTIONS = { stdio: ["ignore", "ignore", "pipe"] as ["ignore", "ignore", "pipe"], timeout: 30_000 };

/** MiB. The guest tells them apart by their serial: which one is nvme0 is a matter of luck. */
const DISKS = { out: 64, swap: 64, data: 64 };

/** How it ended, in words. */
function boot(options: GuestOptions, initrd: string, folder: string): Promise<string> {
  const disks = { ...DISKS, data: options.dataMb ?? DISKS.data };
  const drives = Object.entries(disks).flatMap(([name, megabytes]) => {
    const path = join(folder, `disk-${name}`);
    emptyFile(path, megabytes);
    return [
      ...["-drive", `file=${path},if=none,id=${name},format=raw`],
      ...["-device", `nvme,serial=${name},drive=${name}`],
    ];
  });
  // no_timer_check: on a starved machine the timer's interrupt comes later than the check waits, which then panics.
  const words = ["console=ttyS0", "quiet", "panic=-1", "no_timer_check", "psi=1"];
  words.push(
    `guest.mode=${options.mode}`,
    `guest.seconds=${guestSeconds(options)}`,
    ...(options.words ?? []),
  );
  words.push(`guest.scenarios=${options.scenarios.join(",")}`);
  const child = spawn(
    "qemu-system-x86_64",
    [
      ...[
        "-machine",
        "q35",
        "-accel",
        "tcg,thread=multi",
        "-cpu",
        "max",
        "-smp",
        `${options.cpus}`,
        "-m",
        `${options.memoryMb ?? 512}`,
      ],
      ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-net", "none"],
      ...["-serial", `file:${join(folder, "console")}`, "-kernel", kernelImage(options.kernel)],
      ...["-initrd", initrd, ...drives, "-append", words.join(" ")],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  child.stderr.on("data", (bytes) => {
    said = `${said}${bytes}`.slice(-CONSOLE_TAIL);
  });
  return new Promise((resolve) => {
    let late = "";
    const timer = setTimeout(() => {
      late = `killed after ${deadlineOf(options)} s`;
      child.kill("SIGKILL");
    }, deadlineOf(options) * 1000);
    const done = (how: string) => {
      clearTimeout(timer);
      resolve([late || how, said.trim()].filter((text) => text !== "").join(": "));
    };
    child.on("error", (error) => done(error.message));
    child.on("exit", (code, signal) => done(`QEMU ended with ${code ?? signal}`));
  });
}

function emptyFile(path: string, megabytes: number): void {
  const fd = openSync(path, "w");
  ftruncateSync(fd, megabytes * 1024 * 1024);
  closeSync(fd);
}

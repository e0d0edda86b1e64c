/**
 * Boots all guests before the first test, four at once: they mostly wait. The quiet ones come after the others, one by one. PROCG_KERNEL_RESULTS=DIR takes the results of a run before, kept with PROCG_KERNEL_KEEP=DIR.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chosenGuests, type GuestOptions } from "./guests.ts";
import { initramfs } from "./initramfs.ts";
import { CACHE, kernelImage } from "./kernel_image.ts";
import { runGuest } from "./vm.ts";

const AT_ONCE = 4;

export async function setup(): Promise<(() => void) | undefined> {
  const missing = ["qemu-system-x86_64", "busybox", "apt-get", "dpkg"].filter(
    (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0,
  );
  if (missing.length > 0) {
    if (process.env.CI === "true") throw new Error(`missing: ${missing.join(", ")}`);
    process.env.PROCG_KERNEL_SKIP = `missing: ${missing.join(", ")}`;
    return undefined;
  }
  if (process.env.PROCG_KERNEL_RESULTS !== undefined) return undefined;
  const keep = process.env.PROCG_KERNEL_KEEP;
  const folder = keep ?? join(CACHE, `run-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  process.env.PROCG_KERNEL_RESULTS = folder;
  try {
    const initrd = join(folder, "initrd");
    writeFileSync(initrd, initramfs());
    const guests = chosenGuests();
    for (const kernel of new Set(guests.map((guest) => guest.kernel))) kernelImage(kernel);
    await runAll(guests, initrd, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return keep === undefined ? () => rmSync(folder, { recursive: true, force: true }) : undefined;
}

async function runAll(guests: readonly GuestOptions[], initrd: string, folder: string): Promise<void> {
  const run = async (guest: GuestOptions): Promise<void> => {
    const own = join(folder, guest.name);
    const verdict = await runGuest(guest, initrd, own);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "verdict.json"), JSON.stringify(verdict));
    const how = verdict.problem === null ? "" : ", FAILED";
    process.stdout.write(`guest ${guest.name}: ${verdict.seconds.toFixed(0)} s${how}\n`);
  };
  const queue = guests.filter((guest) => guest.quiet !== true);
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await run(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const guest of guests.filter((each) => each.quiet === true)) await run(guest);
}

/** Boots the guest of this bench: Debian 12's cloud kernel, cgroup v2 alone, with every lxcfs and ours inside. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GuestOptions } from "../../kernel/guests.ts";
import { directory, type Entry, executable, initramfs, program } from "../../kernel/initramfs.ts";
import { CACHE, kernelModule } from "../../kernel/kernel_image.ts";
import { runGuest } from "../../kernel/vm.ts";
import type { LxcfsPackage } from "./packages.ts";

const GUEST = join(import.meta.dirname, "guest");
const KERNEL = "6.1";

/** In this order; `end` kills the daemons. */
export const SCENARIOS = ["memory", "nested", "swap", "cpus", "cpu", "disk", "reader", "averages", "end"];

const OPTIONS: GuestOptions = {
  name: "lxcfs on v2",
  kernel: KERNEL,
  mode: "v2",
  cpus: 4,
  scenarios: [],
  words: ["guest.cgroup2_options=nsdelegate,memory_recursiveprot"],
  memoryMb: 1024,
  dataMb: 384,
  seconds: 1200,
};

const entry = (name: string, data: Buffer): Entry => ({ name: `case/${name}`, mode: 0o100644, data });

function entries(packages: readonly LxcfsPackage[]): Entry[] {
  const scripts = readdirSync(GUEST).map((name) =>
    entry(name === "lxcfs.sh" ? name : `scenarios/${name}`, readFileSync(join(GUEST, name))),
  );
  const programs = ["join", "pages"].map((name) =>
    executable(`bin/${name}`, program(`test/bench/lxcfs_v2/${name}.c`)),
  );
  const lxcfs = packages.flatMap(({ major, files }) => [
    directory(`case/lxcfs/${major}`),
    ...[...files].map(([name, data]) => executable(`case/lxcfs/${major}/${name}`, data)),
  ]);
  return [
    ...scripts,
    ...programs,
    entry("fuse.ko", kernelModule(KERNEL, "fuse")),
    directory("case/lxcfs"),
    ...lxcfs,
  ];
}

/** Runs the scenarios and returns the folder with what they left; throws with the guest's console where it did not end well. */
export async function runLxcfsGuest(
  packages: readonly LxcfsPackage[],
  scenarios: readonly string[],
): Promise<string> {
  const folder = join(CACHE, `lxcfs-${process.pid}`);
  const initrd = `${folder}.initrd`;
  writeFileSync(initrd, initramfs(entries(packages)));
  const { problem, seconds } = await runGuest(
    { ...OPTIONS, scenarios: ["start", ...scenarios] },
    initrd,
    folder,
  );
  rmSync(initrd);
  process.stdout.write(`guest: ${seconds.toFixed(0)} s, ${folder}\n`);
  if (problem !== null) throw new Error(problem);
  return join(folder, "out");
}

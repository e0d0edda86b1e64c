/** Which guests are booted: Debian's cloud kernels, in every cgroup mode that they have. */

export interface GuestOptions {
  readonly name: string;
  readonly kernel: "6.1" | "6.12";
  readonly mode: "v2" | "v1" | "hybrid";
  readonly cpus: number;
  /** Files of guest/scenarios, in this order. */
  readonly scenarios: readonly string[];
  /** More words for the kernel's command line. */
  readonly words?: readonly string[];
  /** Nothing else runs in it, and none beside it. */
  readonly quiet?: boolean;
  readonly full?: boolean;
  /** Of the guest's memory; 512 without. */
  readonly memoryMb?: number;
  /** After so long it ends itself, 300 without; a minute later it is killed. */
  readonly seconds?: number;
  /** The disk for files; 64 without. */
  readonly dataMb?: number;
}

const COMMON = [
  ...["limits", "nested", "oom", "swap", "throttled", "pressure", "io", "pids", "frozen", "levels"],
  ...["companion", "cpus", "machine", "load"],
];
const FEW = ["limits", "nested", "oom", "swap"];

const V2_MOUNT = "guest.cgroup2_options=nsdelegate,memory_recursiveprot";

const ALL: readonly GuestOptions[] = [
  { name: "6.1 v2", kernel: "6.1", mode: "v2", cpus: 4, scenarios: [...COMMON, "odd"], words: [V2_MOUNT] },
  { name: "6.1 v1", kernel: "6.1", mode: "v1", cpus: 4, scenarios: COMMON },
  // Without pressure files, and the 6.12 one without mount options: both are met in the field.
  { name: "6.1 hybrid", kernel: "6.1", mode: "hybrid", cpus: 3, scenarios: COMMON, words: ["psi=0"] },
  { name: "6.12 v2", kernel: "6.12", mode: "v2", cpus: 3, scenarios: [...COMMON, "odd"] },
  // Memory and cpuset are on v2 there without being asked: 6.12 has no v1 memory.
  {
    name: "6.12 hybrid",
    kernel: "6.12",
    mode: "hybrid",
    cpus: 2,
    scenarios: FEW,
    full: true,
  },
  {
    name: "6.1 split",
    kernel: "6.1",
    mode: "hybrid",
    cpus: 2,
    words: ["cgroup_no_v1=memory"],
    scenarios: FEW,
    full: true,
  },
  {
    name: "6.1 no memory",
    kernel: "6.1",
    mode: "v2",
    cpus: 2,
    words: ["cgroup_disable=memory"],
    scenarios: ["no_memory"],
    full: true,
  },
  {
    name: "6.1 load",
    kernel: "6.1",
    mode: "v2",
    cpus: 2,
    scenarios: ["machine_load"],
    quiet: true,
    full: true,
  },
];

/** Those of this run: the long ones only where PROCG_FULL=1; PROCG_KERNEL_GUESTS names some, for work on them. */
export function chosenGuests(): readonly GuestOptions[] {
  const asked = process.env.PROCG_KERNEL_GUESTS?.split(",");
  return ALL.filter(({ name, full }) =>
    asked === undefined ? full !== true || process.env.PROCG_FULL === "1" : asked.includes(name),
  );
}

/** The chosen ones in which a scenario runs. */
export function guestsWith(
  scenario: string,
  which: (guest: GuestOptions) => boolean = () => true,
): readonly GuestOptions[] {
  return chosenGuests().filter((guest) => guest.scenarios.includes(scenario) && which(guest));
}

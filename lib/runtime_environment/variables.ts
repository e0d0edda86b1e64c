/**
 * The variables that language runtimes and thread libraries read at their start, as data: what each is made of, and whom it gives way
 * to. docs/exec.md has the reasons and sources.
 */
import type { JavaVersion } from "./java.ts";
import { knowsProcessorCount, seesMemoryLimit } from "./java.ts";
import type { RuntimeLimits } from "./limits.ts";

/** What the values are computed from. */
export interface Circumstances extends RuntimeLimits {
  readonly java: JavaVersion | null;
  readonly cgroupVersion: 1 | 2 | null;
}

/** `text` null: nothing is to be said, for the reason `why`. */
export interface Proposal {
  readonly text: string | null;
  readonly why: string;
  readonly source: string | null;
}

export interface RuntimeVariable {
  readonly name: string;
  readonly runtime: string;
  readonly propose: (circumstances: Circumstances) => Proposal;
  /** Where one of these is set, its user has decided already. */
  readonly givesWayTo?: readonly string[];
  /** It holds options: one of ours is added to the user's value unless that matches. */
  readonly unlessThere?: (option: string) => RegExp;
}

const MIB = 1024 * 1024;
/** Go's guide to its collector: 5 to 10 % of headroom for what the runtime does not count. */
const GO_RATIO = 0.9;
/** Node's manual: 1536 MiB on a machine with 2 GiB; the rest is for buffers, stacks and code. */
const NODE_RATIO = 0.75;
/** What .NET takes by itself where it sees the limit. */
const DOTNET_RATIO = 0.75;
/** libuv starts so many anyway; they are for files and names, not for computing. */
const UV_THREADS = 4;
const UV_MOST_THREADS = 1024;

const cpus = ({ cpus }: Circumstances): Proposal => ({
  text: cpus.value === null ? null : `${cpus.value}`,
  why: cpus.why,
  source: cpus.source,
});

function share(ratio: number, write: (bytes: number) => string): RuntimeVariable["propose"] {
  return ({ memory }) => ({
    text: memory.value === null ? null : write(Math.floor(memory.value * ratio)),
    why: memory.value === null ? memory.why : `${ratio * 100} % of ${memory.why}`,
    source: memory.source,
  });
}

const JAVA_HEAP = /-XX:(MaxRAM|MaxRAMPercentage|MaxRAMFraction|MaxHeapSize)=|-Xmx/;

const DOTNET_GC = [
  "GCHeapHardLimit",
  "GCHeapHardLimitPercent",
  "GCHeapHardLimitSOH",
  "GCHeapHardLimitSOHPercent",
];

export const RUNTIME_VARIABLES: readonly RuntimeVariable[] = [
  { name: "GOMAXPROCS", runtime: "Go", propose: cpus },
  { name: "GOMEMLIMIT", runtime: "Go", propose: share(GO_RATIO, String) },
  { name: "OMP_NUM_THREADS", runtime: "OpenMP", propose: cpus },
  {
    name: "OPENBLAS_NUM_THREADS",
    runtime: "OpenBLAS",
    propose: cpus,
    givesWayTo: ["GOTO_NUM_THREADS", "OMP_NUM_THREADS"],
  },
  { name: "MKL_NUM_THREADS", runtime: "Intel MKL", propose: cpus, givesWayTo: ["OMP_NUM_THREADS"] },
  {
    name: "JAVA_TOOL_OPTIONS",
    runtime: "Java",
    propose: javaOptions,
    unlessThere: (option) => (option.startsWith("-XX:MaxRAM=") ? JAVA_HEAP : /-XX:ActiveProcessorCount=/),
  },
  {
    name: "NODE_OPTIONS",
    runtime: "Node.js",
    propose: share(NODE_RATIO, (bytes) => `--max-old-space-size=${Math.max(1, Math.floor(bytes / MIB))}`),
    unlessThere: () => /--max[-_](old[-_]space|heap)[-_]size/,
  },
  { name: "UV_THREADPOOL_SIZE", runtime: "libuv", propose: uvThreads },
  {
    name: "DOTNET_PROCESSOR_COUNT",
    runtime: ".NET",
    propose: cpus,
    givesWayTo: ["COMPlus_PROCESSOR_COUNT"],
  },
  {
    name: "DOTNET_GCHeapHardLimit",
    runtime: ".NET",
    // Read as hexadecimal.
    propose: share(DOTNET_RATIO, (bytes) => bytes.toString(16).toUpperCase()),
    givesWayTo: DOTNET_GC.flatMap((name) => [`DOTNET_${name}`, `COMPlus_${name}`]),
  },
  { name: "RAYON_NUM_THREADS", runtime: "Rayon", propose: cpus, givesWayTo: ["RAYON_RS_NUM_CPUS"] },
  {
    name: "MAKEFLAGS",
    runtime: "GNU make",
    propose: (circumstances) => {
      const proposal = cpus(circumstances);
      return { ...proposal, text: proposal.text === null ? null : `-j${proposal.text}` };
    },
    // Its first word may be letters without a dash; where there are jobs already, or a parent make's server, they are its own.
    unlessThere: () => /^[A-Za-z]*j|\s-[A-Za-z]*j|^-[A-Za-z]*j|--job/,
  },
  { name: "PYTHON_CPU_COUNT", runtime: "Python", propose: cpus },
];

function uvThreads({ cpus }: Circumstances): Proposal {
  if (cpus.value !== null && cpus.value <= UV_THREADS) {
    return {
      text: null,
      why: `${cpus.why}: libuv's own ${UV_THREADS} threads are enough`,
      source: cpus.source,
    };
  }
  const text = cpus.value === null ? null : `${Math.min(cpus.value, UV_MOST_THREADS)}`;
  return { text, why: cpus.why, source: cpus.source };
}

function javaOptions({ cpus, memory, java, cgroupVersion }: Circumstances): Proposal {
  const limits = [cpus, memory].filter((limit) => limit.value !== null);
  if (limits.length === 0) return { text: null, why: `${cpus.why}, ${memory.why}`, source: null };
  if (java === null) {
    const why =
      "no java in JAVA_HOME or PATH whose version is known: an old one does not start with options that it does not know";
    return { text: null, why, source: null };
  }
  const options: string[] = [];
  const reasons: string[] = [];
  if (cpus.value !== null && knowsProcessorCount(java)) {
    options.push(`-XX:ActiveProcessorCount=${cpus.value}`);
    reasons.push(cpus.why);
  }
  // The memory that the machine is taken to have: the JVM's own share of it becomes the heap.
  if (memory.value !== null && !seesMemoryLimit(java, cgroupVersion)) {
    options.push(`-XX:MaxRAM=${memory.value}`);
    reasons.push(`${memory.why}, which this JVM does not see`);
  }
  const version = `Java ${java.feature}${java.update === 0 ? "" : ` update ${java.update}`}`;
  if (options.length === 0)
    return { text: null, why: `${version} sees the limits, or cannot be told`, source: java.path };
  return { text: options.join(" "), why: `${version}: ${reasons.join("; ")}`, source: java.path };
}

/** Command lines whose output is kept. */
const SOME = [
  "docker-v1-private",
  "docker-v1-parent-smaller",
  "docker-v1-nolimit",
  "hybrid-memory-on-v2",
  "v2-cgroupns",
  "v2-frozen",
  "v2-oom",
  "v2-pagecache-io",
  "v2-limit-nomount",
  "v2-no-controllers",
  "v2-host-root",
];

export const goldenCases: readonly {
  readonly args: readonly string[];
  readonly captures: readonly string[];
}[] = [
  { args: [], captures: SOME },
  { args: ["--json"], captures: SOME },
  { args: ["--explain"], captures: ["v2-cgroupns", "docker-v1-private"] },
];

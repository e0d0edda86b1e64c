/** Command lines whose output is kept for every capture. */
export const goldenCases: readonly {
  readonly args: readonly string[];
  readonly needs?: readonly string[];
}[] = [
  { args: [] },
  { args: ["-d", "1", "3"] },
  { args: ["-x", "-t", "-y", "1", "2"], needs: ["steps"] },
  { args: ["-h", "-N"] },
  { args: ["-d", "--limits", "-y", "1", "1"], needs: ["steps"] },
  { args: ["-d", "sda", "nvme0n1", "vda"] },
  { args: ["-o", "JSON", "-s", "-x"] },
  { args: ["--json", "-y", "1", "1"], needs: ["steps"] },
  { args: ["--explain"] },
  { args: ["--host", "-x"], needs: ["/proc/diskstats"] },
];

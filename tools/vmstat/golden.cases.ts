/** Command lines whose output is kept for every capture. */
export const goldenCases: readonly {
  readonly args: readonly string[];
  readonly needs?: readonly string[];
}[] = [
  { args: [] },
  { args: ["1", "3"] },
  { args: ["-a", "-w", "-t"] },
  { args: ["-y", "--limits", "--guest", "1", "2"], needs: ["steps"] },
  { args: ["-S", "M", "1", "2"], needs: ["steps"] },
  { args: ["-s"] },
  { args: ["-d"] },
  { args: ["-D"] },
  { args: ["-f"] },
  { args: ["-p", "sda"] },
  { args: ["--json", "1", "2"] },
  { args: ["--explain"] },
  { args: ["--host", "1", "2"], needs: ["/proc/stat", "/proc/vmstat"] },
];

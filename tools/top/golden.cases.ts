/** Command lines whose output is kept: every capture with two looks; the others say that one look gives no rates. */
export const goldenCases: readonly {
  readonly args: readonly string[];
  readonly needs?: readonly string[];
}[] = [
  { args: ["-b"], needs: ["/proc/1/stat"] },
  { args: ["-b", "-n", "1", "-c", "-w", "120"], needs: ["/proc/1/stat", "steps"] },
  { args: ["-b", "-n", "1", "-1", "-E", "k", "--container"], needs: ["steps"] },
  { args: ["-b", "-n", "1", "-o", "-PID", "-E", "g", "-e", "m", "-i"], needs: ["steps"] },
  { args: ["-b", "-n", "1", "-p", "1", "-H"], needs: ["steps"] },
  { args: ["-b", "-n", "1", "--json"], needs: ["steps"] },
  { args: ["-b", "-n", "1", "--explain"], needs: ["steps"] },
  { args: ["-b", "-n", "1", "--host"], needs: ["steps"] },
];

/** Command lines whose output is kept for every capture. History needs a store that can be written: tools/tsar/history.test.ts. */
export const goldenCases: readonly {
  readonly args: readonly string[];
  readonly needs?: readonly string[];
}[] = [
  { args: ["-l"], needs: ["steps"] },
  {
    args: ["-l", "--cpu", "--percpu", "--throttle", "--load", "-s", "user,sys,util,ncpu,ratio,time,load1"],
    needs: ["steps"],
  },
  { args: ["-l", "--mem", "--swap", "--pids", "--oom"], needs: ["steps"] },
  { args: ["-l", "--io", "--cgio", "--psi", "-D"], needs: ["steps"] },
  {
    args: ["-l", "--traffic", "--pernic", "--tcp", "--udp", "--tcpx", "--pcsw", "--partition", "--json"],
    needs: ["steps"],
  },
  { args: ["-l", "--mem", "--csv"], needs: ["steps"] },
  { args: ["--alert", "--rule", "critical mem.util > 50", "--rule", "warn cpu.util > 10"], needs: ["steps"] },
  { args: ["--cpu"], needs: ["steps"] },
  { args: ["--explain", "--cpu", "--oom"], needs: ["steps"] },
];

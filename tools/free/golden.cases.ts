/** Command lines whose output is kept for every capture. */
export const goldenCases: readonly { readonly args: readonly string[] }[] = [
  { args: [] },
  { args: ["-m"] },
  { args: ["-h"] },
  { args: ["-h", "--si", "-w"] },
  { args: ["-b", "-w", "-t", "-l", "-v"] },
  { args: ["-L"] },
  { args: ["-s", "1", "-c", "3"] },
  { args: ["--json"] },
  { args: ["--explain"] },
  { args: ["--host"] },
];

/** Command lines whose output is kept for every capture. */
export const goldenCases: readonly { readonly args: readonly string[] }[] = [
  { args: [] },
  { args: ["-p"] },
  { args: ["-s"] },
  { args: ["-r"] },
  { args: ["--json"] },
  { args: ["--explain"] },
  { args: ["--host"] },
];

/** Command lines whose output is kept for every capture. */
export const goldenCases: readonly { readonly args: readonly string[] }[] = [
  { args: [] },
  { args: ["--json"] },
];

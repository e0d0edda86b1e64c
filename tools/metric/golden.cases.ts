/** Command lines whose output is kept for every capture. */
export const goldenCases: readonly {
  readonly args: readonly string[];
  readonly needs?: readonly string[];
}[] = [{ args: ["--pretty"] }, { args: ["--compat", "docker-metric", "--wait", "1"], needs: ["steps"] }];

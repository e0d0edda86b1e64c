/** Command lines whose output is kept. */
export const goldenCases: readonly {
  readonly args: readonly string[];
  readonly captures: readonly string[];
}[] = [
  {
    args: ["--dry-run", "--skip=MAKEFLAGS", "--", "sh", "-c", "echo it's $1", "--json"],
    captures: ["v2-cgroupns", "docker-v1-private", "v2-nolimit", "v2-no-controllers"],
  },
];

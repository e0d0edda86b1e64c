/** Command lines whose output is kept: the values for every capture, the reasons for those that differ in them. */
const KINDS = [
  "v2-cgroupns",
  "docker-v1-private",
  "v2-nolimit",
  "v2-no-controllers",
  "v2-odd-quota",
  "lxcfs",
  "v2-host-root",
];

export const goldenCases: readonly {
  readonly args: readonly string[];
  readonly captures?: readonly string[];
}[] = [
  { args: [] },
  { args: ["--json", "--only=GOMAXPROCS,GOMEMLIMIT,UV_THREADPOOL_SIZE,MAKEFLAGS"], captures: KINDS },
  { args: ["--explain"], captures: KINDS },
  { args: ["--shell", "--skip=GOMAXPROCS"], captures: KINDS.slice(0, 2) },
  { args: ["--host"], captures: KINDS.slice(0, 1) },
];

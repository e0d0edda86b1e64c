/** Every tool, as another user without capabilities, below system call filters: exactly as without one. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeAllContainers, startContainer } from "./docker.ts";
import { withoutNewCalls } from "./seccomp_profiles.ts";

const SKIP = process.env.PROCG_E2E_SKIP;
const FLAGS = ["--memory=256m", "--cpus=0.5", "--user=1000", "--cap-drop=ALL", "--hostname=box"];

/** Each starts in /tmp. What has a document has it too. A tool that is missing here fails the first test. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  capture: ["capture -n1 caught", "free --replay caught --json"],
  df: ["df", "df -i", "df --json"],
  doctor: ["doctor", "doctor --json"],
  env: ["env", "env --json"],
  exec: ["exec procg nproc", "exec --json procg nproc"],
  free: ["free", "free --explain", "free --json"],
  host: ["host check", "host check --json", "host metric --json", "host list"],
  install: ["install links"],
  iostat: ["iostat", "iostat --json"],
  loadcalc: [
    "loadcalc --once --run once",
    "loadcalc --run run --listen 127.0.0.1:19999 --history history --daemonize",
    "uptime --json",
  ],
  metric: ["metric", "metric --json"],
  nproc: ["nproc", "nproc --json"],
  register: ["register --print", "register --stdin"],
  top: ["top -b -n1", "top -b -n1 --json"],
  tsar: [
    "tsar --cron --history store",
    "tsar --check --history store",
    "tsar --live -i 0.1 --count 1 --json",
  ],
  uptime: ["uptime"],
  vmstat: ["vmstat", "vmstat -s", "vmstat --json"],
  why: ["why --json"],
};
/** Asked of the loadcalc that the list has started. */
const REQUESTS = ["v1/metrics.json", "v1/load", "metrics", "healthz", ""];

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One shell in the container runs them all: what each printed, between lines that nothing prints. */
function runAll(flag: string): { status: string; list: string; outcomes: Map<string, Outcome> } {
  const container = startContainer({ flags: [...FLAGS, flag] });
  const commands = Object.values(COMMANDS)
    .flat()
    .map((words) => `procg ${words}`);
  commands.push(...REQUESTS.map((path) => `wget -q -O - http://127.0.0.1:19999/${path}`));
  const lines = commands.map(
    (command) => `${command} >o 2>e </dev/null; echo "@@ $?"; cat o; echo "@@"; cat e; echo "@@@"`,
  );
  const script = `cd /tmp; mkdir links; export PROCG_RUN=/tmp/run TZ=UTC; ${lines.join("\n")}`;
  const texts = container.output("sh", "-c", script).split("@@@\n");
  const outcomes = new Map<string, Outcome>();
  commands.forEach((command, index) => {
    const [, code, stdout, stderr] = /^@@ (\d+)\n([\s\S]*)@@\n([\s\S]*)$/.exec(`${texts[index]}\n`) ?? [];
    outcomes.set(command, { code: Number(code), stdout: stdout ?? "", stderr: (stderr ?? "").trimEnd() });
  });
  const status = container.output("cat", "/proc/self/status");
  const list = container.output("procg", "--list");
  container.remove();
  return { status, list, outcomes };
}

/** What is known, of which kind it is, and what is null, by path; elements of a list together. */
function shapeOf(value: unknown, path: string, into: Set<string>): Set<string> {
  if (Array.isArray(value)) for (const one of value) shapeOf(one, `${path}[]`, into);
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value)) shapeOf(one, `${path}.${key}`, into);
  else into.add(`${path}: ${value === null ? "null" : typeof value}`);
  return into;
}

/** Numbers, times and ids are not compared, nor how wide a column is made by them. */
const words = (text: string): string =>
  text
    .replace(/[0-9a-f]{64}/g, "ID")
    .replace(/-?\d[\d.,:]*/g, "0")
    .replace(/ +/g, " ");

/** In what a run is another one than that without a filter. */
function differences(
  command: string,
  { code, stdout, stderr }: Outcome,
  other: Outcome | undefined,
): string[] {
  if (other === undefined) return [`${command}: did not run`];
  const wrong: string[] = [];
  const compare = (what: string, is: string, was: string): void => {
    const [now, before] = [is, was].map((text) => text.split("\n"));
    const more = now?.filter((line) => before?.includes(line) === false) ?? [];
    const less = before?.filter((line) => now?.includes(line) === false) ?? [];
    if (is !== was) wrong.push(`${command}: ${what}: ${more.join("; ")} instead of ${less.join("; ")}`);
  };
  // What why finds in its interval is about the moment.
  if (command.startsWith("procg why"))
    return code <= 1 && stderr === "" && stdout !== "" ? [] : [`${command}: ${stderr}`];
  compare("exit code", `${code}`, `${other.code}`);
  compare("stderr", words(stderr), words(other.stderr));
  if (/not permitted|not implemented/.test(stdout + stderr)) wrong.push(`${command}: ${stdout}${stderr}`);
  const text = (one: string): string => (isDocument(one) ? shapeText(one) : words(one));
  compare("output", text(stdout), text(other.stdout));
  return wrong;
}

function shapeText(document: string): string {
  const lines = document.trim().split("\n");
  const shape = new Set<string>();
  for (const line of lines.length > 1 && lines[1]?.startsWith("{") ? lines : [document])
    shapeOf(JSON.parse(line), "", shape);
  return [...shape].sort().join("\n");
}

function isDocument(text: string): boolean {
  return text.startsWith("{") || text.startsWith("[");
}

describe.skipIf(SKIP !== undefined)("system call filters", () => {
  let free: ReturnType<typeof runAll>;
  beforeAll(() => {
    free = runAll("--security-opt=seccomp=unconfined");
  });
  afterAll(() => removeAllContainers());

  test("without one every tool of procg --list has run, and each document is one", () => {
    expect(free.status).toMatch(/^Seccomp:\s+0$/m);
    expect(free.status).toMatch(/^CapEff:\s+0+$/m);
    expect(Object.keys(COMMANDS).sort()).toEqual(free.list.trim().split("\n").sort());
    const wrong: string[] = [];
    for (const [command, { code, stdout, stderr }] of free.outcomes) {
      const isDaemon = command.includes("loadcalc");
      // Without an engine, without a registration, and where the machine is found wanting.
      const mayFail = /host|register|doctor|why/.test(command);
      const isSilent = /--daemonize|--cron/.test(command);
      if (!mayFail && (code !== 0 || (stdout === "" && !isSilent)))
        wrong.push(`${command}: ${code}: ${stderr}`);
      if (!mayFail && !isDaemon && stderr !== "") wrong.push(`${command}: ${stderr}`);
      if (/internal error|not permitted/.test(stderr)) wrong.push(`${command}: ${stderr}`);
      if (/--json|v1\//.test(command) && code === 0 && !isDocument(stdout))
        wrong.push(`${command}: ${stdout}`);
    }
    expect(wrong).toEqual([]);
  });

  test.for([
    ["Docker's default", "--security-opt=no-new-privileges"],
    ["an older Docker's, which answers ENOSYS", withoutNewCalls("ENOSYS")],
    ["an older Docker's, which answers EPERM", withoutNewCalls("EPERM")],
  ] as const)("%s: as without one", ([, flag]) => {
    const { status, outcomes } = runAll(flag);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
    expect(
      [...outcomes].flatMap(([command, one]) => differences(command, one, free.outcomes.get(command))),
    ).toEqual([]);
  });
});

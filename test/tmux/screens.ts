/**
 * Makes the screens of docs/top.md: the real program in a terminal, at three sizes, over a container that works.
 *
 *   node build/run_ts.mjs test/tmux/screens.ts            writes docs/top.md anew between its markers
 *   node build/run_ts.mjs test/tmux/screens.ts --check    exit 1 when a screen is missing in docs/top.md
 *
 * The container is a pid namespace with a cgroup of its own below the v1 or v2 hierarchies (0.5 CPU, 256 MiB): needs root.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openTerminal, whyNoTmux } from "./terminal.ts";

const ROOT = join(import.meta.dirname, "../..");
const PROCG = join(ROOT, process.env.PROCG_BINARY ?? "dist/procg");
const DOCUMENT = join(ROOT, "docs/top.md");
const NAME = `procg-screens-${process.pid}`;

interface Shot {
  readonly name: string;
  readonly columns: number;
  readonly rows: number;
  readonly keys: readonly string[];
}

const SHOTS: readonly Shot[] = [
  { name: "80x24", columns: 80, rows: 24, keys: [] },
  { name: "120x40", columns: 120, rows: 40, keys: ["c", "V"] },
  { name: "40x10", columns: 40, rows: 10, keys: [] },
  { name: "one process", columns: 100, rows: 24, keys: ["D"] },
];

const marker = (name: string): string => `<!-- screen ${name} -->`;
const pattern = (name: string): RegExp => new RegExp(`${marker(name)}\n\`\`\`text\n[\\s\\S]*?\n\`\`\`\n`);

/** Folders of a cgroup with limits; commands join it by writing their pid. */
function makeCgroup(): string[] {
  const put = (folder: string, file: string, text: string): void => {
    if (existsSync(join(folder, file))) writeFileSync(join(folder, file), text);
  };
  const top = "/sys/fs/cgroup";
  const tops = existsSync(join(top, "cgroup.controllers"))
    ? [top]
    : readdirSync(top)
        .filter((name) => ["cpu", "memory", "pids", "cpuacct", "cpu,cpuacct", "cpuset"].includes(name))
        .map((name) => join(top, name));
  const folders = [...new Set(tops)].map((folder) => join(folder, NAME));
  for (const folder of folders) {
    if (!existsSync(folder)) mkdirSync(folder);
    put(folder, "cpu.max", "50000 100000");
    put(folder, "cpu.cfs_quota_us", "50000");
    // So that the others of this machine do not take what the quota grants.
    put(folder, "cpu.weight", "10000");
    put(folder, "cpu.shares", "100000");
    put(folder, "memory.max", String(256 << 20));
    put(folder, "memory.limit_in_bytes", String(256 << 20));
    put(folder, "pids.max", "100");
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      const parent = join(folder, "..", file);
      if (existsSync(parent)) put(folder, file, readFileSync(parent, "utf8").trim());
    }
  }
  return folders;
}

async function shoot(folders: readonly string[], shot: Shot): Promise<string> {
  const join_ = folders.map((folder) => `echo $$ > ${folder}/cgroup.procs`).join("; ");
  const work =
    "(exec -a /usr/sbin/nginx sleep 300) & (exec -a 'postgres: writer' sleep 300) & " +
    "(exec -a /usr/bin/worker sh -c 'while :; do :; done') &";
  const inside = `bash -c 'cd /; ${work.replaceAll("'", "'\\''")} exec -a top ${PROCG} -d 1'`;
  const command = `sh -c '${join_}; exec unshare -p -f --mount-proc ${inside.replaceAll("'", "'\\''")}'`;
  const terminal = openTerminal(command, { columns: shot.columns, rows: shot.rows });
  try {
    await terminal.until((lines) => lines.some((line) => /PID/.test(line)));
    await sleep(1500);
    for (const key of shot.keys) {
      terminal.press(key);
      await sleep(300);
    }
    await sleep(5000);
    return terminal.screen().join("\n").trimEnd();
  } finally {
    terminal.press("q");
    await sleep(300);
    terminal.close();
  }
}

async function main(): Promise<number> {
  const document = readFileSync(DOCUMENT, "utf8");
  const missing = SHOTS.filter((shot) => !pattern(shot.name).test(document));
  if (missing.length > 0) {
    process.stderr.write(`docs/top.md has no place for: ${missing.map((shot) => shot.name).join(", ")}\n`);
    return 1;
  }
  if (process.argv.includes("--check")) return 0;
  const why = whyNoTmux() ?? (process.getuid?.() === 0 ? null : "not root");
  if (why !== null) {
    process.stderr.write(`screens: ${why}\n`);
    return 1;
  }
  const folders = makeCgroup();
  let text = document;
  try {
    for (const shot of SHOTS) {
      const screen = await shoot(folders, shot);
      text = text.replace(pattern(shot.name), () => `${marker(shot.name)}\n\`\`\`text\n${screen}\n\`\`\`\n`);
    }
  } finally {
    await sleep(500);
    for (const folder of folders) {
      const left = readFileSync(join(folder, "cgroup.procs"), "utf8").trim().split("\n").filter(Boolean);
      for (const pid of left) spawnSync("kill", ["-9", pid]);
      await sleep(200);
      try {
        rmdirSync(folder);
      } catch {
        // A process is still ending: the empty cgroup costs nothing.
      }
    }
  }
  writeFileSync(DOCUMENT, text);
  return 0;
}

main().then((code) => {
  process.exitCode = code;
});

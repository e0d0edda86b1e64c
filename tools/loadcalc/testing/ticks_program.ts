/**
 * loadcalc's sampler over PROCG_TICKS ticks of a clock that jumps from one to the next, in the real engine, over the tree of PROCG_ROOT.
 * Prints twenty lines "TICKS RSSANON_KB", then the state. An entry for `build/build.mjs --entry`.
 */
import { exit } from "qjs:sys";
import { LOAD_PERIOD_SECONDS } from "../../../lib/loadavg/fixed_point.ts";
import { quickjsSystem } from "../../../lib/system/quickjs/quickjs_system.ts";
import { rootedSystem } from "../../../lib/system/rooted.ts";
import type { System } from "../../../lib/system/system.ts";
import { createSampler } from "../sampler.ts";

const LINES = 20;

function rssAnonKb(system: System): string {
  const text = system.readText("/proc/self/status");
  return (typeof text === "number" ? null : /^RssAnon:\s+(\d+) kB$/m.exec(text)?.[1]) ?? "-";
}

async function run(): Promise<number> {
  const base = quickjsSystem();
  const ticks = Number(base.env("PROCG_TICKS"));
  const start = base.monotonicSeconds();
  let now = start;
  const system: System = {
    ...rootedSystem(base, base.env("PROCG_ROOT") ?? "/"),
    monotonicSeconds: () => now,
    realtimeSeconds: () => 1_700_000_000 + now,
  };
  const sampler = createSampler(system, { host: false, cgroup: null }, "ceil");
  // A program that waits often is a long-running one: from then on garbage is collected early (host_loop.c).
  for (let wait = 0; wait < 20; wait++) await base.sleep(0);
  for (let tick = 1; tick <= ticks; tick++) {
    // A moment late, as every wake-up is.
    now = start + tick * LOAD_PERIOD_SECONDS + (tick % 7) / 1000;
    if (sampler.sample() === null) throw new Error(`tick ${tick}: ${sampler.problem}`);
    if (tick % (ticks / LINES) === 0) base.write(1, `${tick} ${rssAnonKb(base)}\n`);
  }
  base.write(1, sampler.stateText());
  return 0;
}

run().then(exit);

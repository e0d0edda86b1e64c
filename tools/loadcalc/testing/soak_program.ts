/**
 * loadcalc with a clock that runs PROCG_SPEED times as fast, in the real engine: hours of ticks in minutes. An entry for
 * `build/build.mjs --entry`; settings come from the environment.
 */
import { exit } from "qjs:sys";
import { quickjsSystem } from "../../../lib/system/quickjs/quickjs_system.ts";
import type { ServiceHost } from "../../../lib/system/service_host.ts";
import { runDaemon } from "../daemon.ts";
import { createSampler } from "../sampler.ts";
import { readSettings } from "../settings.ts";

async function soak(): Promise<number> {
  const base = quickjsSystem();
  const speed = Number(base.env("PROCG_SPEED") ?? "1");
  const start = base.monotonicSeconds();
  const system = {
    ...base,
    monotonicSeconds: () => start + (base.monotonicSeconds() - start) * speed,
  };
  const real = await base.openServiceHost();
  const host: ServiceHost = {
    ...real,
    addTimer: (at, interval, callback) =>
      real.addTimer(start + (at - start) / speed, interval / speed, callback),
  };
  const choice = { host: false, cgroup: null };
  const settings = readSettings([], (name) => base.env(name));
  const sampler = createSampler(system, choice, settings.algorithm);
  return runDaemon({ system, host, settings, sampler, choice, version: "soak" });
}

soak().then(exit);

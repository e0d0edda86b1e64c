/**
 * loadcalc with a clock that stands still until it is told how far to go, in the real engine, with real files and sockets: months of ticks in
 * minutes. Each line on stdin is a number of seconds; when the clock has passed them, and everything that was due then has run, they are
 * printed, and the clock stands still again, so that clients of the sockets have all the time they want.
 *
 * An entry for `build/build.mjs --entry`; settings come from the environment.
 */
import { exit } from "qjs:sys";
import { quickjsSystem } from "../../../lib/system/quickjs/quickjs_system.ts";
import { READABLE, type ServiceHost } from "../../../lib/system/service_host.ts";
import type { System } from "../../../lib/system/system.ts";
import { runDaemon } from "../daemon.ts";
import { createSampler } from "../sampler.ts";
import { readSettings } from "../settings.ts";

/** 2026-01-01 21:30 UTC: a day of the history is closed, and packed, after 2.5 hours. The machine has been up for a while. */
const REALTIME_SECONDS = 1_767_303_000;
const MONOTONIC_SECONDS = 5000;

interface Timer {
  atSeconds: number;
  readonly intervalSeconds: number;
  readonly callback: () => void;
}

interface StandingClock {
  readonly now: () => number;
  readonly addTimer: (atSeconds: number, intervalSeconds: number, callback: () => void) => number;
  readonly removeTimer: (id: number) => void;
  /** Goes to the next timer and calls it back. False: none is due until `end`, and there the clock is now. */
  readonly step: (end: number) => boolean;
}

function standingClock(): StandingClock {
  const timers = new Map<number, Timer>();
  let now = MONOTONIC_SECONDS;
  let made = 0;
  return {
    now: () => now,
    addTimer(atSeconds, intervalSeconds, callback) {
      timers.set(++made, { atSeconds, intervalSeconds, callback });
      return made;
    },
    removeTimer: (id) => void timers.delete(id),
    step(end) {
      let first = 0;
      let at = Number.POSITIVE_INFINITY;
      for (const [id, { atSeconds }] of timers) {
        if (atSeconds >= at) continue;
        first = id;
        at = atSeconds;
      }
      const timer = timers.get(first);
      if (timer === undefined || at > end) {
        now = Math.max(now, end);
        return false;
      }
      // A moment late, as every wake-up is.
      now = Math.max(now, at + (first % 7) / 1000);
      if (timer.intervalSeconds > 0) timer.atSeconds += timer.intervalSeconds;
      else timers.delete(first);
      timer.callback();
      return true;
    },
  };
}

async function run(): Promise<number> {
  const base = quickjsSystem();
  const real = await base.openServiceHost();
  const clock = standingClock();
  const realtimeSeconds = (): number => REALTIME_SECONDS + clock.now() - MONOTONIC_SECONDS;
  const system: System = {
    ...base,
    monotonicSeconds: clock.now,
    realtimeSeconds,
    stat(path) {
      const status = base.stat(path);
      if (typeof status === "number") return status;
      // As old as it is: the kernel writes the times of its own clock.
      const ageSeconds = base.realtimeSeconds() - status.mtimeSeconds;
      return { ...status, mtimeSeconds: realtimeSeconds() - ageSeconds };
    },
  };
  const { addTimer, removeTimer } = clock;
  const host: ServiceHost = { ...real, addTimer, removeTimer };
  obey(base, real, clock);
  const choice = { host: false, cgroup: null };
  const settings = readSettings([], (name) => base.env(name));
  const sampler = createSampler(system, choice, settings.algorithm);
  return runDaemon({ system, host, settings, sampler, choice, version: "clock" });
}

/** A turn of the real loop between two timers: promises, sockets, children and signals have theirs. */
function obey(base: System, real: ServiceHost, clock: StandingClock): void {
  const buffer = new ArrayBuffer(64);
  let text = "";
  let end = 0;
  const go = (): void => {
    if (clock.step(end)) soon();
    else base.write(1, `${end - MONOTONIC_SECONDS}\n`);
  };
  const soon = (): number => real.addTimer(0, 0, go);
  real.watch(0, READABLE, () => {
    const count = real.read(0, buffer, 0, buffer.byteLength);
    if (count <= 0) {
      real.watch(0, 0, null);
      return;
    }
    for (const byte of new Uint8Array(buffer, 0, count)) text += String.fromCharCode(byte);
    if (!text.endsWith("\n")) return;
    end = MONOTONIC_SECONDS + Number(text);
    text = "";
    soon();
  });
}

run().then(exit);

/** Rules on block IO: at its limit, or waiting for it. */
import { ioRate } from "../container/io.ts";
import { type IoDeviceLimit, ioLimitOf } from "../container/io_limit.ts";
import {
  type Evidence,
  evidence,
  type Looks,
  moved,
  NO_INTERVAL,
  percent,
  type Ruling,
  unknownRuling,
} from "./ruling.ts";
import { threadsInD } from "./states.ts";

/** Of a limit that is used. */
const LIMIT_RATIO = 0.9;
/** Enough where threads wait as well: a limit is handed out in slices. */
const LIMIT_RATIO_WAITING = 0.7;
/** io.pressure, some, that tells of waiting. */
const WAITING_RATIO = 0.05;
const SOME_RATIO = 0.2;
const FULL_RATIO = 0.1;

const KEYS: readonly (readonly [keyof IoDeviceLimit, "bytes/s" | "1/s", string])[] = [
  ["readBytesPerSec", "bytes/s", "bytes read"],
  ["writtenBytesPerSec", "bytes/s", "bytes written"],
  ["readsPerSec", "1/s", "reads"],
  ["writesPerSec", "1/s", "writes"],
];

function pressureRatios({ before, after, seconds }: Looks): { some: number; full: number } | null {
  const some = moved(before?.pressure.io?.some?.totalUsec, after.pressure.io?.some?.totalUsec);
  const full = moved(before?.pressure.io?.full?.totalUsec, after.pressure.io?.full?.totalUsec);
  return some === null || full === null ? null : { some: some / 1e6 / seconds, full: full / 1e6 / seconds };
}

export function judgeIoLimit(looks: Looks): Ruling {
  const { before, after } = looks;
  const id = "io-limit";
  if (before === null) return unknownRuling(id, NO_INTERVAL);
  if (after.ioLimits.devices === null || after.io.source === null)
    return unknownRuling(id, "io limits cannot be read");
  const pressure = pressureRatios(looks);
  const waits = pressure === null ? threadsInD(looks).length > 0 : pressure.some >= WAITING_RATIO;
  const limitFile = after.ioLimits.from[0] ?? "";
  let worst: { readonly ratio: number; readonly name: string; readonly found: Evidence[] } | null = null;
  for (const device of after.ioLimits.devices.keys()) {
    const rates = ioRate(before.io, after.io, device);
    for (const [key, unit, words] of KEYS) {
      const limit = ioLimitOf(after.ioLimits, device, key);
      const rate = rates[key];
      if (typeof limit !== "number" || limit === 0 || rate === null) continue;
      const ratio = rate / limit;
      if (worst !== null && worst.ratio >= ratio) continue;
      const { name } = after.deviceNames(device);
      const rule = `${percent(LIMIT_RATIO)} of the limit, or ${percent(LIMIT_RATIO_WAITING)} where threads wait`;
      worst = {
        ratio,
        name,
        found: [
          evidence(limitFile, `limit of ${name}: ${words} per second`, limit, unit),
          evidence(after.io.from[0] ?? "", `${name}: ${words} per second`, rate, unit, rule),
        ],
      };
    }
  }
  if (worst === null) return { id, severity: "none", summary: "no IO limit", evidence: [], advice: null };
  const waiting =
    pressure === null
      ? evidence("/proc/PID/task/TID/stat", "threads in D at both looks", threadsInD(looks).length)
      : evidence(after.pressureFile.io, "some: a thread waited for IO", pressure.some, "ratio");
  // Where it is known that nothing waits, whoever is at the limit does not mind.
  const isAt = worst.ratio >= (waits ? LIMIT_RATIO_WAITING : LIMIT_RATIO) && (waits || pressure === null);
  return {
    id,
    severity: isAt ? "warning" : "none",
    summary: isAt
      ? `IO of ${worst.name} is at its limit (${percent(worst.ratio)})`
      : `${percent(worst.ratio)} of the IO limit is used`,
    evidence: [...worst.found, waiting],
    advice: isAt
      ? "raise the device's limit (io.max; docker's --device-read-bps and the like), or do less IO"
      : null,
  };
}

export function judgeIoStall(looks: Looks): Ruling {
  const { before, after } = looks;
  const id = "io-stall";
  if (before === null) return unknownRuling(id, NO_INTERVAL);
  const pressure = pressureRatios(looks);
  if (pressure === null) return unknownRuling(id, "no io.pressure (cgroup v1, psi=0, or before Linux 4.20)");
  const { some, full } = pressure;
  const isStalled = some >= SOME_RATIO || full >= FULL_RATIO;
  const file = after.pressureFile.io;
  return {
    id,
    severity: isStalled ? "warning" : "none",
    summary: isStalled ? `threads waited for IO ${percent(some)} of the time` : "threads do not wait for IO",
    evidence: [
      evidence(file, "some: a thread waited for IO", some, "ratio", `${percent(SOME_RATIO)} of the time`),
      evidence(file, "full: all threads did", full, "ratio", `or ${percent(FULL_RATIO)}`),
    ],
    advice: isStalled ? "see `procg iostat 1`: a slow device, or neighbours that use it" : null,
  };
}

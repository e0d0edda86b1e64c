/** A container with 2 CPUs, 3 devices and 2 interfaces (and loopback), under a load that is noisy in everything: for sizes and damage. */
import type { RawItem } from "../../sampler/module.ts";
import { groupsOf, MODULES } from "../../sampler/modules.ts";
import { coarse, type Sample } from "../../sampler/sample.ts";

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const MIDNIGHT_MS = Date.UTC(2026, 10, 20);

export interface MadeContainer {
  /** The next sample, `seconds` later. */
  readonly next: (seconds?: number) => Sample;
}

/** How far a rate strays from its level in a minute. */
export interface Noise {
  /** Cgroup v1 counts by CPU. */
  readonly v1: boolean;
  /** 0.3: between 70 % and 130 % of a level that itself wanders over the day. */
  readonly share: number;
}

/**
 * Everything is busy in every minute, and what belongs together in a real container does here: usage is user and system time and the sum of
 * its CPUs, bytes come in packets and pages, dm-0 lies on vda, loopback receives what it sends.
 */
export function madeContainer(
  seed: number,
  { v1, share }: Noise = { v1: true, share: 0.25 },
  startMs = MIDNIGHT_MS,
): MadeContainer {
  const random = seeded(seed);
  let realtimeMs = startMs;
  let monotonicMs = 86_400_000;
  const counters = new Map<string, number>();
  const about = (level: number): number => Math.round(level * (1 + share * (2 * random() - 1)));
  const add = (key: string, step: number): number => {
    const value = (counters.get(key) ?? Math.floor(random() * 1e9)) + step;
    counters.set(key, value);
    return value;
  };
  const wander = (key: string, level: number, unit: number): number => {
    const value = Math.max(0, (counters.get(key) ?? level) + Math.floor((random() - 0.5) * 200) * unit);
    counters.set(key, value);
    return value;
  };
  const one = (...values: RawItem["values"]): RawItem[] => [{ name: "", values }];
  const rates = (name: string, levels: readonly number[]): RawItem[] =>
    one(...levels.map((level, field) => add(`${name} ${field}`, about(level))));

  return {
    next(seconds = 60) {
      realtimeMs += Math.round(seconds * 1000 + random() * 4 - 2);
      monotonicMs += Math.round(seconds * 1000 + random() * 4 - 2);
      const busy = 0.6 + 0.4 * Math.sin((realtimeMs / 86_400_000) * 2 * Math.PI);
      const cpus = [0, 1].map((cpu) => {
        const user = add(`u${cpu}`, about(20e6 * busy));
        const system = add(`s${cpu}`, about(6e6 * busy));
        return { user, system };
      });
      const user = cpus.reduce((sum, cpu) => sum + cpu.user, 0);
      const system = cpus.reduce((sum, cpu) => sum + cpu.system, 0);
      const noTicks = nulls("", 9).values;
      const interfaceOf = (name: string, packets: number): RawItem => {
        const [inPackets, outPackets] = [about(packets * busy), about(packets * 1.2 * busy)];
        const rx = add(`${name} rb`, inPackets * 300 + Math.floor(random() * 20 * inPackets));
        const tx =
          name === "lo" ? rx : add(`${name} tb`, outPackets * 420 + Math.floor(random() * 20 * outPackets));
        const rxPackets = add(`${name} rp`, inPackets);
        const txPackets = name === "lo" ? rxPackets : add(`${name} tp`, outPackets);
        return { name, values: [rx, tx, rxPackets, txPackets, 0, 0] };
      };
      const [reads, writes] = [about(120 * busy), about(700 * busy)];
      const deviceOf = (name: string, key: string, r: number, w: number): RawItem => {
        const readBytes = add(`${key} rb`, r * 16384 + Math.floor(random() * r) * 4096);
        const writtenBytes = add(`${key} wb`, w * 8192 + Math.floor(random() * w) * 4096);
        return {
          name,
          values: [readBytes, writtenBytes, add(`${key} r`, r), add(`${key} w`, w), ...nulls("", 6).values],
        };
      };
      const vda = deviceOf("vda", "vda", reads, writes);
      const used = wander("used", 900e6, 4096);
      const cache = wander("cache", 500e6, 4096);
      const total = 2 ** 31;
      const made: Readonly<Record<string, RawItem[]>> = {
        cpu: one(user + system, user, system, null, 2e6, ...noTicks),
        percpu: cpus.map((cpu, index) =>
          v1
            ? {
                name: `cpu${index}`,
                values: [cpu.user + cpu.system, cpu.user, cpu.system, null, null, ...noTicks],
              }
            : nulls(`cpu${index}`, 14),
        ),
        mem: one(
          total - used - cache,
          used,
          0,
          cache,
          total,
          total - used,
          used + (cache - (cache % 8192)) / 2,
          total,
        ),
        swap: one(null, null, 0, 0),
        tcp: rates("tcp", [50, 180, 24000, 30000, 2, 1, 0, 15]).map((item) => ({
          name: "",
          values: item.values.map((value, field) => (field === 6 ? 90 + Math.floor(random() * 40) : value)),
        })),
        udp: rates("udp", [110, 110, 0, 0]),
        tcpx: rates("tcpx", [0, 1, 0, 0, 0, 170, 0, 230]),
        net: [interfaceOf("lo", 9000), interfaceOf("eth0", 18000), interfaceOf("eth1", 2500)],
        io: [vda, deviceOf("vdb", "vdb", about(20), about(90)), { name: "dm-0", values: vda.values }],
        partition: ["/", "/data", "/dev/shm"].map((name) => {
          const taken = wander(`${name} used`, 5e9, 4096);
          const inodes = wander(`${name} inodes`, 200_000, 1);
          return { name, values: [50e9 - taken, taken, 50e9, 3_276_800 - inodes, 3_276_800] };
        }),
        pcsw: one(null, null),
        load: one(
          100 + Math.floor(random() * 80),
          130 + Math.floor(random() * 20),
          140 + Math.floor(random() * 5),
          2,
          118,
        ),
        proc: one(add("pu", about(4)), add("ps", about(2)), wander("rss", 3e6, 4096), 0, 0, 2e6, total, 100),
        throttle: one(
          add("periods", about(550)),
          add("throttled", about(90 * busy)),
          add("time", about(5e6 * busy)),
        ),
        psi: rates("psi", [8e5, 0, 2e4, 1e4, 2e5, 9e4]),
        pids: one(100 + Math.floor(random() * 40), 4096),
        oom: one(0, null, null, null),
      };
      const groups = new Map<string, readonly RawItem[]>();
      for (const group of groupsOf(MODULES)) groups.set(group.name, coarse(group, made[group.name] ?? []));
      const limits = { memoryBytes: total, swapBytes: 0, cpuMicroCores: 2e6, cpus: 2, pids: 4096 };
      const bootId = "5b6f0a3e-77a1-4a6e-9a38-0d6f6b0f9d11";
      return { realtimeMs, monotonicMs, bootId, containerId: "0123456789ab@4711", limits, groups };
    },
  };
}

function nulls(name: string, count: number): RawItem {
  return { name, values: Array.from({ length: count }, () => null) };
}

/** What uptime shows: the container's age, who is logged in, the load. */
import type { Container } from "../../lib/container/container.ts";
import type { Figure } from "../../lib/container/figure.ts";
import { type LoadReading, readLoadOrAsk } from "../../lib/container/load.ts";
import { readInitAge, readUptime } from "../../lib/container/uptime.ts";
import { countUsers, type UserCount } from "../../lib/container/users.ts";

export interface UptimeModel {
  /** Seconds since the epoch. */
  readonly nowSeconds: number;
  readonly uptimeSeconds: Figure;
  readonly users: UserCount;
  readonly load: LoadReading;
}

/** @param initAge the age of process 1 even where the machine is the container (-c) */
export async function collectUptime(container: Container, initAge: boolean): Promise<UptimeModel> {
  return {
    nowSeconds: container.system.realtimeSeconds(),
    uptimeSeconds: initAge ? readInitAge(container) : readUptime(container),
    users: countUsers(container.system),
    load: await readLoadOrAsk(container),
  };
}

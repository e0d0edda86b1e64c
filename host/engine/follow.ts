/** The engine's stream of events, opened again after each break, later and later, with what was missed meanwhile. */
import type { ServiceHost } from "../../lib/system/service_host.ts";
import type { System } from "../../lib/system/system.ts";
import type { Engine, EngineEvent } from "./engine.ts";

export interface FollowListener {
  /** The stream stands: what was before is to be listed now. */
  opened(): void;
  event(event: EngineEvent): void;
  /** `answers`: the engine is up and has no events to give (Podman with its events off): its list can be asked. */
  broken(why: string, answers: boolean): void;
}

export interface Follower {
  /** false: this engine has no events, its list is all there is. */
  readonly hasStream: boolean;
  /** The stream stands. */
  isUp(): boolean;
  close(): void;
}

/** Events may be asked again from a little before the last one: they are idempotent. */
const OVERLAP_SECONDS = 2;
const RECONNECT_FIRST_SECONDS = 0.1;
const RECONNECT_MOST_SECONDS = 5;

export function followEvents(
  engine: Engine,
  host: ServiceHost,
  system: System,
  listener: FollowListener,
): Follower {
  let lastEventSeconds: number | null = null;
  let reconnectSeconds = RECONNECT_FIRST_SECONDS;
  let stream: { close(): void } | null = null;
  let timer = -1;
  let closed = false;

  const connect = (): void => {
    timer = -1;
    const since = lastEventSeconds === null ? null : lastEventSeconds - OVERLAP_SECONDS;
    stream = engine.events(since, {
      opened: () => listener.opened(),
      event: (event) => {
        reconnectSeconds = RECONNECT_FIRST_SECONDS;
        if (event.atSeconds > (lastEventSeconds ?? 0)) lastEventSeconds = event.atSeconds;
        listener.event(event);
      },
      ended: (why) => {
        stream = null;
        if (closed) return;
        const answers = why.startsWith("the engine answers");
        timer = host.addTimer(system.monotonicSeconds() + reconnectSeconds, 0, connect);
        reconnectSeconds = Math.min(RECONNECT_MOST_SECONDS, reconnectSeconds * 2);
        listener.broken(why, answers);
      },
    });
  };
  connect();
  return {
    hasStream: stream !== null || timer >= 0,
    isUp: () => stream !== null,
    close() {
      closed = true;
      stream?.close();
      if (timer >= 0) host.removeTimer(timer);
    },
  };
}

/** The containers that run, by events: only what an event names is asked for, several together, and what is gone goes. */
import { expect, test } from "vitest";
import { memoryServiceHost } from "../../lib/system/testing/memory_service_host.ts";
import { memorySystem } from "../../lib/system/testing/memory_system.ts";
import type { ContainerFacts, Engine, EventListener } from "./engine.ts";
import { openRoster } from "./roster.ts";

function play() {
  const running = new Map<string, string>();
  const asked: string[] = [];
  let listener: EventListener | null = null;
  let down = false;
  const engine: Engine = {
    ...{ name: "played", address: "played", exec: () => null, info: async () => null, update: () => null },
    async list(found) {
      asked.push("list");
      if (down) return { failed: "no answer", gone: false };
      for (const [id, name] of running) found({ id, name });
      return null;
    },
    async inspect(id) {
      asked.push(id);
      const name = running.get(id);
      if (name === undefined) return { failed: "no such container", gone: true };
      const none = {
        image: null,
        startedAt: null,
        hostname: null,
        networkMode: null,
        rootfsQuotaBytes: null,
      };
      const facts: ContainerFacts = {
        ...none,
        ...{
          id,
          name,
          runtime: "played",
          state: "running",
          pid: 7,
          labels: {},
          mounts: [],
          runDirectory: null,
        },
      };
      return facts;
    },
    events(_since, given) {
      listener = given;
      return { close: () => undefined };
    },
  };
  const system = memorySystem({ "/proc/7/stat": `7 (init) S ${Array(49).fill("0").join(" ")}\n` });
  const host = memoryServiceHost(system);
  const roster = openRoster({ system, host, engine, refreshSeconds: 60 });
  return {
    ...{ running, asked, roster, host },
    event: (id: string, action = "start") => listener?.event({ id, action, atSeconds: 1 }),
    setDown: (value: boolean) => {
      down = value;
    },
  };
}

test("an event asks for what it names, several together; others are not asked again", async () => {
  const { running, asked, roster, host, event } = play();
  running.set("a", "one").set("b", "two");
  await roster.refresh();
  expect([...roster.known.values()].map(({ name }) => name)).toEqual(["one", "two"]);
  asked.length = 0;
  running.set("c", "three").set("a", "renamed").delete("b");
  event("c");
  event("a", "rename");
  event("b", "die");
  event("c", "exec_start: something");
  await host.run(1);
  expect(asked).toEqual(["list", "a", "c"]);
  expect([...roster.known.keys()].sort()).toEqual(["a", "c"]);
  roster.close();
  expect(host.timers).toBe(0);
});

test("without any event the list is asked again; an engine that is away takes nothing away", async () => {
  const { running, asked, roster, host, event, setDown } = play();
  running.set("a", "one");
  await roster.refresh();
  setDown(true);
  event("a", "update");
  await host.run(1);
  expect([roster.problem, roster.isFilled, roster.known.size]).toEqual(["no answer", true, 1]);
  setDown(false);
  running.set("b", "two");
  asked.length = 0;
  await host.run(70);
  // What the event had named is still to be asked.
  expect(asked).toEqual(["list", "a", "b"]);
  expect(roster.problem).toBeNull();
});

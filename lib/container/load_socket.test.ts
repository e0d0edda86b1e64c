import { expect, test } from "vitest";
import type { ServiceHost } from "../system/service_host.ts";
import { memoryServiceHost } from "../system/testing/memory_service_host.ts";
import { memorySystem } from "../system/testing/memory_system.ts";
import { openContainer } from "./container.ts";
import { readLoadOrAsk } from "./load.ts";

const SECTION = {
  load1: 0.63,
  load5: 0.18,
  load15: 0.06,
  runnable: 1,
  uninterruptible: 1,
  threads: 12,
  lastPid: 77,
};
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${JSON.stringify(SECTION)}\n`;

/** A System whose socket gives `answer` in pieces, and then ends; null: it is silent. */
async function ask(
  answer: string | null,
  path = "/run/procg/loadcalc.sock",
  env: Record<string, string> = {},
) {
  const system = memorySystem(
    { "/proc/1/cgroup": "0::/\n", "/proc/1/ns/pid": { link: "pid:[4026532001]" }, [path]: "" },
    { env },
  );
  const inner = memoryServiceHost(system);
  let left = answer ?? "";
  const closed: number[] = [];
  const host: ServiceHost = {
    ...inner,
    connectUnix: () => 5,
    send: (_fd, _buffer, _offset, length) => length,
    watch: (_fd, events, callback) => {
      if (events !== 0 && callback !== null && answer !== null)
        for (let i = 0; i < 100; i++) setImmediate(() => !closed.includes(5) && callback());
      return 0;
    },
    read(_fd, buffer, offset, length) {
      const piece = left.slice(0, Math.min(length, 50));
      left = left.slice(piece.length);
      Buffer.from(piece).copy(Buffer.from(buffer, offset));
      return piece.length;
    },
    close: (fd) => closed.push(fd),
  };
  const reading = readLoadOrAsk(
    openContainer(Object.assign(system, { openServiceHost: async () => host }), {
      host: false,
      cgroup: null,
    }),
  );
  if (answer === null) {
    await new Promise((resolve) => setTimeout(resolve, 100)); // it is loaded from its file
    await inner.run(1);
  }
  return { reading: await reading, closed };
}

test("without a file the socket is asked", async () => {
  const { reading, closed } = await ask(ANSWER);
  expect(reading).toEqual({
    load: { load1: 0.63, load5: 0.18, load15: 0.06, runnable: 2, total: 12, lastPid: 77 },
    source: "loadcalc",
    path: "/run/procg/loadcalc.sock",
    problem: null,
  });
  expect(closed).toEqual([5]);
});

test("PROCG_SOCKET names another one", async () => {
  const { reading } = await ask(ANSWER, "/sockets/lc", { PROCG_SOCKET: "/sockets/lc" });
  expect(reading.path).toBe("/sockets/lc");
});

test.each([
  [null, "loadcalc does not answer"],
  ["", "loadcalc has no answer"],
  ["HTTP/1.1 503 Service Unavailable\r\n\r\nno sample yet\n", "loadcalc has no answer"],
  ["HTTP/1.1 200 OK\r\n\r\n{", "loadcalc's answer is not JSON"],
  ["HTTP/1.1 200 OK\r\n\r\nnull\n", "loadcalc has no load yet"],
  ['HTTP/1.1 200 OK\r\n\r\n{"load1":1}\n', "loadcalc has no load yet"],
])("%j: not known, and why", async (answer, why) => {
  const { reading, closed } = await ask(answer);
  expect(reading).toMatchObject({ load: null, source: null });
  expect(reading.problem).toContain(why);
  expect(closed).toEqual([5]);
});

test("no socket, no question", async () => {
  const { reading, closed } = await ask(ANSWER, "/elsewhere");
  expect([reading.load, closed]).toEqual([null, []]);
});

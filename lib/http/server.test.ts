import { beforeEach, describe, expect, test } from "vitest";
import { EMFILE } from "../system/service_host.ts";
import { type MemoryServiceHost, memoryServiceHost } from "../system/testing/memory_service_host.ts";
import { type MemorySystem, memorySystem } from "../system/testing/memory_system.ts";
import type { HttpRequest } from "./request.ts";
import { makeTextResponse, type Response } from "./response.ts";
import { type HttpServer, httpServer } from "./server.ts";

const TCP = "127.0.0.1:19110";
const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

let system: MemorySystem;
let host: MemoryServiceHost;
let server: HttpServer;
let answered: HttpRequest[];
let log: string[];
let answer: (request: HttpRequest) => Response | Promise<Response>;

beforeEach(() => {
  system = memorySystem({});
  host = memoryServiceHost(system, 2000);
  answered = [];
  log = [];
  answer = (request) => makeTextResponse(200, `you asked for ${request.path}`, 0);
  server = httpServer({
    host,
    monotonicSeconds: () => system.monotonicSeconds(),
    realtimeSeconds: () => system.realtimeSeconds(),
    answer(request) {
      answered.push(request);
      return answer(request);
    },
    hostNames: ["web-1"],
    log: (text) => log.push(text),
  });
  server.serve(host.listenTcp("127.0.0.1", 19110, 64), true);
  server.serve(host.listenUnix("/sock", 0o666, 64), false);
});

/** Nothing is left of a client: no descriptor but the two listeners, no timer. */
const expectNothingLeft = async () => {
  await host.run(10);
  expect(host.openDescriptors).toBe(2);
  expect(host.timers).toBe(0);
};

const statusOf = (received: string) => Number(/^HTTP\/1\.1 (\d+) /.exec(received)?.[1]);

test("one request, in pieces, then another; closed after silence", async () => {
  const client = host.connect(TCP);
  for (const char of GET) {
    client.send(char);
    await host.settle();
  }
  expect(client.received).toMatch(
    /^HTTP\/1\.1 200 OK\r\nConnection: keep-alive\r\n[\s\S]*you asked for \/\n$/,
  );
  client.received = "";
  client.send("HEAD /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  await host.settle();
  expect(client.received).toMatch(/Content-Length: 17\r\n[\s\S]*\r\n\r\n$/);
  await host.run(4.5);
  expect(client.closed).toBe(false);
  await host.run(1);
  expect(client.closed).toBe(true);
  await expectNothingLeft();
});

test("pipelined requests are answered in order", async () => {
  const client = host.connect("/sock");
  client.send(["/a", "/b", "/c"].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(""));
  await host.settle();
  expect([...client.received.matchAll(/for (\S+)/g)].map((match) => match[1])).toEqual(["/a", "/b", "/c"]);
});

test("Connection: close and HTTP/1.0 end with the answer; the client may read first", async () => {
  for (const request of [
    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
  ]) {
    const client = host.connect(TCP);
    client.send(request);
    await host.settle();
    expect(client.received).toContain("Connection: close     \r\n");
    expect([client.finished, client.closed]).toEqual([true, false]);
    client.end();
    await host.settle();
    expect(client.closed).toBe(true);
  }
  await expectNothingLeft();
});

test("a client that ends its side behind the request still gets the answer", async () => {
  const client = host.connect(TCP);
  client.send(GET);
  client.end();
  await host.settle();
  expect(statusOf(client.received)).toBe(200);
  expect(client.closed).toBe(true);
  await expectNothingLeft();
});

describe("what is refused", () => {
  test.each([
    [400, "\x16\x03\x01\x02\x00"],
    [400, "GET / HTTP/1.1\r\n\r\n"],
    [405, "DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    [413, "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"],
    [414, `GET /${"x".repeat(2000)} HTTP/1.1\r\n`],
    [403, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"],
    [403, "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ])("%i, and the connection closes", async (status, text) => {
    const client = host.connect(TCP);
    client.send(text);
    await host.settle();
    expect(statusOf(client.received)).toBe(status);
    expect(client.finished).toBe(true);
    expect(answered).toEqual([]);
    if (status === 405) expect(client.received).toContain("Allow: GET, HEAD\r\n");
    await host.run(1);
    expect(client.closed).toBe(true);
    await expectNothingLeft();
  });

  test("a megabyte of headers: 431 is seen, the rest is thrown away", async () => {
    const client = host.connect(TCP);
    client.send(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(1 << 20)}`);
    await host.settle();
    expect(statusOf(client.received)).toBe(431);
    expect(client.closed).toBe(false);
    client.end();
    await host.settle();
    expect(client.closed).toBe(true);
    await expectNothingLeft();
  });

  test("a refused client that sends for ever is cut off", async () => {
    const client = host.connect(TCP);
    client.send("nonsense");
    await host.settle();
    client.send("x".repeat(5 << 20));
    await host.settle();
    expect(client.closed).toBe(true);
    await expectNothingLeft();
  });

  test("the unix socket asks for no Host of ours; our own name is one on TCP", async () => {
    const local = host.connect("/sock");
    local.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    const named = host.connect(TCP);
    named.send("GET / HTTP/1.1\r\nHost: Web-1:19110\r\n\r\n");
    await host.settle();
    expect([statusOf(local.received), statusOf(named.received)]).toEqual([200, 200]);
  });
});

describe("slow clients are gone within 3 s", () => {
  test("one that says nothing", async () => {
    const client = host.connect(TCP);
    await host.run(1.9);
    expect(client.closed).toBe(false);
    await host.run(1.1);
    expect([client.closed, client.received]).toEqual([true, ""]);
  });

  test("one that sends a byte now and then gets 408", async () => {
    const client = host.connect(TCP);
    for (let i = 0; i < 5; i++) {
      client.send("G E T"[i] ?? "");
      await host.run(0.4);
    }
    await host.run(0.3);
    expect(statusOf(client.received)).toBe(408);
    await host.run(0.7);
    expect(client.closed).toBe(true);
    await expectNothingLeft();
  });

  test("one that does not read", async () => {
    answer = () => makeTextResponse(200, "y".repeat(100_000), 0);
    const client = host.connect(TCP);
    client.room = 5000;
    client.send(GET);
    await host.run(2);
    expect([client.received.length, client.closed]).toEqual([5000, false]);
    await host.run(1);
    expect(client.closed).toBe(true);
    expect(server.counts.dropped).toBe(1);
    await expectNothingLeft();
  });

  test("one that reads slowly but well gets all of it, also when the snapshot changes meanwhile", async () => {
    const response = makeTextResponse(200, "y".repeat(50_000), 0);
    answer = () => response;
    const client = host.connect(TCP);
    client.room = 1;
    client.send(GET);
    await host.settle();
    new Uint8Array(response.bytes).fill(0);
    while (!client.received.endsWith("\n") && client.received.length < 60_000) {
      client.room = 9000;
      await host.settle();
    }
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\ny{50000}\n$/);
    client.room = Number.POSITIVE_INFINITY;
    answer = () => makeTextResponse(200, "again", 0);
    client.send(GET);
    await host.settle();
    expect(client.received.endsWith("again\n")).toBe(true);
  });
});

test("64 clients are served, the next are told 503, more are closed; a place that gets free is given again", async () => {
  const clients = Array.from({ length: 64 }, () => host.connect(TCP));
  await host.settle();
  const next = Array.from({ length: 40 }, () => host.connect(TCP));
  await host.settle();
  expect(next.filter((client) => statusOf(client.received) === 503).length).toBe(32);
  expect(next.slice(32).every((client) => client.closed && client.received === "")).toBe(true);
  expect(next[0]?.received).toContain("Retry-After: 1\r\n");
  for (const client of next) client.end();
  for (const client of clients) client.send(GET);
  await host.settle();
  expect(clients.every((client) => statusOf(client.received) === 200)).toBe(true);
  clients[7]?.end();
  await host.settle();
  const late = host.connect(TCP);
  late.send(GET);
  await host.settle();
  expect(statusOf(late.received)).toBe(200);
  await expectNothingLeft();
});

test("clients that have been silent for 2 s make room", async () => {
  const clients = Array.from({ length: 64 }, () => host.connect(TCP));
  for (const client of clients) client.send(GET);
  await host.run(2.5);
  const late = host.connect(TCP);
  late.send(GET);
  await host.settle();
  expect(statusOf(late.received)).toBe(200);
  expect(clients.filter((client) => client.closed).length).toBe(1);
});

test("no descriptor left: one line, no spinning, goes on when one is free", async () => {
  host.acceptErrors = [EMFILE];
  const client = host.connect(TCP);
  client.send(GET);
  const before = host.deliveries;
  await host.settle();
  expect(host.deliveries - before).toBe(1);
  host.acceptErrors = [EMFILE];
  await host.run(0.4);
  expect([client.received, log.length]).toEqual(["", 1]);
  await host.run(1);
  expect(statusOf(client.received)).toBe(200);
  expect(log.length).toBe(1);
  await expectNothingLeft();
});

test("a client that is reset in any state leaves nothing behind", async () => {
  const sending = host.connect(TCP);
  sending.send("GET");
  const reading = host.connect(TCP);
  reading.room = 10;
  reading.send(GET);
  await host.settle();
  sending.fail(-104);
  reading.fail(-32);
  await host.settle();
  expect([sending.closed, reading.closed]).toEqual([true, true]);
  const gone = host.connect(TCP);
  gone.send(GET);
  host.acceptErrors = [-103];
  await host.settle();
  expect(statusOf(gone.received)).toBe(200);
  await expectNothingLeft();
});

test("an answer that takes a while: others are served, the client may pipeline or leave", async () => {
  let finish: (response: Response) => void = () => {};
  answer = (request) =>
    request.path === "/late"
      ? new Promise((resolve) => {
          finish = resolve;
        })
      : makeTextResponse(200, "soon", 0);
  const slow = host.connect(TCP);
  slow.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await host.settle();
  slow.send(GET);
  const other = host.connect(TCP);
  other.send(GET);
  await host.settle();
  expect([slow.received, statusOf(other.received)]).toEqual(["", 200]);
  finish(makeTextResponse(200, "late", 0));
  await host.settle();
  expect(slow.received).toMatch(/late\n[\s\S]*soon\n$/);
  slow.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await host.settle();
  slow.fail(-104);
  await host.settle();
  expect(slow.closed).toBe(true);
  finish(makeTextResponse(200, "nobody is there", 0));
  await expectNothingLeft();
});

test("10 000 clients, one after the other and at once, leave nothing behind", async () => {
  for (let i = 0; i < 100; i++) {
    const clients = Array.from({ length: 100 }, () => host.connect(TCP));
    for (const [k, client] of clients.entries()) {
      if (k % 3 === 0) client.send(GET);
      if (k % 3 === 1) client.send("\x00\x01garbage");
      if (k % 2 === 0) client.end();
    }
    await host.run(0.1);
  }
  await expectNothingLeft();
});

test("close: all clients and listeners are let go", async () => {
  const client = host.connect(TCP);
  await host.settle();
  server.close();
  expect(client.closed).toBe(true);
  expect(host.timers).toBe(0);
});

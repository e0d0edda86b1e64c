import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  endOfHead,
  type HttpRequest,
  isLocalHost,
  parseRequest,
  queryValue,
  refuseEarly,
} from "./request.ts";

const head = (line: string, ...headers: string[]) => `${[line, ...headers].join("\r\n")}\r\n\r\n`;
const status = (text: string) => {
  const result = parseRequest(text);
  return "status" in result ? result.status : 200;
};

test("what curl, Prometheus and an old probe send", () => {
  expect(
    parseRequest(
      head("GET /metrics?a=1&b HTTP/1.1", "Host: localhost:19110", "User-Agent: curl/8", "Accept: */*"),
    ),
  ).toEqual({
    method: "GET",
    path: "/metrics",
    query: "a=1&b",
    keepAlive: true,
    host: "localhost:19110",
    accept: "*/*",
    ifNoneMatch: "",
  });
  expect(parseRequest(head("HEAD / HTTP/1.0"))).toMatchObject({ method: "HEAD", keepAlive: false, host: "" });
  expect(parseRequest(head("GET / HTTP/1.0", "Connection: Keep-Alive"))).toMatchObject({ keepAlive: true });
  expect(parseRequest(head("GET / HTTP/1.1", "Host: a", "connection: Close"))).toMatchObject({
    keepAlive: false,
  });
  expect(
    parseRequest(
      head("GET / HTTP/1.1", "host:\t a \t", "Accept: text/a", "Accept: text/b", "Content-Length: 0"),
    ),
  ).toMatchObject({ host: "a", accept: "text/a, text/b" });
  expect(parseRequest(head("GET http://web-1:19110/v1/load?x HTTP/1.1", "Host: other"))).toMatchObject({
    host: "web-1:19110",
    path: "/v1/load",
    query: "x",
  });
  expect(parseRequest(head("GET http://web-1 HTTP/1.1", "Host: other"))).toMatchObject({ path: "/" });
});

test.each([
  [400, "GET / HTTP/1.1"],
  [400, "GET  / HTTP/1.1"],
  [400, "GET /a b HTTP/1.1"],
  [400, "GET / HTTP/1"],
  [400, "GET / http/1.1"],
  [400, "GET"],
  [400, " GET / HTTP/1.1"],
  [400, "GET /\x00 HTTP/1.1"],
  [400, "GET /caf\xe9 HTTP/1.1"],
  [400, "GET *x HTTP/1.0"],
  [400, "GET /a#b HTTP/1.0"],
  [505, "GET / HTTP/2.0"],
  [505, "GET / HTTP/0.9"],
  [405, "POST / HTTP/1.0"],
  [405, "OPTIONS * HTTP/1.0"],
  [405, "TRACE / HTTP/1.0"],
  [414, `GET /${"a".repeat(1024)} HTTP/1.0`],
])("%i for %j", (expected, line) => {
  expect(status(head(line))).toBe(expected);
});

test.each([
  [400, "Host: b"],
  [400, "X Y: 1"],
  [400, "X : 1"],
  [400, ": 1"],
  [400, "no colon"],
  [400, " folded: 1"],
  [400, "X: a\rb"],
  [400, "X: a\nb"],
  [400, "X: a\x00b"],
  [413, "Content-Length: 5"],
  [413, "Content-Length: -1"],
  [413, "Transfer-Encoding: chunked"],
  [431, `X: ${"a".repeat(4096)}`],
  [200, "X: caf\xe9\ttab"],
])("%i for the header %j", (expected, header) => {
  expect(status(head("GET / HTTP/1.1", "Host: a", header))).toBe(expected);
});

describe("before the head is complete", () => {
  test("garbage is told at once, a slow request is waited for", () => {
    expect(refuseEarly("\x16\x03\x01\x02")).toMatchObject({ status: 400 });
    expect(refuseEarly("GET")).toBeNull();
    expect(refuseEarly("GET / HTTP/1.1\r\nHost: a\r\n")).toBeNull();
    expect(refuseEarly(`GET /${"a".repeat(2000)}`)).toMatchObject({ status: 414 });
    expect(refuseEarly(`GET / HTTP/1.1\r\nX: ${"a".repeat(5000)}`)).toMatchObject({ status: 431 });
  });

  test("the end is found wherever the pieces are cut", () => {
    const text = head("GET / HTTP/1.1", "Host: a");
    expect(endOfHead(`${text}GET`, 0)).toBe(text.length);
    expect(endOfHead(text, text.length - 1)).toBe(text.length);
    expect(endOfHead(text.slice(0, -1), 0)).toBe(-1);
  });
});

test("any text gives a request or a status, never an exception", () => {
  const statuses = [400, 405, 413, 414, 431, 505];
  const check = (text: string) => {
    const result = parseRequest(`${text}\r\n\r\n`);
    if ("status" in result) expect(statuses).toContain(result.status);
    else expect(["GET", "HEAD"]).toContain((result as HttpRequest).method);
    refuseEarly(text);
  };
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), check));
  const pieces = fc.constantFrom(
    "GET ",
    "/",
    " HTTP/1.1",
    "\r\n",
    "Host",
    ":",
    " ",
    "a",
    "\n",
    "\x00",
    "%2e",
    "..",
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => check(parts.join(""))));
});

test("queries", () => {
  expect(queryValue("compat=docker-metric&x", "compat")).toBe("docker-metric");
  expect(queryValue("compat=docker-metric&x", "x")).toBe("");
  expect(queryValue("", "x")).toBeNull();
  expect(queryValue("xcompat=1", "compat")).toBeNull();
});

test("hosts that nobody's DNS can have made point here", () => {
  for (const host of [
    "localhost",
    "LOCALHOST:19110",
    "127.0.0.1",
    "10.1.2.3:80",
    "[::1]:19110",
    "a.localhost",
    "web-1",
  ])
    expect(isLocalHost(host, ["web-1"])).toBe(true);
  for (const host of [
    "evil.example",
    "evil.example:19110",
    "localhost.evil.example",
    "web-10",
    "",
    ":80",
    "127.0.0.1.evil.example",
    "1.2.3.4.5",
    "[::1",
    "a:b",
  ])
    expect(isLocalHost(host, ["web-1"])).toBe(false);
});

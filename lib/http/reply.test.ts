/** Answers in any pieces: the outcome does not depend on where the network cuts. */
import { describe, expect, test } from "vitest";
import { replyParser, textOfBytes } from "./reply.ts";

function parse(text: string, size: number, ends = true) {
  const parser = replyParser();
  let body = "";
  for (let at = 0; at < text.length; at += size) body += parser.feed(text.slice(at, at + size));
  if (ends) parser.end();
  return { status: parser.status, ended: parser.ended, problem: parser.problem, body };
}

const CASES: readonly (readonly [name: string, text: string, body: string, status: number])[] = [
  ["by length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 200],
  ["no body", "HTTP/1.1 204 No Content\r\n\r\n", "", 204],
  ["length 0", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "", 404],
  [
    "chunked",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nT: 1\r\n\r\n",
    "hello!",
    200,
  ],
  ["to the end", "HTTP/1.0 200 OK\r\n\r\nall of it", "all of it", 200],
  ["100 before it", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", 200],
  ["taken over", "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\n\r\n\x01\x00raw", "\x01\x00raw", 101],
];

describe("replyParser", () => {
  test.for(CASES)("%s", ([, text, body, status]) => {
    for (const size of [1, 2, 3, 7, text.length]) {
      expect(parse(text, size)).toEqual({ status, ended: true, problem: null, body });
    }
  });

  test.for([
    ["cut in the head", "HTTP/1.1 200 OK\r\nContent-Le"],
    ["cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"],
    ["cut between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"],
    ["another protocol", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["a wrong chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"],
    ["a chunk too long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n"],
    ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"],
    ["an endless head", `HTTP/1.1 200 OK\r\n${"X: 1\r\n".repeat(20_000)}`],
  ] as const)("%s is a problem, not an answer", ([, text]) => {
    expect(parse(text, 1000).problem).not.toBe(null);
  });

  test("a stream is not ended before its last chunk", () => {
    const text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    expect(parse(text, 4, false)).toEqual({ status: 200, ended: false, problem: null, body: "abc" });
  });
});

test("textOfBytes: UTF-8, and what is not", () => {
  expect(textOfBytes("plain 100%")).toBe("plain 100%");
  expect(textOfBytes("gr\xc3\xbc\xc3\x9fe 5%25")).toBe("grüße 5%25");
  expect(textOfBytes("\xff")).toBe("\xff");
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { makeResponse, makeTextResponse, setKeepAlive, utf8 } from "./response.ts";

const text = (response: { bytes: ArrayBuffer }) => Buffer.from(response.bytes).toString("utf8");

test("head and body", () => {
  const response = makeResponse(200, "application/json", '{"a":"\u20ac"}', 1_795_234_278.3, 'ETag: "1"\r\n');
  expect(text(response)).toBe(
    "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nDate: Sat, 21 Nov 2026 04:11:18 GMT\r\n" +
      "Content-Type: application/json\r\nContent-Length: 11\r\nCache-Control: no-store\r\n" +
      'X-Content-Type-Options: nosniff\r\nETag: "1"\r\n\r\n{"a":"\u20ac"}',
  );
  expect(response.bytes.byteLength - response.headLength).toBe(11);
});

test("the connection header is written over in place", () => {
  const response = makeTextResponse(404, "no", 0);
  const before = text(response);
  setKeepAlive(response, false);
  expect(text(response)).toBe(before.replace("keep-alive", "close     "));
  setKeepAlive(response, false);
  setKeepAlive(response, true);
  expect(text(response)).toBe(before);
});

test("304 has neither type nor length", () => {
  expect(text(makeResponse(304, "", "", 0))).not.toMatch(/Content-(Type:|Length)/);
});

test("UTF-8 as everybody encodes it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      expect(Buffer.from(utf8(value))).toEqual(Buffer.from(value, "utf8"));
    }),
  );
  expect(Buffer.from(utf8("a\ud800b\udc00")).toString()).toBe("a\ufffdb\ufffd");
});

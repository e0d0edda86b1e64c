/** What engines and their programs answer, cut in any places, and damaged. */
import { describe, expect, test } from "vitest";
import { containerdFacts, parseTasks } from "./containerd.ts";
import { criFacts } from "./cri.ts";
import { parseEvent, unframe } from "./docker.ts";
import { parseInspect, parseRamBytes } from "./docker_inspect.ts";
import { objectSplitter } from "./json_stream.ts";

function split(text: string, size: number): string[] {
  const found: string[] = [];
  const take = objectSplitter((object) => found.push(object));
  for (let at = 0; at < text.length; at += size) take(text.slice(at, at + size));
  return found;
}

describe("objectSplitter", () => {
  const objects = ['{"a":1}', '{"b":{"c":[{}]}}', '{"d":"}{\\"\\\\"}', '{"e":"ü{"}'];
  test.for([1, 2, 3, 5, 1000])("an array, lines and json-seq in pieces of %i", (size) => {
    expect(split(`[${objects.join(",")}]\n`, size)).toEqual(objects);
    expect(split(`${objects.join("\n")}\n`, size)).toEqual(objects);
    expect(split(`\x1e${objects.join("\n\x1e")}\n`, size)).toEqual(objects);
  });

  test("an object without an end is refused, not kept for ever", () => {
    const take = objectSplitter(() => {});
    let is = true;
    for (let i = 0; i < 100 && is; i++) is = take(`{"x":"${"y".repeat(100_000)}`);
    expect(is).toBe(false);
  });
});

describe("docker", () => {
  test("events of containers, in the words of API 1.52 too; others are none", () => {
    const event = { Type: "container", Action: "start", Actor: { ID: "abc" }, timeNano: 1.5e18 };
    expect(parseEvent(JSON.stringify(event))).toEqual({ id: "abc", action: "start", atSeconds: 1.5e9 });
    for (const text of [
      "",
      "[]",
      "null",
      '{"Type":"network","Action":"x","Actor":{"ID":"a"}}',
      '{"Type":"container"}',
    ]) {
      expect(parseEvent(text)).toBe(null);
    }
  });

  test("frames of an exec; a terminal's output has none", () => {
    expect(unframe("\x01\0\0\0\0\0\0\x03abc\x02\0\0\0\0\0\0\x01!")).toBe("abc!");
    expect(unframe("plain text of a terminal")).toBe("plain text of a terminal");
    expect(unframe("")).toBe("");
  });

  test("inspect: what is missing is null", () => {
    expect(parseInspect('{"Id":"x"}', "docker")).toMatchObject({
      id: "x",
      pid: 0,
      name: null,
      labels: {},
      mounts: [],
    });
    expect(parseInspect("[]", "docker")).toBe(null);
    expect(parseInspect("nonsense", "docker")).toBe(null);
    const full = {
      Id: "x",
      Name: "/web",
      State: { Status: "running", Pid: 7, StartedAt: "2026-11-21T10:00:00Z" },
      Config: { Image: "i", Labels: { a: "b", c: 1 }, Env: ["A=1", "PROCG_RUN=/var/procg"] },
      HostConfig: { NetworkMode: "default", StorageOpt: { size: "10G" }, Tmpfs: { "/run": "" } },
      Mounts: [{ Type: "bind", Source: "/a", Destination: "/b" }, null],
    };
    expect(parseInspect(JSON.stringify(full), "docker")).toMatchObject({
      name: "web",
      pid: 7,
      labels: { a: "b" },
      networkMode: "bridge",
      rootfsQuotaBytes: 10 * 1024 ** 3,
      runDirectory: "/var/procg",
      mounts: [
        { source: "/a", destination: "/b", kind: "bind" },
        { source: "", destination: "/run", kind: "tmpfs" },
      ],
    });
    expect(["10G", "1.5g", "512", "2TB", "x"].map(parseRamBytes)).toEqual([
      10737418240,
      1610612736,
      512,
      2199023255552,
      null,
    ]);
  });
});

describe("programs", () => {
  test("ctr tasks ls", () => {
    expect(
      parseTasks("TASK    PID     STATUS\nab      12      RUNNING\ncd      0       STOPPED\n\n"),
    ).toEqual([
      { id: "ab", pid: 12, state: "running" },
      { id: "cd", pid: 0, state: "stopped" },
    ]);
    expect(parseTasks("")).toEqual([]);
    const facts = containerdFacts('{"Image":"i","Labels":{"nerdctl/name":"n"}}', {
      id: "ab",
      pid: 12,
      state: "running",
    });
    expect(facts).toMatchObject({ id: "ab", name: "n", image: "i", pid: 12 });
  });

  test("crictl inspect", () => {
    const status = {
      id: "ab",
      state: "CONTAINER_RUNNING",
      labels: { "io.kubernetes.pod.name": "p", "io.kubernetes.container.name": "c" },
    };
    expect(criFacts(JSON.stringify({ status, info: { pid: 9 } }))).toMatchObject({
      name: "default/p/c",
      pid: 9,
      state: "running",
    });
    expect(criFacts("{}")).toBe(null);
    expect(criFacts("")).toBe(null);
  });
});

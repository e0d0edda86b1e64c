import { describe, expect, test } from "vitest";
import type { ParsedOption } from "../../lib/cli/tool.ts";
import { environmentOf, readSettings } from "./settings.ts";

const option = (key: string, value: string | null = null): ParsedOption => ({ key, name: `--${key}`, value });
const none = () => undefined;
const env = (variables: Record<string, string>) => (name: string) => variables[name];

test("defaults", () => {
  expect(readSettings([], none)).toEqual({
    runDirectory: "/run/procg",
    listen: { address: "127.0.0.1", port: 19110 },
    listenIsExplicit: false,
    socket: "/run/procg/loadcalc.sock",
    algorithm: "ceil",
    metricNames: "procg",
    hostNames: [],
    pidfile: null,
    log: null,
    history: null,
    historyBytes: null,
    historyDays: null,
    historyFreeBytes: null,
    thresholds: null,
    exec: null,
    daemonize: false,
    once: false,
  });
});

test("every option has a variable; the option wins", () => {
  const variables = {
    PROCG_LISTEN: "[::1]:1",
    PROCG_SOCKET: "/s",
    PROCG_RUN: "/r/",
    PROCG_ALGORITHM: "half",
    PROCG_METRIC_NAMES: "cadvisor",
    PROCG_ALLOW_HOST: "Web-1, b",
    PROCG_DAEMONIZE: "1",
    PROCG_PIDFILE: "/p",
    PROCG_LOG: "/l",
    PROCG_ONCE: "0",
  };
  const settings = readSettings([], env(variables));
  expect(settings).toMatchObject({
    listen: { address: "::1", port: 1 },
    listenIsExplicit: true,
    socket: "/s",
    runDirectory: "/r",
    algorithm: "half",
    metricNames: "cadvisor",
    hostNames: ["web-1", "b"],
    daemonize: true,
    pidfile: "/p",
    log: "/l",
    once: false,
  });
  expect(readSettings([option("listen", "8080")], env({ PROCG_NO_LISTEN: "1" })).listen).toEqual({
    address: "127.0.0.1",
    port: 8080,
  });
  expect(readSettings([option("no-socket")], env(variables)).socket).toBeNull();
  expect(readSettings([option("no-listen")], none).listen).toBeNull();
});

test("what the options say survives as environment", () => {
  const options = [
    option("listen", "0.0.0.0:7"),
    option("no-socket"),
    option("log", "/l"),
    option("daemonize"),
  ];
  const before = env({ PROCG_SOCKET: "/s", PROCG_NO_LISTEN: "1" });
  const variables = Object.fromEntries(environmentOf(options, before));
  expect(readSettings([], env(variables))).toEqual(readSettings(options, before));
});

describe("mistakes", () => {
  test.each([
    [[option("listen", "localhost:1")], {}, "--listen: not ADDRESS:PORT: 'localhost:1'"],
    [[option("listen", "127.0.0.1:70000")], {}, "--listen: not ADDRESS:PORT"],
    [[option("listen", "")], {}, "--listen: not ADDRESS:PORT"],
    [[option("algorithm", "magic")], {}, "--algorithm: not one of trunc, half, ceil: 'magic'"],
    [[], { PROCG_METRIC_NAMES: "x" }, "--metric-names: not one of"],
    [[], { PROCG_DAEMONIZE: "yes" }, "PROCG_DAEMONIZE: neither 0 nor 1: 'yes'"],
  ])("%j %j", (options, variables: Record<string, string>, message) => {
    expect(() => readSettings(options, env(variables))).toThrow(message);
  });
});

test("history and thresholds", () => {
  const flag = (key: string, value: string | null) => ({ key, name: `--${key}`, value });
  const options = [flag("history", "/data/h/"), flag("history-size", "2M"), flag("history-days", "7")];
  expect(readSettings(options, none)).toMatchObject({
    history: "/data/h",
    historyBytes: 2 * 1024 * 1024,
    historyDays: 7,
    historyFreeBytes: null,
  });
  expect(readSettings([flag("no-history", null)], none).history).toBe("");
  for (const days of ["7k", "0", "-1", "1.5"])
    expect(() => readSettings([flag("history-days", days)], none)).toThrow(/not a number of days/);
  expect(() => readSettings([flag("history-free", "much")], none)).toThrow(/not a size: 'much'/);
});

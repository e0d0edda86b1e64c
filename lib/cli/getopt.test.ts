import { expect, test } from "vitest";
import { parseCommandLine } from "./getopt.ts";
import { sharedOptionSpecs } from "./shared_options.ts";
import { fakeSystem } from "./testing/fake_system.ts";
import { freeLike, nprocLike } from "./testing/tools.ts";
import { type OptionSpec, type ToolDeclaration, UsageError } from "./tool.ts";

function read(words: string, tool: Pick<ToolDeclaration, "options"> = freeLike, posix = false): string {
  const args = words === "" ? [] : words.split(" ");
  const line = parseCommandLine(
    tool,
    sharedOptionSpecs,
    args,
    fakeSystem([], posix ? { POSIXLY_CORRECT: "" } : {}).system,
  );
  const text = (options: typeof line.options): string[] =>
    options.map((option) => (option.value === null ? option.name : `${option.name}(${option.value})`));
  const shared = line.shared.length > 0 ? ` + ${text(line.shared).join(" ")}` : "";
  const ended = line.endedBy === null ? "" : ` ! ${line.endedBy}`;
  return `${[...text(line.options), ...line.operands.map((word) => `[${word}]`)].join(" ")}${shared}${ended}`;
}

test.each([
  ["", ""],
  ["-b", "-b"],
  ["-hwt", "-h -w -t"],
  ["-s1", "-s(1)"],
  ["-s 1", "-s(1)"],
  ["-ws1", "-w -s(1)"],
  ["-ws 1 -c2", "-w -s(1) -c(2)"],
  ["-sw", "-s(w)"],
  ["-s -w", "-s(-w)"],
  ["-s --", "-s(--)"],
  ["-s=1", "-s(=1)"],
  ["--seconds=1", "--seconds(1)"],
  ["--seconds=", "--seconds()"],
  ["--seconds 1", "--seconds(1)"],
  ["--seconds=a=b", "--seconds(a=b)"],
  ["--seconds --wide", "--seconds(--wide)"],
  ["--hum", "--human"],
  ["--si", "--si"],
  ["--meb", "--mebi"],
  ["a -b c", "-b [a] [c]"],
  ["a -- -b", "[a] [-b]"],
  ["-- --", "[--]"],
  ["-", "[-]"],
  ["- -b", "-b [-]"],
])("%s", (words, expected) => {
  expect(read(words)).toBe(expected);
});

test.each([
  ["-Z", "invalid option -- 'Z'"],
  ["-bZ", "invalid option -- 'Z'"],
  ["-m5", "invalid option -- '5'"],
  ["-b-", "invalid option -- '-'"],
  ["-é", "invalid option -- 'é'"],
  ["-😀", "invalid option -- '😀'"],
  ["--bogus", "unrecognized option '--bogus'"],
  ["--bogus=3", "unrecognized option '--bogus=3'"],
  ["--wider", "unrecognized option '--wider'"],
  ["--me", "option '--me' is ambiguous; possibilities: '--mega' '--mebi'"],
  ["--me=3", "option '--me=3' is ambiguous; possibilities: '--mega' '--mebi'"],
  ["--h", "option '--h' is ambiguous; possibilities: '--human' '--help'"],
  ["--s", "option '--s' is ambiguous; possibilities: '--si' '--seconds'"],
  ["-s", "option requires an argument -- 's'"],
  ["-c 1 -ws", "option requires an argument -- 's'"],
  ["--sec", "option '--seconds' requires an argument"],
  ["--si=3", "option '--si' doesn't allow an argument"],
  ["--hum=3", "option '--human' doesn't allow an argument"],
])("mistake: %s", (words, message) => {
  expect(() => read(words)).toThrow(message);
  expect(() => read(words)).toThrow(UsageError);
});

test("--= names nothing and so everything", () => {
  expect(() => read("--=x", nprocLike)).toThrow(
    "option '--=x' is ambiguous; possibilities: '--all' '--ignore' '--help' '--version'",
  );
});

test("POSIXLY_CORRECT: the first operand ends the options", () => {
  expect(read("-b a -Z --", freeLike, true)).toBe("-b [a] [-Z] [--]");
  expect(read("- -b", freeLike, true)).toBe("[-] [-b]");
  expect(read("-b -- a -Z", freeLike, true)).toBe("-b [a] [-Z]");
});

test("shared options: only where no option of the tool begins so", () => {
  expect(read("--json")).toBe(" + --json");
  expect(read("--j -b x")).toBe("-b [x] + --json");
  expect(read("--root /x --rep=y")).toBe(" + --root(/x) --replay(y)");
  expect(read("--ho")).toBe(" + --host");
  expect(read("--cg /a")).toBe(" + --cgroup(/a)");
  expect(() => read("--r")).toThrow("option '--r' is ambiguous; possibilities: '--root' '--replay'");
  expect(() => read("--json=1")).toThrow("option '--json' doesn't allow an argument");
  expect(() => read("--root")).toThrow("option '--root' requires an argument");
  const uptimeLike: readonly OptionSpec[] = [{ key: "raw", long: "raw", short: "r", help: "" }];
  expect(read("--r", { options: uptimeLike })).toBe("--raw");
  const dfLike: readonly OptionSpec[] = [
    { key: "exclude", long: "exclude-type", argument: "TYPE", help: "" },
  ];
  expect(read("--ex ext4 --exp", { options: dfLike })).toBe("--exclude-type(ext4) + --explain");
});

test("a tool's own option of the same name wins", () => {
  const options: readonly OptionSpec[] = [{ key: "host", long: "host", argument: "NAME", help: "" }];
  expect(read("--host x", { options })).toBe("--host(x)");
});

test("help, version and immediate options end the reading; operands and later mistakes do not count", () => {
  expect(read("x --help -Z")).toBe("--help ! help");
  expect(read("-bV -Z")).toBe("-b -V ! version");
  expect(read("--version --bogus")).toBe("--version ! version");
  expect(() => read("-Z --help")).toThrow("invalid option");
  const options: readonly OptionSpec[] = [
    { key: "since", short: "s", long: "since", help: "", immediate: true },
  ];
  expect(read("x -s -Z", { options })).toBe("-s ! since");
  expect(read("--he", { options })).toBe(" + --help ! help");
});

test("shared options behind an immediate one count: --root DIR must not be lost and the live system shown", () => {
  const options: readonly OptionSpec[] = [
    { key: "since", short: "s", long: "since", help: "", immediate: true },
    { key: "json", long: "json", help: "the tool's own" },
  ];
  expect(read("-s --root /x --bogus y --replay=/z --host", { options })).toBe(
    "-s + --root(/x) --replay(/z) --host ! since",
  );
  expect(read("-s -- --host", { options })).toBe("-s ! since");
  expect(read("-s --hos --help --json=1", { options: options.slice(0, 1) })).toBe("-s + --json ! since");
  expect(() => read("-s --root", { options })).toThrow("option '--root' requires an argument");
  const alone = (words: string) =>
    parseCommandLine({ options }, null, words.split(" "), fakeSystem([]).system);
  expect(alone("-s --root /x")).toBeNull();
  expect(alone("-s x")?.endedBy).toBe("since");
});

test("optional arguments are joined ones only", () => {
  const options: readonly OptionSpec[] = [
    { key: "width", short: "w", long: "width", argument: "N", optionalArgument: true, help: "" },
    { key: "all", short: "a", help: "" },
  ];
  expect(read("-w80 --width=3 -w 80 --width 4 -aw5", { options })).toBe(
    "-w(80) --width(3) -w --width -a -w(5) [80] [4]",
  );
});

test("two spellings of one option are not ambiguous, with different arguments they are", () => {
  const options: readonly OptionSpec[] = [
    { key: "portable", long: "portability", help: "" },
    { key: "portable", long: "portable", help: "" },
    { key: "one", long: "xa", help: "" },
    { key: "one", long: "xb", argument: "N", help: "" },
    { key: "two", long: "xab", help: "" },
  ];
  expect(read("--port", { options })).toBe("--portability");
  expect(() => read("--x", { options })).toThrow("possibilities: '--xa' '--xb' '--xab'");
  expect(read("--xa", { options })).toBe("--xa");
});

test("checks run as options are found: the first mistake is the one reported", () => {
  expect(() => read("--ignore=x -Z", nprocLike)).toThrow("invalid number: 'x'");
  expect(() => read("-Z --ignore=x", nprocLike)).toThrow("invalid option -- 'Z'");
  const before: number[] = [];
  const options: readonly OptionSpec[] = [
    { key: "a", short: "a", help: "", check: (_option, seen) => before.push(seen.length) },
  ];
  read("-aa -a", { options });
  expect(before).toEqual([0, 1, 2]);
});

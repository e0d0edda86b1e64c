/** Cases of host_program.ts: what no caller should give to a sys function, and memory that is refused. */
import * as sys from "qjs:sys";

const args = sys.argv.slice(2);
const print = (text: unknown): void => {
  sys.write(1, `${String(text)}\n`);
};

/** "RangeError", or the value as JSON. */
function attempt(call: () => unknown): string {
  try {
    return String(JSON.stringify(call()));
  } catch (error) {
    return (error as Error)?.name ?? String(error);
  }
}

const throws = {
  toString(): string {
    throw new RangeError("no text");
  },
};

export const argumentCases: Readonly<Record<string, () => unknown>> = {
  "wrong-arguments": () => {
    print(attempt(() => sys.crc32({} as ArrayBuffer, 0, 0, 0)));
    print(attempt(() => sys.send(1, {} as ArrayBuffer, 0, 0)));
    print(attempt(() => sys.mktime(-(2 ** 31), 1, 1, 0, 0, 0)));
    print(attempt(() => sys.mktime(2000, -(2 ** 31), 1, 0, 0, 0)));
    print(attempt(() => sys.linesWith(throws as never, ["x"])));
    print(attempt(() => sys.alignTable(["a"], [["x"]], [""], [{}] as never, 0)));
    print(attempt(() => sys.alignTable(["a"], [["x"]], [""], [0xffffffff], 0)));
    for (const path of ["a\0b", "\0"])
      print(
        [
          sys.readMounts(path),
          sys.scanProcesses(path, new ArrayBuffer(320), [], null, false, false),
          sys.countThreads(path, 0, null),
          sys.listenUnix(path, 0o600, 1),
          sys.connectUnix(path),
          sys.statvfsInto(path, new Float64Array(8)),
          sys.statvfsTimed(path, 1),
        ].join(" "),
      );
  },
  /** A cell whose conversion lets go of the numbers of the column before it. */
  "table-freed": () => {
    const columns: unknown[] = [Float64Array.of(1, 2, 3), []];
    const cell = {
      toString(): string {
        columns[0] = [];
        sys.collectGarbage();
        new ArrayBuffer(24);
        return "x";
      },
    };
    columns[1] = [cell, cell, cell];
    print(sys.alignTable(["a", "b"], columns as never, ["", ""], [0, 0], 0));
  },
  getenv: () => print(sys.getenv(args[0] ?? "")),
  "exec-no-arguments": () => print(sys.execReplace(args[0] ?? "", [], [], true)),
};

/**
 * A program that runs on the real host: argv[1] names the case. Compiled and started by host.test.ts; a case writes what
 * it found to stdout, one line each.
 */
import * as sys from "qjs:sys";
import { argumentCases } from "./host_program_arguments.ts";
import { fileCases } from "./host_program_files.ts";

const name = sys.argv[1] ?? "";
const args = sys.argv.slice(2);

const callbacks = new Map<string, (argument: number) => void>();
const MONOTONIC = 1;
const print = (text: unknown): void => {
  sys.write(1, `${String(text)}\n`);
};
sys.setDispatcher((kind, id, argument) => callbacks.get(`${kind}:${id}`)?.(argument));

function after(seconds: number, callback: (missed: number) => void, interval = 0): number {
  const id = sys.addTimer(sys.clock(MONOTONIC) + seconds, interval);
  callbacks.set(`0:${id}`, callback);
  return id;
}
function onFd(fd: number, events: number, callback: (revents: number) => void): number {
  callbacks.set(`1:${fd}`, callback);
  return sys.watchFd(fd, events);
}
function onSignal(signal: number, callback: (count: number) => void): void {
  callbacks.set(`2:${signal}`, callback);
  sys.watchSignal(signal, true);
}
const sleep = (seconds: number): Promise<void> => new Promise((resolve) => after(seconds, () => resolve()));
function busy(seconds: number): void {
  const end = sys.clock(MONOTONIC) + seconds;
  while (sys.clock(MONOTONIC) < end);
}
function statusKilobytes(key: string): number {
  const text = sys.readFile("/proc/self/status", 1 << 20, 0);
  return typeof text === "string" ? Number(new RegExp(`${key}:\\s*(\\d+)`).exec(text)?.[1]) : Number.NaN;
}
const describe = (error: unknown): string => String(error);
const USR1 = 10;

const cases: Record<string, () => unknown> = {
  empty: () => {},
  rejection: () => void Promise.reject(new Error("nobody handles this")),
  "async-main": () =>
    void (async () => {
      await sleep(0.001);
      throw new Error("main failed late");
    })(),
  "missing-chunk": () => void import(String(args[0])),
  "throw-timer": () =>
    void after(0.001, () => {
      throw new Error("in a timer");
    }),
  "throw-fd": () => {
    const fd = sys.open("/dev/zero", 0, 0);
    onFd(fd, 1, () => {
      throw new Error("in an fd callback");
    });
  },
  "throw-signal": () => {
    onSignal(USR1, () => {
      throw new Error("in a signal callback");
    });
    sys.kill(sys.getpid(), USR1);
  },
  "throw-job": () =>
    void Promise.resolve().then(() => {
      throw new Error("in a job");
    }),
  "throw-lines": () => {
    throw new Error("first\nsecond\tthird");
  },
  "throw-odd": () => {
    throw {
      toString() {
        throw new Error("no text");
      },
    };
  },
  "handled-later": () => {
    const promise = Promise.reject(new Error("handled"));
    Promise.resolve().then(() => promise.catch(() => print("caught")));
  },

  full: () => {
    const fd = sys.open("/dev/full", 1, 0);
    print(sys.write(fd, "x"));
  },
  "closed-fds": () => {
    const fd = sys.open("/dev/null", 1, 0);
    const results = [sys.write(1, "x"), sys.read(0, new ArrayBuffer(1), 0, 1), fd];
    const report = sys.open(String(args[0]), 0o1101, 0o600);
    sys.write(report, results.join(" "));
  },
  flood: () => {
    for (let i = 0; i < 100000; i++) {
      const error = sys.write(1, `${i} ${"x".repeat(80)}\n`);
      if (error !== 0) sys.exit(9);
    }
  },
  "exit-3": () => {
    sys.write(1, "text before the end");
    sys.exit(3);
  },

  "many-objects": () => {
    let head: unknown = null;
    let text = "no error";
    try {
      for (;;) head = { head };
    } catch (error) {
      head = null;
      text = describe(error);
    }
    print(`${text}; ${statusKilobytes("VmHWM")}`);
  },
  "long-array": () => {
    let list: number[] = [];
    let text = "no error";
    try {
      for (;;) list.push(0.5);
    } catch (error) {
      list = [];
      text = describe(error);
    }
    print(`${text}; ${statusKilobytes("VmHWM")}`);
  },
  "long-string": () => {
    let long = "x".repeat(1024);
    let text = "no error";
    try {
      for (;;) long += long;
    } catch (error) {
      long = "";
      text = describe(error);
    }
    print(`${text}; ${statusKilobytes("VmHWM")}`);
  },
  recursion: () => {
    let depth = 0;
    const descend = (): number => {
      depth++;
      return descend() + 1;
    };
    try {
      descend();
    } catch (error) {
      print(`${describe(error)}; ${depth}`);
    }
  },
  deep: () => {
    const attempt = (what: string, run: () => unknown): void => {
      try {
        run();
        print(`${what}: passed`);
      } catch (error) {
        print(`${what}: ${(error as Error).name}`);
      }
    };
    attempt("json", () => JSON.parse(`${"[".repeat(1e6)}${"]".repeat(1e6)}`));
    attempt("objects", () => JSON.parse(`${'{"a":'.repeat(1e5)}1${"}".repeat(1e5)}`));
    attempt("limit", () => JSON.parse(`${"[".repeat(Number(args[0]))}${"]".repeat(Number(args[0]))}`));
    attempt("allowed", () => JSON.parse(`${"[".repeat(200)}"[[\\"[["${"]".repeat(200)}`));
    attempt("captures", () => new RegExp("(a)".repeat(300)));
    attempt("groups", () => new RegExp("(?:".repeat(1e5) + ")".repeat(1e5)));
  },
  flat: async () => {
    const rounds: number[] = [];
    for (let round = 0; round < 4; round++) {
      let fired = 0;
      await new Promise<void>((resolve) => {
        for (let i = 0; i < 25000; i++) {
          const id = after((i % 7) / 1000, () => {
            callbacks.delete(`0:${id}`);
            if (++fired === 25000) resolve();
          });
        }
      });
      for (let i = 0; i < 2500; i++) sys.readFile("/proc/self/stat", 1 << 20, 0);
      for (let i = 0; i < 500; i++) new Map([[i, { i }]]);
      rounds.push(statusKilobytes("VmRSS"));
    }
    print(rounds.join(" "));
  },

  "timer-cycles": async () => {
    let fired = 0;
    for (let i = 0; i < 1000; i++) {
      const timer: { handle?: number } = {};
      timer.handle = after(0.02 + (i % 10) / 1000, () => {
        if (timer.handle !== undefined) fired++;
      });
    }
    for (let i = 0; i < 200000; i++) {
      const a: { b?: unknown } = {};
      a.b = { a };
    }
    await sleep(0.1);
    print(fired);
  },
  "timer-edits": async () => {
    const log: string[] = [];
    const now = sys.clock(MONOTONIC) + 0.005;
    const at = (label: string, callback: () => void, interval = 0): number => {
      const id = sys.addTimer(now, interval);
      callbacks.set(`0:${id}`, () => {
        log.push(label);
        callback();
      });
      return id;
    };
    let second = 0;
    let own = 0;
    at("first", () => {
      sys.removeTimer(second);
      at("added", () => {}); // due already, but not in this round
    });
    second = at("second", () => {});
    own = at("own", () => sys.removeTimer(own), 0.001);
    at("last", () => {});
    busy(0.01);
    await sleep(0.02);
    sys.removeTimer(own);
    sys.removeTimer(1e18);
    sys.removeTimer(Number.NaN);
    print(log.join(" "));
  },
  "fd-high": () => {
    let fd = 0;
    while (fd >= 0 && fd < 1500) fd = sys.open("/dev/zero", 0, 0);
    print(
      onFd(fd, 1, (revents) => {
        sys.watchFd(fd, 0);
        print(`${fd} ready ${revents & 1}`);
      }),
    );
  },
  "fd-many": () => {
    let ready = 0;
    for (let i = 0; i < 200; i++) {
      const fd = sys.open("/dev/zero", 0, 0);
      onFd(fd, 1, () => {
        sys.watchFd(fd, 0);
        sys.close(fd);
        if (++ready === 200) print(ready);
      });
    }
  },
  "fd-closed": async () => {
    const fd = sys.open("/dev/zero", 0, 0);
    let calls = 0;
    onFd(fd, 1, (revents) => {
      if (++calls === 1) sys.close(fd);
      else print(`revents ${revents}`);
    });
    print(sys.watchFd(999, 1));
  },
  "fd-reused": async () => {
    // Both are ready; the first callback closes the second's fd and opens another file with its number.
    const first = sys.open("/dev/zero", 0, 0);
    const second = sys.open("/dev/zero", 0, 0);
    const log: string[] = [];
    onFd(first, 1, () => {
      sys.watchFd(first, 0);
      sys.watchFd(second, 0);
      sys.close(second);
      const again = sys.open("/dev/zero", 0, 0);
      onFd(again, 1, () => {
        sys.watchFd(again, 0);
        log.push(`new ${again === second}`);
      });
      log.push("first");
    });
    onFd(second, 1, () => log.push("stale"));
    await sleep(0.02);
    print(log.join(" "));
  },
  "signal-busy": () => {
    let during = true;
    onSignal(USR1, (count) => {
      print(`${during ? "during" : "after"} ${count}`);
      sys.watchSignal(USR1, false);
    });
    for (let i = 0; i < 1000; i++) {
      sys.kill(sys.getpid(), USR1);
    }
    busy(0.02);
    during = false;
  },
  "signal-echo": () => {
    onSignal(USR1, (count) => {
      for (let i = 0; i < count; i++) sys.write(1, "s");
    });
    after(0.0007, () => busy(0.0003), 0.0013);
    print("ready");
  },
  ticks: async () => {
    const start = sys.clock(MONOTONIC);
    let ticks = 0;
    // How far behind the ideal a tick comes, in seconds: the least of all, and of the last quarter.
    let earliest = Number.POSITIVE_INFINITY;
    let drift = Number.POSITIVE_INFINITY;
    await new Promise<void>((resolve) => {
      const id = sys.addTimer(start + 0.01, 0.01);
      callbacks.set(`0:${id}`, (missed) => {
        ticks += 1 + missed;
        const behind = sys.clock(MONOTONIC) - (start + 0.01 * ticks);
        earliest = Math.min(earliest, behind);
        if (ticks > 150) drift = Math.min(drift, behind);
        if (ticks % 40 === 0) busy(0.035);
        if (ticks >= 200) {
          sys.removeTimer(id);
          resolve();
        }
      });
    });
    print(`${ticks} ${earliest} ${drift}`);
  },

  environment: () => {
    print(JSON.stringify([sys.argv.slice(1), sys.environ()]));
  },
};

if (name === "throw-top") throw new Error("at the top");
const run = cases[name] ?? fileCases[name] ?? argumentCases[name];
if (run === undefined) {
  sys.write(2, `no case ${name}\n`);
  sys.exit(99);
}
run?.();

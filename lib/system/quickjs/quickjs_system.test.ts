/** What of the shipped System can be seen without the host: build/testing/host_areas.test.ts has the rest. */
import { beforeEach, expect, test, vi } from "vitest";
import { addTimer, removeTimer, watchChild, watchFd, watchSignal } from "./event_loop.ts";
import { fileSystemStatus, quickjsSystem } from "./quickjs_system.ts";

const sys = vi.hoisted(() => {
  const state = {
    dispatch: (_kind: number, _id: number, _argument: number) => {},
    log: [] as unknown[][],
    results: new Map<string, unknown>(),
  };
  const call =
    (name: string, fallback: unknown) =>
    (...args: unknown[]) => {
      state.log.push([name, ...args]);
      return state.results.get(name) ?? fallback;
    };
  let timers = 100;
  return {
    state,
    module: {
      argv: ["free", "-m"],
      getenv: call("getenv", null),
      clock: call("clock", 50),
      sysconf: call("sysconf", 4096),
      getpid: call("getpid", 9),
      getuid: call("getuid", 5),
      affinity: call("affinity", -38),
      windowSize: call("windowSize", -25),
      stat: call("stat", [1, 2, 0o100644, 3, 4, 5, 6.5, 7, 8, 9, 10]),
      linesWith: call("linesWith", []),
      statvfsInto: call("statvfsInto", 0),
      alignTable: call("alignTable", ""),
      open: call("open", 7),
      write: call("write", 0),
      fsync: call("fsync", 0),
      close: call("close", 0),
      chmod: call("chmod", 0),
      rename: call("rename", 0),
      unlink: call("unlink", 0),
      rmdir: call("rmdir", 0),
      setDispatcher: (dispatch: typeof state.dispatch) => {
        state.dispatch = dispatch;
      },
      addTimer: (...args: unknown[]) => {
        state.log.push(["addTimer", ...args]);
        return timers++;
      },
      removeTimer: call("removeTimer", undefined),
      watchFd: call("watchFd", 0),
      watchSignal: call("watchSignal", 0),
    },
  };
});
vi.mock("qjs:sys", () => sys.module);

beforeEach(() => {
  sys.state.log.length = 0;
  sys.state.results.clear();
});

const names = () => sys.state.log.map(([name]) => name);

test("making the system asks the host nothing; a variable that is not set is undefined; numbers are asked once", () => {
  const system = quickjsSystem();
  expect(names()).toEqual([]);
  expect(system.env("none")).toBeUndefined();
  expect([system.pageSizeBytes, system.pageSizeBytes, system.uid, system.uid]).toEqual([4096, 4096, 5, 5]);
  expect(names()).toEqual(["getenv", "sysconf", "getuid"]);
});

test("errnos become what the interface says", () => {
  const system = quickjsSystem();
  expect(system.affinity()).toBeNull();
  expect(system.windowSize(1)).toBeNull();
  expect(system.stat("/x")).toEqual({
    dev: 1,
    ino: 2,
    mode: 0o100644,
    uid: 3,
    gid: 4,
    sizeBytes: 5,
    mtimeSeconds: 6.5,
    rdevMajor: 7,
    rdevMinor: 8,
    devMajor: 9,
    devMinor: 10,
  });
  sys.state.results.set("stat", -13);
  expect(system.lstat("/x")).toBe(-13);
  expect(fileSystemStatus([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual({
    blockBytes: 1,
    fragmentBytes: 2,
    blocks: 3,
    blocksFree: 4,
    blocksAvailable: 5,
    inodes: 6,
    inodesFree: 7,
    inodesAvailable: 8,
    flags: 9,
    nameMax: 10,
  });
  sys.state.results.set("unlink", -21);
  expect(system.remove("/dir")).toBe(0);
  expect(names()).toContain("rmdir");
});

test("atomic write: temporary name, fsync, rename; a failure leaves nothing behind", () => {
  const system = quickjsSystem();
  expect(system.writeFileAtomic("/run/x", "text", 0o644)).toBe(0);
  expect(names()).toEqual(["getpid", "open", "write", "fsync", "close", "chmod", "rename"]);
  expect(sys.state.log[1]).toEqual(["open", "/run/x.tmp.9", 0o301, 0o644]);
  sys.state.log.length = 0;
  sys.state.results.set("write", -28);
  expect(system.writeFileAtomic("/run/x", "text", 0o644)).toBe(-28);
  expect(names()).toEqual(["getpid", "open", "write", "close", "unlink"]);
});

test("boot time on a kernel without that clock is the monotonic time", () => {
  sys.state.results.set("clock", -22);
  const system = quickjsSystem();
  system.boottimeSeconds();
  expect(sys.state.log).toEqual([
    ["clock", 7],
    ["clock", 1],
  ]);
});

test("sleep is a timer on the monotonic clock", async () => {
  const done = vi.fn();
  const sleeping = quickjsSystem().sleep(2.5).then(done);
  expect(sys.state.log).toEqual([
    ["clock", 1],
    ["addTimer", 52.5, 0],
  ]);
  sys.state.dispatch(0, 100, 0);
  await sleeping;
  expect(done).toHaveBeenCalledOnce();
});

test("the loop: timers once and again, removed ones silent", () => {
  const once = vi.fn();
  const again = vi.fn();
  const onceId = addTimer(1, 0, once);
  const againId = addTimer(1, 5, again);
  sys.state.dispatch(0, onceId, 0);
  sys.state.dispatch(0, onceId, 0);
  sys.state.dispatch(0, againId, 2);
  sys.state.dispatch(0, againId, 0);
  removeTimer(againId);
  sys.state.dispatch(0, againId, 0);
  expect(once).toHaveBeenCalledOnce();
  expect(again.mock.calls).toEqual([[2], [0]]);
  sys.state.log.length = 0;
  removeTimer(onceId);
  expect(names()).toEqual([]);
});

test("the loop: fds, signals, children", () => {
  const seen: unknown[] = [];
  watchFd(3, 1, (events) => seen.push(["fd", events]));
  watchSignal(15, (number) => seen.push(["signal", number]));
  watchChild(77, (status) => seen.push(["child", status]));
  sys.state.dispatch(1, 3, 17);
  sys.state.dispatch(2, 15, 0);
  sys.state.dispatch(3, 77, 256);
  sys.state.dispatch(3, 77, 256);
  watchFd(3, 0, null);
  watchSignal(15, null);
  sys.state.dispatch(1, 3, 1);
  sys.state.dispatch(2, 15, 0);
  expect(seen).toEqual([
    ["fd", 17],
    ["signal", 0],
    ["child", 256],
  ]);
  sys.state.results.set("watchFd", -9);
  expect(watchFd(99, 1, () => seen.push("never"))).toBe(-9);
});

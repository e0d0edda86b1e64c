/** HostAccess on the C host. Loaded only by the companion. */
import * as sys from "qjs:sys";
import { EIO, ETIMEDOUT } from "../errno.ts";
import type { BelowAnswer, BelowQuestion, HostAccess, ProgramResult } from "../host_access.ts";
import type { Errno } from "../system.ts";
import { addTimer, POLLIN, POLLOUT, removeTimer, watchChild, watchFd } from "./event_loop.ts";

const CLOCK_MONOTONIC = 1;
const SIGKILL = 9;
const EAGAIN = -11;
const OUTPUT_MOST_BYTES = 8 * 1024 * 1024;

export function quickjsHostAccess(): HostAccess {
  return {
    writeBelow: (target, text, timeoutSeconds) =>
      new Promise((resolve) => {
        const devices = ` ${target.hostDevices.join(" ")} `;
        const ticks = target.startTicks ?? -1;
        const pid = sys.writeBelow(
          target.base,
          ticks,
          devices,
          target.parts,
          target.name,
          text,
          target.walkOnly,
        );
        if (pid < 0) resolve(pid);
        else awaitChild(pid, timeoutSeconds, (status) => resolve(status === null ? ETIMEDOUT : 0 - status));
      }),
    readBelow: (target, mostBytes, timeoutSeconds) =>
      new Promise((resolve) => {
        const { base, startTicks, parts, name, walkOnly } = target;
        const started = sys.readBelow(base, startTicks ?? -1, parts, name, mostBytes, walkOnly);
        if (typeof started === "number") {
          resolve(started);
          return;
        }
        const [pid = 0, fd = -1] = started;
        const chunks: Uint8Array[] = [];
        let open = true;
        let status: number | null | undefined;
        const finish = (): void => {
          // At the deadline nobody waits for the rest.
          if (status === undefined || (open && status !== null)) return;
          if (open) endReading();
          resolve(status === null ? ETIMEDOUT : status === 0 ? joined(chunks) : 0 - status);
        };
        const endReading = (): void => {
          open = false;
          watchFd(fd, 0, null);
          sys.close(fd);
        };
        watchFd(fd, POLLIN, () => {
          const buffer = new ArrayBuffer(65536);
          const count = sys.read(fd, buffer, 0, buffer.byteLength);
          if (count === EAGAIN) return;
          if (count > 0) {
            chunks.push(new Uint8Array(buffer, 0, count));
            return;
          }
          endReading();
          finish();
        });
        awaitChild(pid, timeoutSeconds, (code) => {
          status = code;
          finish();
        });
      }),
    probeBelow,
    run,
  };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** A child at a time; where one stands still the next begins behind the question, the second time behind the process. */
async function probeBelow(
  questions: readonly BelowQuestion[],
  timeoutSeconds: number,
): Promise<(BelowAnswer | Errno)[]> {
  const answers: (BelowAnswer | Errno)[] = [];
  let stalled = 0;
  while (answers.length < questions.length) {
    const failed = await readSome(questions.slice(answers.length), timeoutSeconds, answers);
    if (failed === 0) continue;
    const pid = questions[answers.length]?.pid ?? 0;
    do answers.push(failed);
    while (stalled === pid && questions[answers.length]?.pid === pid);
    stalled = pid;
  }
  return answers;
}

/** Until all are answered (0), or nothing has come for so long (ETIMEDOUT), or the child is gone (an errno). */
function readSome(
  questions: readonly BelowQuestion[],
  timeoutSeconds: number,
  answers: (BelowAnswer | Errno)[],
): Promise<Errno> {
  return new Promise((resolve) => {
    let list = "";
    for (const { pid, startTicks, path, wantsText } of questions)
      list += `${pid} ${startTicks} ${wantsText ? "t" : "s"} ${path}\0`;
    const started = sys.probeBelow(list);
    if (typeof started === "number") {
      resolve(started);
      return;
    }
    const [pid, fd] = started;
    const buffer = new ArrayBuffer(16384);
    const all = answers.length + questions.length;
    let pending = "";
    let timer = -1;
    let lives = true;
    const end = (result: Errno): void => {
      removeTimer(timer);
      watchFd(fd, 0, null);
      sys.close(fd);
      if (lives) sys.kill(pid, SIGKILL);
      resolve(result);
    };
    const wait = (): void => {
      timer = addTimer(sys.clock(CLOCK_MONOTONIC) + timeoutSeconds, 0, () => end(ETIMEDOUT));
    };
    // Its end is seen at the pipe.
    watchChild(pid, () => {
      lives = false;
    });
    watchFd(fd, POLLIN, () => {
      const count = sys.read(fd, buffer, 0, buffer.byteLength);
      if (count === EAGAIN) return;
      if (count <= 0) {
        end(count < 0 ? count : EIO);
        return;
      }
      pending = takeAnswers(pending + latin1(buffer, count), answers);
      if (answers.length >= all) {
        end(0);
        return;
      }
      removeTimer(timer);
      wait();
    });
    wait();
  });
}

/** Gives back what is not whole yet. */
function takeAnswers(pending: string, answers: (BelowAnswer | Errno)[]): string {
  let at = 0;
  for (;;) {
    const end = pending.indexOf("\n", at);
    if (end < 0) return pending.slice(at);
    const numbers = pending.slice(at, end).split(" ").map(Number) as [number, ...number[]];
    const [error, mode = 0, devMajor = 0, devMinor = 0, mtimeSeconds = 0, fsMagic = 0, ...sizes] = numbers;
    const [blockBytes = 0, fragmentBytes = 0, blocks = 0, blocksFree = 0, blocksAvailable = 0, ...rest] =
      sizes;
    const [inodes = 0, inodesFree = 0, length = 0] = rest;
    if (pending.length < end + 1 + length) return pending.slice(at);
    at = end + 1 + length;
    const status = {
      ...{ blockBytes, fragmentBytes, blocks, blocksFree, blocksAvailable, inodes, inodesFree },
      ...{ inodesAvailable: inodesFree, flags: 0, nameMax: 0 },
    };
    const text = pending.slice(end + 1, at);
    answers.push(error !== 0 ? 0 - error : { mode, devMajor, devMinor, mtimeSeconds, fsMagic, status, text });
  }
}

/** Calls back once: with the exit status, 255 for death by a signal, or null at the deadline, when the child is killed. */
function awaitChild(pid: number, timeoutSeconds: number, ended: (status: number | null) => void): void {
  let done = false;
  const timer = addTimer(sys.clock(CLOCK_MONOTONIC) + timeoutSeconds, 0, () => {
    if (done) return;
    done = true;
    // It may sit in the kernel and never end: nobody waits for it.
    sys.kill(pid, SIGKILL);
    ended(null);
  });
  watchChild(pid, (status) => {
    if (done) return;
    done = true;
    removeTimer(timer);
    ended((status & 0x7f) === 0 ? (status >> 8) & 0xff : 255);
  });
}

function run(argv: readonly string[], stdin: string, timeoutSeconds: number): Promise<ProgramResult | Errno> {
  return new Promise((resolve) => {
    const started = sys.spawn(argv[0] ?? "", [...argv], sys.environ(), stdin !== "", true, true);
    if (typeof started === "number") {
      resolve(started);
      return;
    }
    const [pid = 0, input = -1, output = -1, errors = -1] = started;
    let open = 2;
    let status: number | null | undefined;
    const texts = ["", ""];
    const finish = (): void => {
      if (status === undefined || (open > 0 && status !== null)) return;
      const [stdout = "", stderr = ""] = texts;
      resolve({ status, stdout: decodeUtf8(stdout), stderr: decodeUtf8(stderr) });
      status = undefined;
    };
    const collect = (fd: number, index: number): void => {
      const buffer = new ArrayBuffer(16384);
      watchFd(fd, POLLIN, () => {
        const count = sys.read(fd, buffer, 0, buffer.byteLength);
        if (count === EAGAIN) return;
        if (count > 0 && (texts[index] ?? "").length < OUTPUT_MOST_BYTES) {
          texts[index] += latin1(buffer, count);
          return;
        }
        if (count > 0) return;
        watchFd(fd, 0, null);
        sys.close(fd);
        open--;
        finish();
      });
    };
    collect(output, 0);
    collect(errors, 1);
    if (input >= 0) {
      // Small: fits into the pipe, or is taken as fast as it is read.
      watchFd(input, POLLOUT, () => {
        watchFd(input, 0, null);
        sys.write(input, stdin);
        sys.close(input);
      });
    }
    awaitChild(pid, timeoutSeconds, (code) => {
      status = code;
      finish();
    });
  });
}

function latin1(buffer: ArrayBuffer, count: number): string {
  const bytes = new Uint8Array(buffer, 0, count);
  let text = "";
  for (let at = 0; at < count; at += 4096) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[]);
  }
  return text;
}

function decodeUtf8(text: string): string {
  if (!/[\x80-\xff]/.test(text)) return text;
  try {
    return decodeURIComponent(
      text.replace(/[%\x80-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`),
    );
  } catch {
    return text;
  }
}

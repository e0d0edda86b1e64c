/** TerminalHost on the C host. Loaded only by programs on a terminal, and by those that end themselves on a signal. */
import * as sys from "qjs:sys";
import type { TerminalHost } from "../terminal_host.ts";
import { addTimer, POLLIN, removeTimer, watchFd, watchSignal } from "./event_loop.ts";

const STDIN = 0;
const EAGAIN = -11;
const EINTR = -4;

export function quickjsTerminalHost(): TerminalHost {
  return {
    addTimer: (atSeconds, callback) => addTimer(atSeconds, 0, () => callback()),
    removeTimer,
    watchSignal: (signal, callback) => watchSignal(signal, callback === null ? null : () => callback()),
    openInput(restoreText, callback) {
      const result = sys.setRaw(STDIN, true, restoreText);
      if (result < 0) return result;
      const buffer = new Uint8Array(4096);
      let rest = 0;
      return watchFd(STDIN, POLLIN, () => {
        const count = sys.read(STDIN, buffer.buffer, rest, buffer.length - rest);
        if (count === EAGAIN || count === EINTR) return;
        if (count <= 0) {
          watchFd(STDIN, 0, null);
          callback(null);
          return;
        }
        const length = rest + count;
        const whole = wholeCharacters(buffer, length);
        const text = decode(buffer, whole);
        buffer.copyWithin(0, whole, length);
        rest = length - whole;
        if (text !== "") callback(text);
      });
    },
    closeInput() {
      watchFd(STDIN, 0, null);
      sys.setRaw(STDIN, false, "");
    },
    suspend: () => sys.suspend(),
    kill: (pid, signal) => sys.kill(pid, signal),
    setPriority: (pid, nice) => sys.setpriority(pid, nice),
  };
}

/** How many of the bytes make whole characters: a last one may be cut. */
function wholeCharacters(bytes: Uint8Array, length: number): number {
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? length - back : length;
  }
  return length;
}

function decode(bytes: Uint8Array, length: number): string {
  let text = "";
  for (let i = 0; i < length; ) {
    const first = bytes[i] ?? 0;
    const count = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    if (count === 1) {
      text += String.fromCharCode(first);
      i++;
      continue;
    }
    let code = count === 0 || i + count > length ? 0xfffd : first & (0xff >> (count + 1));
    for (let k = 1; code !== 0xfffd && k < count; k++) {
      const next = bytes[i + k] ?? 0;
      code = (next & 0xc0) === 0x80 ? code * 64 + (next & 0x3f) : 0xfffd;
    }
    text += code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? "\ufffd" : String.fromCodePoint(code);
    i += code === 0xfffd ? 1 : count;
  }
  return text;
}

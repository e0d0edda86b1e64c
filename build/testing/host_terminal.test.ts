/** Raw mode of the C host on a pty. */
import { execFileSync } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import { areas, has } from "./areas.ts";

vi.setConfig({ testTimeout: 30_000 });

const { program } = areas();

/** Runs the program on a pty: sends bytes ("+TERM": a signal), then tells output, wait status and whether termios are as before. */
const PTY_DRIVER = `
import os, pty, sys, termios, time, signal, select, json
program, steps = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    import fcntl
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2): os.dup2(slave, fd)
    # A parent in the same session keeps the group from being orphaned, so that SIGTSTP stops it.
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN); os.tcsetpgrp(0, os.getpid()); signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(program, [program, "raw"])
    log = []
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status): break
        log.append("restored" if termios.tcgetattr(slave) == before else "changed")
        os.kill(child, signal.SIGCONT)
    log.append("restored" if termios.tcgetattr(slave) == before else "changed")
    os.write(2, ("\\n@" + json.dumps([status, log]) + "@").encode())
    time.sleep(0.1)
    os._exit(0)
output = b""
def read_until(text, seconds=5):
    global output
    end = time.time() + seconds
    while text not in output and time.time() < end:
        if select.select([master], [], [], 0.05)[0]:
            output += os.read(master, 4096)
read_until(b"[raw]")
raw = termios.tcgetattr(slave) != before
for step in steps:
    if step == "?resumed": read_until(b"[resumed]")
    elif step == "?restored": read_until(b"[restored]")
    elif step.startswith("+"):
        target = os.tcgetpgrp(master)
        os.kill(target, getattr(signal, "SIG" + step[1:]))
    else: os.write(master, eval("b'" + step + "'"))
read_until(b"]]@")
result = json.loads(output.split(b"\\n@")[1].split(b"@")[0])
print(json.dumps({"raw": raw, "restored": output.count(b"[restored]"), "status": result[0], "log": result[1], "text": output.decode()}))
os.waitpid(pid, 0)
`;

describe.runIf(has("python3"))("T31 the terminal is as it was after", () => {
  const pty = (...steps: string[]) =>
    JSON.parse(
      execFileSync("python3", ["-c", PTY_DRIVER, program(), ...steps], {
        encoding: "utf8",
        timeout: 20_000,
        // The sanitizer takes these signals for itself otherwise.
        env: { ...process.env, ASAN_OPTIONS: "handle_segv=0:handle_abort=0:handle_sigfpe=0" },
      }),
    );

  test.each([
    ["q", ["q"], 0],
    ["Ctrl-C", ["\\x03"], 130 << 8],
    ["an uncaught exception", ["x"], 1 << 8],
    ["SIGTERM", ["+TERM"], 15],
    ["SIGHUP", ["+HUP"], 1],
    ["SIGINT", ["+INT"], 2],
    ["SIGQUIT", ["+QUIT"], 3],
    ["SIGSEGV", ["+SEGV"], 11],
    ["SIGABRT", ["+ABRT"], 6],
  ])(
    "%s",
    (_, steps, status) => {
      const found = pty(...steps);
      expect(found).toMatchObject({ raw: true, restored: 1, log: ["restored"] });
      expect(found.status & ~0x80).toBe(status); // 0x80: a core was written
    },
    30_000,
  );

  test("suspend: restored while stopped, raw after SIGCONT, restored at the end", () => {
    const found = pty("\\x1a", "?resumed", "q");
    expect(found).toMatchObject({ raw: true, restored: 2, status: 0, log: ["restored", "restored"] });
  }, 30_000);

  test("raw mode off, then a deadly signal: restored once", () => {
    expect(pty("o", "?restored", "+TERM")).toMatchObject({ restored: 1, status: 15, log: ["restored"] });
  }, 30_000);
});

/**
 * df among mounts that only root can make, in a mount namespace of their own: names that are no UTF-8, and a FUSE file system whose
 * server has stopped answering.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { binaryPath } from "../golden/run.ts";
import { isRoot } from "./spawn.ts";

const MUST_RUN = process.env.CI === "true";

/** In a mount namespace of its own, below a fresh tmpfs that is the working directory. */
function amongMounts(script: string, env: Record<string, string> = {}): string {
  const result = spawnSync("unshare", ["-m", "sh", "-ec", `mount -t tmpfs x /mnt; cd /mnt; ${script}`], {
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: "C", PROCG: binaryPath(), ...env },
    encoding: "latin1",
    timeout: 30_000,
  });
  expect(result.stderr).toBe("");
  return result.stdout;
}

describe.skipIf(!isRoot && !MUST_RUN)("names that are no UTF-8 (needs root)", () => {
  // Latin-1, a C1 control character, ASCII control characters, and one more that only UTF-8 can read.
  const MOUNTS = String.raw`for name in 'lat\351n\233x' 'c1\302\233' 'nl\nx\177y' 'u\303\244'; do
n=$(printf "$name"); mkdir "$n"; mount -t tmpfs "src$n" "$n"; done; `;
  const rows = (command: string, locale: string) =>
    amongMounts(`${MOUNTS} ${command} -t tmpfs | grep -a /mnt/`, { LC_ALL: locale })
      .split("\n")
      .map((row) => row.replace(/ +/g, " "));

  test.each(["C", "C.UTF-8"])("are printed as coreutils prints them, in a container too: %s", (locale) => {
    const classic = rows("df", locale);
    expect(classic.length).toBeGreaterThan(4);
    expect(rows("$PROCG df --host", locale)).toEqual(classic);
    expect(rows("$PROCG df", locale)).toEqual(classic);
  });

  test("as an operand", () => {
    const script = String.raw`n=$(printf 'lat\351n'); mkdir "$n"; mount -t tmpfs x "$n"; $PROCG df --output=target "$n"`;
    expect(amongMounts(script)).toBe("Mounted on\n/mnt/lat\u00e9n\n");
  });
});

/** Mounts a FUSE file system, answers FUSE_INIT and nothing after it, and runs df at once with each
 * of the option lines; whatever df leaves behind becomes our child. */
const DEAD_SERVER = `
import ctypes, json, os, struct, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(36, 1, 0, 0, 0)
fuse = os.open("/dev/fuse", os.O_RDWR)
os.mkdir("dead"); os.mkdir("later")
options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0"
if libc.mount(b"server", b"dead", b"fuse.test", 0, options.encode()): sys.exit(os.strerror(ctypes.get_errno()))
if libc.mount(b"later", b"later", b"tmpfs", 0, b"size=64k"): sys.exit(os.strerror(ctypes.get_errno()))
opcode, unique = struct.unpack_from("<IQ", os.read(fuse, 1 << 20), 4)
assert opcode == 26
os.write(fuse, struct.pack("<IiQ", 16 + 64, 0, unique) + struct.pack("<IIIIHHI", 7, 31, 65536, 0, 12, 10, 65536).ljust(64, b"\\0"))
started = time.monotonic()
runs = [subprocess.Popen([os.environ["PROCG"], "df", *line.split()], stdout=-1, stderr=-1, text=True) for line in sys.argv[1:]]
ended = []
for run in runs:
    out, err = run.communicate(timeout=20)
    ended.append({"code": run.returncode, "out": out, "err": err})
seconds = time.monotonic() - started
try: left = os.waitpid(-1, os.WNOHANG)[0]
except ChildProcessError: left = None
print(json.dumps({"ended": ended, "seconds": seconds, "left": left}))
libc.umount2(b"dead", 2); os.close(fuse)
`;

const hasFuse = isRoot && existsSync("/dev/fuse") && existsSync("/usr/bin/python3");

describe.skipIf(!hasFuse && !MUST_RUN)(
  "a FUSE server that does not answer (needs root, /dev/fuse, python3)",
  () => {
    test("it is left out after the deadline, the others are shown, no child is left", () => {
      const lines = ["--host --output=target,size", "-a --output=target,size", "/mnt/dead/x", "-x fuse.test"];
      const words = lines.map((line) => `"${line}"`).join(" ");
      const result = JSON.parse(
        amongMounts(`exec python3 -c "$SERVER" ${words}`, { SERVER: DEAD_SERVER }),
      ) as {
        ended: { code: number; out: string; err: string }[];
        seconds: number;
        left: number | null;
      };
      const [host, all, operand, without] = result.ended;
      for (const one of [host, all]) {
        expect(one).toMatchObject({ code: 1, err: "df: /mnt/dead: no answer within 3 s, skipped\n" });
        expect(one?.out).toMatch(/^\/mnt +\d+$/m);
        expect(one?.out).toMatch(/^\/mnt\/later +64$/m);
        expect(one?.out).not.toContain("dead");
      }
      expect(operand).toEqual({ code: 1, out: "", err: "df: /mnt/dead/x: no answer within 3 s, skipped\n" });
      expect(without).toMatchObject({ code: 0, err: "" });
      expect(result.left).toBeNull();
      expect(result.seconds).toBeGreaterThanOrEqual(3);
      expect(result.seconds).toBeLessThan(10);
    });
  },
);

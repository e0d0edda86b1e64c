/** Cases of host_program.ts about files and bytes. */
import * as sys from "qjs:sys";

const args = sys.argv.slice(2);
const print = (text: unknown): void => {
  sys.write(1, `${String(text)}\n`);
};

export const fileCases: Readonly<Record<string, () => unknown>> = {
  read: () => {
    for (const path of args) {
      const text = sys.readFile(path, 1 << 24, 0);
      print(`${path} ${typeof text === "number" ? text : `text ${text.length}`}`);
    }
  },
  "read-limit": () => print(sys.readFile(String(args[0]), 10, 0)),
  "text-broken": () => {
    const text = sys.readFile(sys.argv[2] ?? "", 4096, 0);
    print(JSON.stringify(text));
  },
  "bytes-256": () => {
    const text = sys.readFile(String(args[0]), 1 << 20, 1);
    print(
      typeof text === "string" && [...text].every((c, i) => c.charCodeAt(0) === i) && text.length === 256,
    );
    const lossy = sys.readFile(String(args[0]), 1 << 20, 0);
    print(typeof lossy === "string" && lossy.slice(0, 129) === `${(text as string).slice(0, 128)}\ufffd`);
  },
  "odd-names": () => {
    const dir = String(args[0]);
    for (const entry of sys.readDirectory(dir) as string[]) {
      print(`${JSON.stringify(entry)} ${sys.readFile(`${dir}/${entry}`, 100, 0)}`);
      sys.write(1, `${entry}\n`);
    }
  },
  "file-calls": () => {
    const dir = String(args[0]);
    const path = `${dir}/a`;
    const fd = sys.open(path, 0o102, 0o640);
    const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    const back = new ArrayBuffer(16);
    const again = sys.open(path, 0, 0);
    print(
      JSON.stringify({
        writeBytes: sys.writeBytes(fd, bytes, 2, 4),
        fsync: sys.fsync(fd),
        read: sys.read(again, back, 8, 8),
        content: [...new Uint8Array(back)],
        truncate: [sys.ftruncate(fd, 2), (sys.stat(path, true) as number[])[5]],
        lock: [sys.flock(fd, 2), sys.flock(again, 2 | 4), sys.flock(fd, 8), sys.flock(again, 2 | 4)],
        close: [sys.close(fd), sys.close(again), sys.close(again)],
        mode: ((sys.stat(path, true) as number[])[2] as number).toString(8),
        chmod: [sys.chmod(path, 0o600), ((sys.stat(path, true) as number[])[2] as number).toString(8)],
        rename: [sys.rename(path, `${dir}/b`), sys.stat(path, true)],
        mkdir: [sys.mkdir(`${dir}/d`, 0o755), sys.mkdir(`${dir}/d`, 0o755)],
        symlink: [sys.symlink("b", `${dir}/l`), sys.readLink(`${dir}/l`), sys.readLink(`${dir}/b`)],
        lstat: ((sys.stat(`${dir}/l`, false) as number[])[2] as number) & 0o170000,
        directory: (sys.readDirectory(dir) as string[]).sort(),
        remove: [
          sys.unlink(`${dir}/l`),
          sys.unlink(`${dir}/b`),
          sys.rmdir(`${dir}/d`),
          sys.rmdir(`${dir}/d`),
        ],
        missing: [
          sys.readDirectory(`${dir}/x`),
          sys.readLink(`${dir}/x`),
          sys.stat(`${dir}/x`, true),
          sys.statvfs(`${dir}/x`),
        ],
        nul: [sys.stat("/proc\0/x", true), sys.readFile("/\0", 1, 0)],
        statvfs: (sys.statvfs(dir) as number[]).length,
        umask: [sys.umask(0o022), sys.umask(0o022)][1],
      }),
    );
  },
  "buffer-bounds": () => {
    const buffer = new ArrayBuffer(8);
    const attempt = (run: () => unknown): string => {
      try {
        return String(run());
      } catch (error) {
        return (error as Error).name;
      }
    };
    print(
      [
        attempt(() => sys.read(0, buffer, 0, 9)),
        attempt(() => sys.read(0, buffer, 9, 0)),
        attempt(() => sys.read(0, buffer, -1, 2)),
        attempt(() => sys.read(0, buffer, 0, -1)),
        attempt(() => sys.read(0, buffer, 4, 2 ** 53)),
        attempt(() => sys.writeBytes(1, buffer, 8, 1)),
        attempt(() => sys.read(0, {} as ArrayBuffer, 0, 1)),
        attempt(() => sys.read(0, buffer, 8, 0)),
      ].join(" "),
    );
  },
};

import { describe, expect, test } from "vitest";
import { memorySystem } from "../system/testing/memory_system.ts";
import { foldMounts, type MountChoice, parseMountList, USUAL_CHOICE } from "./mount_list.ts";

const PATH = "/proc/self/mountinfo";

function list(...lines: readonly string[]) {
  return parseMountList(lines.map((line) => `${line}\n`).join(""), PATH);
}

/** Targets that are left, in a capture: devices are those of mountinfo. */
function kept(lines: readonly string[], choice: Partial<MountChoice> = {}, hidePlumbing = false): string[] {
  const system = memorySystem({}, { source: "replay" });
  const entries = list(...lines);
  return foldMounts(system, entries, { ...USUAL_CHOICE, ...choice }, hidePlumbing).map(
    (entry) => entry.target,
  );
}

describe("mountinfo", () => {
  test("names are unescaped, fields may be missing or empty", () => {
    const [odd, empty] = list(
      "36 35 98:0 /a\\040b /mnt\\011x\\134y rw master:1 - ext3 /dev/ro\\043ot rw",
      "37 35 0:5 / /empty rw - tmpfs  rw",
    );
    expect(odd).toMatchObject({
      root: "/a b",
      target: "/mnt\tx\\y",
      source: "/dev/ro#ot",
      major: 98,
      minor: 0,
    });
    expect(empty).toMatchObject({ source: "", fsType: "tmpfs" });
  });

  test.each(["", "x", "36 35 98:0 / /mnt rw", "36 35 x:0 / /mnt rw - a b rw", "36 35 98:0"])(
    "%j is no mount",
    (line) => {
      expect(() => parseMountList(`${line}\n\n`, PATH)).toThrow("mountinfo");
    },
  );

  test("what is remote, pseudo, and may hang", () => {
    const flags = (source: string, type: string, target = "/m") => {
      const [entry] = list(`1 0 0:9 / ${target} rw - ${type} ${source} rw`);
      return [entry?.isRemote, entry?.isPseudo, entry?.mayHang];
    };
    expect(flags("server:/x", "nfs4")).toEqual([true, false, true]);
    expect(flags("//server/x", "cifs")).toEqual([true, false, true]);
    expect(flags("user@host:/", "fuse.sshfs")).toEqual([true, false, true]);
    expect(flags("portal", "fuse.portal")).toEqual([false, true, true]);
    expect(flags("proc", "proc")).toEqual([false, true, false]);
    expect(flags("/dev/sda1", "ext4")).toEqual([false, false, false]);
    expect(flags("share", "9p", "/")).toEqual([false, false, false]);
    expect(flags("share", "9p")).toEqual([false, false, true]);
  });
});

describe("one mount for each device", () => {
  test("a source with a slash wins, then the mount nearer to the root, in the place of the first", () => {
    expect(
      kept([
        "1 0 0:1 / /long/way rw - tmpfs none rw",
        "2 0 8:1 / / rw - ext4 /dev/sda1 rw",
        "3 0 0:1 / /x rw - tmpfs none rw",
        "4 0 8:1 /sub /srv rw - ext4 /dev/sda1 rw",
      ]),
    ).toEqual(["/x", "/"]);
    expect(kept(["1 0 8:1 / /b rw - ext4 word rw", "2 0 8:1 / /bbbb rw - ext4 /dev/x rw"])).toEqual([
      "/bbbb",
    ]);
  });

  test("a bind of a directory below does not stand for its file system", () => {
    expect(kept(["1 0 8:1 / /mnt/disk rw - ext4 /dev/x rw", "2 0 8:1 /sub /s rw - ext4 /dev/x rw"])).toEqual([
      "/mnt/disk",
    ]);
  });

  test("remote names are kept apart, unless a total is wanted", () => {
    const lines = ["1 0 0:7 / /a rw - nfs4 one:/x rw", "2 0 0:7 / /b rw - nfs4 two:/x rw"];
    expect(kept(lines)).toEqual(["/a", "/b"]);
    expect(kept(lines, { foldRemote: true })).toEqual(["/a"]);
  });

  test("types, local, all", () => {
    const lines = [
      "1 0 8:1 / / rw - ext4 /dev/x rw",
      "2 0 0:3 / /proc rw - proc proc rw",
      "3 0 0:4 / /run rw - tmpfs tmpfs rw",
      "4 0 0:5 / /net rw - nfs4 s:/x rw",
    ];
    expect(kept(lines)).toEqual(["/", "/run", "/net"]);
    expect(kept(lines, { localOnly: true })).toEqual(["/", "/run"]);
    expect(kept(lines, { selected: ["tmpfs"] })).toEqual(["/run"]);
    expect(kept(lines, { excluded: ["tmpfs", "nfs4"] })).toEqual(["/"]);
    expect(kept(lines, { all: true })).toEqual(["/", "/proc", "/run", "/net"]);
  });
});

describe("in a container", () => {
  test("binds of files and masks are hidden before folding, the root comes first", () => {
    const lines = [
      "1 0 8:1 /h /etc/hosts rw - ext4 /dev/x rw",
      "2 0 8:1 /v /var/lib/data rw - ext4 /dev/x rw",
      "3 0 0:50 / / rw - overlay overlay rw",
      "4 0 0:6 / /proc/acpi ro - tmpfs tmpfs ro",
      "5 0 0:7 / /sys/firmware ro - tmpfs tmpfs ro",
      "6 0 0:8 / /sys/fs/cgroup ro - tmpfs tmpfs ro",
    ];
    expect(kept(lines, {}, true)).toEqual(["/", "/var/lib/data", "/sys/fs/cgroup"]);
  });

  test("a bind is known to be a file by looking; a dead server is not looked at", () => {
    const system = memorySystem(
      { "/etc/motd": "hello", "/data/x": "" },
      { status: { "/data": { devMajor: 8, devMinor: 1 } } },
    );
    const looked: string[] = [];
    const watched = Object.create(system, {
      stat: {
        value: (path: string) => {
          looked.push(path);
          return system.stat(path);
        },
      },
    });
    const entries = list(
      "1 0 8:1 /motd /etc/motd rw - ext4 /dev/x rw",
      "2 0 8:1 /d /data rw - ext4 /dev/x rw",
      "3 0 0:9 / /dead rw - nfs4 s:/x rw",
    );
    expect(foldMounts(watched, entries, USUAL_CHOICE, true).map((entry) => entry.target)).toEqual([
      "/data",
      "/dead",
    ]);
    expect(looked).not.toContain("/dead");
  });
});

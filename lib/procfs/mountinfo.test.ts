import { expect, it } from "vitest";
import { checkReader } from "../kernfile/testing/check_reader.ts";
import { mountinfo } from "./mountinfo.ts";

checkReader(mountinfo, {
  good: [
    [
      "42 31 0:21 /c/rootfs / rw,relatime - tmpfs root rw,mode=755,inode64\n36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n",
      [
        {
          id: 42,
          parentId: 31,
          major: 0,
          minor: 21,
          root: "/c/rootfs",
          mountPoint: "/",
          options: "rw,relatime",
          optionalFields: [],
          fsType: "tmpfs",
          source: "root",
          superOptions: "rw,mode=755,inode64",
        },
        {
          id: 36,
          parentId: 35,
          major: 98,
          minor: 0,
          root: "/mnt1",
          mountPoint: "/mnt2",
          options: "rw,noatime",
          optionalFields: ["master:1", "shared:2"],
          fsType: "ext3",
          source: "/dev/root",
          superOptions: "rw,errors=continue",
        },
      ],
    ],
    [
      "1 2 0:3 /a\\134b /cg\\040group\\011x\\012y\\043 rw - cgroup  rw,memory\n",
      [
        expect.objectContaining({
          root: "/a\\b",
          mountPoint: "/cg group\tx\ny#",
          fsType: "cgroup",
          source: "",
          superOptions: "rw,memory",
        }),
      ],
    ],
    [
      "1 2 0:3 / /a\\\\04 rw - fuse.x a\\999 rw,x=a b\n",
      [expect.objectContaining({ mountPoint: "/a\\\\04", source: "a\\999", superOptions: "rw,x=a b" })],
    ],
  ],
  bad: [
    "42 31 0:21 / / rw tmpfs root rw\n",
    "42 31 0:21 / / rw - tmpfs root\n",
    "x 31 0:21 / / rw - tmpfs root rw\n",
    "42 31 0 / / rw - tmpfs root rw\n",
    "\n",
    "42 31 0:x / / rw - tmpfs root rw\n",
  ],
});

it("names the line that is wrong", () => {
  expect(() => mountinfo.parse("1 2 0:3 / / rw - a b c\nx\n", "/proc/self/mountinfo")).toThrow(
    "/proc/self/mountinfo:2: ",
  );
});

it("takes 20000 mounts", () => {
  const line = "36 35 98:0 / /var/lib/x\\040y rw,noatime master:1 - overlay overlay rw,lowerdir=/a:/b\n";
  expect(mountinfo.parse(line.repeat(20_000), "mountinfo")).toHaveLength(20_000);
});

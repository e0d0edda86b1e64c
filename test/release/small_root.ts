/**
 * A root with just enough for dpkg to work on it: busybox, dpkg-divert, dpkg-query and their libraries, an empty package database. Stand-ins
 * take the place of the packages that have the classic programs.
 */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { output, run } from "./release.ts";

export interface SmallRoot {
  readonly folder: string;
  /** `dpkg ...` on this root; throws with dpkg's words. */
  dpkg(...args: readonly string[]): string;
  /** A program in it, without any environment but PATH. */
  inside(...command: readonly string[]): ReturnType<typeof run>;
  remove(): void;
}

const BUSYBOX = "/usr/bin/busybox";

export function makeSmallRoot(): SmallRoot {
  const folder = mkdtempSync(join(tmpdir(), "procg-root-"));
  for (const path of ["usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc", "tmp", "var/lib/dpkg/info"])
    mkdirSync(join(folder, path), { recursive: true });
  for (const path of ["var/lib/dpkg/updates", "var/lib/dpkg/triggers"]) mkdirSync(join(folder, path));
  // As on every Debian of today: /bin is /usr/bin.
  for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(folder, name));
  for (const name of ["status", "available"]) writeFileSync(join(folder, "var/lib/dpkg", name), "");
  copyFileSync(BUSYBOX, join(folder, "usr/bin/busybox"));
  for (const name of ["sh", "sed", "cat", "ls", "readlink"])
    symlinkSync("busybox", join(folder, "usr/bin", name));
  for (const program of ["/usr/bin/dpkg-divert", "/usr/bin/dpkg-query"]) {
    const libraries = [...output("ldd", program).matchAll(/\/\S+/g)].map(([path]) => path);
    for (const path of [program, ...libraries.filter((name) => name !== `${program}:`)]) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      copyFileSync(path, join(folder, path));
      chmodSync(join(folder, path), 0o755);
    }
  }
  return {
    folder,
    dpkg: (...args) => output("dpkg", `--root=${folder}`, "--log=/dev/null", ...args),
    inside: (...command) => run("chroot", folder, ...command),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Builds a package with these files (path -> what the program prints) in `folder`; gives the .deb's path. */
export function standIn(
  folder: string,
  name: string,
  version: string,
  files: Readonly<Record<string, string>>,
): string {
  const tree = join(folder, `${name}-${version}`);
  mkdirSync(join(tree, "DEBIAN"), { recursive: true });
  const lines = [
    `Package: ${name}`,
    `Version: ${version}`,
    "Architecture: all",
    "Maintainer: t <t@t.invalid>",
  ];
  writeFileSync(join(tree, "DEBIAN/control"), `${lines.join("\n")}\nDescription: stand-in\n`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), `#!/bin/sh\necho '${text}'\n`, { mode: 0o755 });
  }
  const deb = `${tree}.deb`;
  output("dpkg-deb", "--root-owner-group", "--build", tree, deb);
  return deb;
}

/**
 * lxcfs as Debian's suites have it, with the libraries that it needs and the loader that fits them, into .cache/lxcfs; nothing is installed.
 * By apt, with lists of its own, so that this machine's are not touched. What was taken once stays; remove .cache/lxcfs to take what is newest.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const CACHE = join(import.meta.dirname, "../../../.cache/lxcfs");
const MIRROR = "http://deb.debian.org/debian";

/** A mirror that does not answer ends the bench, and does not hold it. */
const TIMEOUT_MS = 180_000;

/** Debian 12's, the last that knows cgroup v1, and the newest. */
const SUITES = ["bookworm", "trixie", "sid"] as const;
const LIBRARIES =
  /^(libc\.so\.6|libfuse3\.so\.\d|libgcc_s\.so\.1|libdl\.so\.2|libpthread\.so\.0|liblxcfs\.so)$/;
const LOADER = "ld-linux-x86-64.so.2";

export interface LxcfsPackage {
  readonly suite: string;
  /** Of the Debian package. */
  readonly version: string;
  /** "7" of 7.0.0-1. */
  readonly major: string;
  /** lxcfs, ld.so and the libraries, by file name. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** Throws where the archive cannot be reached. */
export const lxcfsPackages = (): readonly LxcfsPackage[] => SUITES.map(packageOf);

function packageOf(suite: string): LxcfsPackage {
  const folder = join(CACHE, suite);
  if (!existsSync(folder)) download(suite, folder);
  const version = readFileSync(join(folder, "version"), "utf8").trim();
  const files = new Map<string, Buffer>();
  for (const path of readdirSync(join(folder, "root"), { recursive: true, encoding: "utf8" })) {
    const name = basename(path);
    const kept = name === LOADER ? "ld.so" : LIBRARIES.test(name) || path === "usr/bin/lxcfs" ? name : null;
    // A link to an absolute path points out of the folder; its target is met by itself.
    if (kept !== null && existsSync(join(folder, "root", path)) && !files.has(kept))
      files.set(kept, readFileSync(join(folder, "root", path)));
  }
  for (const wanted of ["lxcfs", "ld.so", "libc.so.6", "liblxcfs.so"])
    if (!files.has(wanted)) throw new Error(`${folder}: no ${wanted}`);
  return { suite, version, major: version.split(".")[0] ?? "", files };
}

function download(suite: string, folder: string): void {
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  for (const name of ["lists/partial", "archives/partial", "root", "deb"])
    mkdirSync(join(part, name), { recursive: true });
  writeFileSync(
    join(part, "sources.list"),
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${MIRROR} ${suite} main\n`,
  );
  const settings = [
    `Dir::Etc::sourcelist=${join(part, "sources.list")}`,
    "Dir::Etc::sourceparts=-",
    `Dir::State::lists=${join(part, "lists")}`,
    `Dir::Cache=${part}`,
    "APT::Sandbox::User=root",
    "APT::Architecture=amd64",
    "APT::Architectures=amd64",
    "Acquire::Languages=none",
  ].flatMap((setting) => ["-o", setting]);
  const apt = (program: string, ...words: readonly string[]): string =>
    execFileSync(program, [...settings, ...words], {
      cwd: join(part, "deb"),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
  apt("apt-get", "update", "-q");
  const shown = apt("apt-cache", "show", "--no-all-versions", "lxcfs");
  const version = /^Version: (\S+)$/m.exec(shown)?.[1];
  const fuse = /^Depends:.*?\b(libfuse3-\d+)\b/m.exec(shown)?.[1];
  if (version === undefined || fuse === undefined) throw new Error(`${suite} has no lxcfs: ${shown}`);
  apt("apt-get", "download", "-q", `lxcfs=${version}`, fuse, "libc6", "libgcc-s1");
  for (const deb of readdirSync(join(part, "deb")))
    execFileSync("dpkg", ["-x", join(part, "deb", deb), join(part, "root")], { timeout: TIMEOUT_MS });
  writeFileSync(join(part, "version"), `${version}\n`);
  for (const name of ["lists", "archives", "deb", "pkgcache.bin", "srcpkgcache.bin"])
    rmSync(join(part, name), { recursive: true, force: true });
  renameSync(part, folder);
}

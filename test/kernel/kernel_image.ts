/** Debian's cloud kernels, from its archive by apt-get download, into .cache/kernels; nothing is installed. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export const CACHE = join(import.meta.dirname, "../../.cache/kernels");

/** A mirror that does not answer ends the suite, and does not hold it. */
const DOWNLOAD_MS = 180_000;

/** Series -> what the package is called. The newest that the archive offers is taken. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  "6.1": /^linux-image-6\.1\.0-(\d+)-cloud-amd64$/,
  "6.12": /^linux-image-6\.12\.(\d+)\+deb12-cloud-amd64$/,
};

/** Path of vmlinuz; downloaded once. Throws where the archive cannot be reached. */
export function kernelImage(series: string): string {
  const folder = join(CACHE, series);
  const boot = join(folder, "boot");
  if (!existsSync(boot)) {
    const pattern = PACKAGES[series];
    if (pattern === undefined) throw new Error(`no kernel package is known for ${series}`);
    const offered = execFileSync("apt-cache", ["pkgnames", "linux-image-6"], { encoding: "utf8" })
      .split("\n")
      .filter((name) => pattern.test(name))
      .sort((a, b) => Number(pattern.exec(a)?.[1]) - Number(pattern.exec(b)?.[1]));
    const name = offered.at(-1);
    if (name === undefined) throw new Error(`Debian's archive offers no kernel ${series}: apt-get update?`);
    const download = join(CACHE, `download-${series}`);
    rmSync(download, { recursive: true, force: true });
    mkdirSync(download, { recursive: true });
    execFileSync("apt-get", ["download", "-q", "-o", "APT::Sandbox::User=root", name], {
      cwd: download,
      stdio: "pipe",
      timeout: DOWNLOAD_MS,
      killSignal: "SIGKILL",
    });
    const [deb = ""] = readdirSync(download);
    const unpacked = `${folder}.part`;
    rmSync(unpacked, { recursive: true, force: true });
    execFileSync("dpkg", ["-x", join(download, deb), unpacked], { timeout: DOWNLOAD_MS });
    execFileSync("mv", [unpacked, folder]);
    rmSync(download, { recursive: true, force: true });
  }
  const image = readdirSync(boot).find((name) => name.startsWith("vmlinuz"));
  if (image === undefined) throw new Error(`${boot}: no vmlinuz`);
  return join(boot, image);
}

/** A module of that kernel, as it is in its package. Throws where the package has none of the name, or a compressed one. */
export function kernelModule(series: string, name: string): Buffer {
  kernelImage(series);
  const modules = join(CACHE, series, "lib/modules");
  const path = readdirSync(modules, { recursive: true, encoding: "utf8" }).find((each) =>
    each.endsWith(`/${name}.ko`),
  );
  if (path === undefined) throw new Error(`${modules}: no ${name}.ko`);
  return readFileSync(join(modules, path));
}

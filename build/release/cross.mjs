/** The cross compiler for the other architecture: installed when root on Debian, or named. */
import { spawnSync } from "node:child_process";
import { installPackages, isRoot, SetupError, which } from "../setup.mjs";
import { hasMuslDev } from "./components.mjs";

/** Debian's names, per target. */
const PACKAGES = {
  arm64: {
    architecture: "arm64",
    packages: ["gcc-aarch64-linux-gnu", "musl-dev:arm64"],
    compiler: "aarch64-linux-musl-gcc",
  },
  x64: {
    architecture: "amd64",
    packages: ["gcc-x86-64-linux-gnu", "musl-dev:amd64"],
    compiler: "x86_64-linux-musl-gcc",
  },
};

/** @param {"x64" | "arm64"} target   not this machine's */
export function ensureCrossCompiler(target) {
  const { architecture, packages, compiler } = PACKAGES[target];
  const cross = packages[0].replace(/^gcc-/, "").replace("x86-64", "x86_64");
  const isThere = () => which(compiler) !== null && which(`${cross}-gcc`) !== null && hasMuslDev(target);
  if (isThere()) return;
  const commands = `dpkg --add-architecture ${architecture} && apt-get update && apt-get install ${packages.join(" ")}`;
  if (isRoot() && which("dpkg") !== null && process.env.PROCG_NO_INSTALL !== "1") {
    spawnSync("dpkg", ["--add-architecture", architecture]);
  }
  const why = installPackages(packages);
  if (isThere()) return;
  throw new SetupError(
    `setup: no cross compiler for ${target}: ${commands}${why === null ? "" : `; not installed here: ${why}`}` +
      (target === "arm64" ? " (--skip-arm64 goes on without)" : ""),
  );
}

/**
 * Which JVM would run, by the `release` file that every JDK since 7 has beside its bin/: a JVM does not start with a -XX option that
 * it does not know, so nothing is said to one whose version is not known.
 */
import type { System } from "../system/system.ts";

/** Feature release ("8", "17") and what its numbers count: 8u372 is {8, 372}, 11.0.16 is {11, 16}. */
export interface JavaVersion {
  readonly feature: number;
  readonly update: number;
  /** The release file. */
  readonly path: string;
}

/** Of JAVA_HOME, else of the `java` in PATH. `program`: what is to be run, when that is a java itself. null: none, or unreadable. */
export function findJava(system: System, program: string | null): JavaVersion | null {
  const home = system.env("JAVA_HOME");
  const isJava = program !== null && /(^|\/)java$/.test(program);
  if (isJava && program.includes("/")) return releaseOf(system, program);
  if (!isJava && home) {
    const found = readRelease(system, `${home}/release`);
    if (found !== null) return found;
  }
  for (const folder of (system.env("PATH") ?? "").split(":")) {
    const path = `${folder}/java`;
    if (folder.startsWith("/") && typeof system.stat(path) !== "number") return releaseOf(system, path);
  }
  return null;
}

const MOST_LINKS = 8;

/** Follows /usr/bin/java -> /etc/alternatives/java -> /usr/lib/jvm/.../bin/java. */
function releaseOf(system: System, program: string): JavaVersion | null {
  let path = program;
  for (let links = 0; links < MOST_LINKS; links++) {
    const target = system.readLink(path);
    if (typeof target === "number") break;
    path = target.startsWith("/") ? target : `${path.slice(0, path.lastIndexOf("/"))}/${target}`;
  }
  const bin = path.slice(0, path.lastIndexOf("/"));
  // JDK 8 has a jre/bin/java below the folder of the release file.
  return readRelease(system, `${bin}/../release`) ?? readRelease(system, `${bin}/../../release`);
}

function readRelease(system: System, path: string): JavaVersion | null {
  const text = system.readText(path);
  const version = typeof text === "string" ? /^JAVA_VERSION="?([0-9._]+)/m.exec(text)?.[1] : undefined;
  return version === undefined ? null : parseJavaVersion(version, path);
}

/** "1.8.0_372", "9.0.4", "11.0.16.1", "17". null: none of these. */
export function parseJavaVersion(text: string, path: string): JavaVersion | null {
  const old = /^1\.(\d+)\.\d+(?:_(\d+))?/.exec(text);
  if (old !== null) return { feature: Number(old[1]), update: Number(old[2] ?? 0), path };
  const now = /^(\d+)(?:\.\d+(?:\.(\d+))?)?/.exec(text);
  return now === null ? null : { feature: Number(now[1]), update: Number(now[2] ?? 0), path };
}

/** -XX:ActiveProcessorCount: since 10, and 8u191. */
export function knowsProcessorCount({ feature, update }: JavaVersion): boolean {
  return feature >= 10 || (feature === 8 && update >= 191);
}

/** Whether it sees the container's memory limit: v1 since 10 and 8u191, v2 since 15, 11.0.16 and 8u372. */
export function seesMemoryLimit({ feature, update }: JavaVersion, cgroupVersion: 1 | 2 | null): boolean {
  if (feature >= 15) return true;
  if (feature === 11 && update >= 16) return true;
  if (feature === 8 && update >= 372) return true;
  return cgroupVersion === 1 && (feature >= 10 || (feature === 8 && update >= 191));
}

/**
 * The recipes of contrib/docker, built and run. The roots of this suite take the place of the images that they name by default:
 * busybox for Debian and Alpine, a root without a shell for distroless.
 */
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BINARY, docker, type Result, run } from "./docker.ts";

const SKIP = process.env.PROCG_E2E_SKIP;
const RECIPES = join(import.meta.dirname, "../../contrib/docker");
/** null: the recipe's own (scratch). */
const BASES: Readonly<Record<string, string | null>> = {
  alpine: "procg-e2e",
  debian: "procg-e2e",
  distroless: "procg-e2e-scratch",
  scratch: null,
};

test("every recipe is tried", () => {
  const recipes = readdirSync(RECIPES).map((name) => name.replace("Dockerfile.", ""));
  expect(recipes.sort()).toEqual(Object.keys(BASES).sort());
});

describe.skipIf(SKIP !== undefined).each(Object.entries(BASES))("the recipe for %s", (name, base) => {
  const image = `procg-e2e-recipe-${name}`;
  const context = mkdtempSync(join(tmpdir(), "procg-recipe-"));

  beforeAll(() => {
    copyFileSync(BINARY, join(context, "procg-linux-x64"));
    const argument = base === null ? [] : ["--build-arg", `BASE=${base}`];
    const args = ["build", "-q", "--network", "none", "-f", join(RECIPES, `Dockerfile.${name}`)];
    // Without buildx, which Debian does not install beside docker.io.
    const command = ["env", "DOCKER_BUILDKIT=0", "docker", ...args, ...argument, "-t", image, context];
    const built = run("/usr/bin/env", command.slice(1), 80_000);
    expect([built.status, built.stdout.slice(0, 7)]).toEqual([0, "sha256:"]);
  });
  afterAll(() => {
    rmSync(context, { recursive: true, force: true });
    docker("image", "rm", "-f", image);
  });

  const inside = (...words: readonly string[]): Result =>
    run("docker", ["run", "--rm", "--network", "none", "--memory", "64m", "--entrypoint", ...words]);

  test("free by its name shows the container's memory", () => {
    const { status, stdout, stderr } = inside("free", image, "-m");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n")[1]?.split(/\s+/).slice(0, 2)).toEqual(["Mem:", "64"]);
  });

  test("nproc and uptime are ours", () => {
    for (const tool of ["nproc", "uptime"])
      expect(inside(tool, image, "--version").stdout).toMatch(new RegExp(`^${tool} from procg `));
  });
});

/** The OCI image layout, by the rules of the image specification; and an engine that reads it. */
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { FIRST, has, isRoot, NO_ARM64, output, readJson, run, sha256 } from "./release.ts";

const LAYOUT = join(FIRST, "oci");
const ARCHITECTURES = NO_ARM64 === undefined ? ["amd64", "arm64"] : ["amd64"];

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly architecture: string; readonly os: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

const reached = new Set<string>();

/** The blob that a descriptor speaks of, which must be just that. */
function blob({ digest, size }: Descriptor): Buffer {
  const [, hex = ""] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  reached.add(hex);
  const bytes = readFileSync(join(LAYOUT, "blobs/sha256", hex));
  expect([bytes.length, sha256(bytes)]).toEqual([size, hex]);
  return bytes;
}

test("digests, sizes, media types and platforms hold, and the only layer is the executable", () => {
  expect(readJson(join(LAYOUT, "oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
  const index = readJson(join(LAYOUT, "index.json"));
  expect(index).toMatchObject({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json" });
  const [only, ...others] = index.manifests as Descriptor[];
  expect(others).toEqual([]);
  if (only === undefined) throw new Error("index.json lists nothing");
  expect(only.annotations?.["org.opencontainers.image.ref.name"]).toMatch(/^\d+\.\d+\.\d+/);
  const images = JSON.parse(blob(only).toString());
  expect(images.mediaType).toBe(only.mediaType);
  const manifests = images.manifests as Descriptor[];
  expect(manifests.map(({ platform }) => platform?.architecture)).toEqual(ARCHITECTURES);
  for (const descriptor of manifests) {
    const manifest = JSON.parse(blob(descriptor).toString());
    expect(manifest.mediaType).toBe("application/vnd.oci.image.manifest.v1+json");
    const config = JSON.parse(blob(manifest.config).toString());
    expect(config).toMatchObject({
      ...descriptor.platform,
      config: { Entrypoint: ["/usr/local/bin/procg"] },
    });
    expect(manifest.layers.length).toBe(1);
    const layer = gunzipSync(blob(manifest.layers[0]));
    const sum = createHash("sha256").update(layer).digest("hex");
    expect(config.rootfs).toEqual({ type: "layers", diff_ids: [`sha256:${sum}`] });
    checkLayer(layer, `procg-linux-${descriptor.platform?.architecture === "arm64" ? "arm64" : "x64"}`);
  }
  // Nothing that nobody refers to.
  expect(readdirSync(join(LAYOUT, "blobs/sha256")).sort()).toEqual([...reached].sort());
});

function checkLayer(layer: Buffer, executable: string): void {
  const names: string[] = [];
  for (let at = 0; layer[at] !== 0; ) {
    const field = (from: number, length: number) =>
      layer.toString("latin1", at + from, at + from + length).replace(/\0.*$/s, "");
    const name = field(0, 100);
    const size = Number.parseInt(field(124, 12), 8);
    names.push(`${name} ${field(100, 8)} ${field(108, 8)}:${field(116, 8)}`);
    if (size > 0) {
      const content = layer.subarray(at + 512, at + 512 + size);
      expect(content.equals(readFileSync(join(FIRST, executable)))).toBe(true);
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  const owner = "0000000:0000000";
  expect(names).toEqual([
    `usr/ 0000755 ${owner}`,
    `usr/local/ 0000755 ${owner}`,
    `usr/local/bin/ 0000755 ${owner}`,
    `usr/local/bin/procg 0000755 ${owner}`,
  ]);
}

test.skipIf(!isRoot || !has("podman"))(
  "podman takes it for each architecture (needs root and podman)",
  () => {
    // podman makes the image's name from the path, and a name has no capitals and no leading dot.
    const folder = join(tmpdir(), `procg-oci-${process.pid}`);
    cpSync(LAYOUT, join(folder, "oci"), { recursive: true });
    const own = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
    const { version } = readJson(join(import.meta.dirname, "../../package.json"));
    try {
      for (const architecture of ARCHITECTURES) {
        const pull = ["pull", "-q", "--arch", architecture, `oci:${folder}/oci:${version}`];
        const id = output("podman", ...own, ...pull).trim();
        const format = "{{.Architecture}} {{.Config.Entrypoint}} {{len .RootFS.Layers}}";
        expect(output("podman", ...own, "image", "inspect", "-f", format, id)).toBe(
          `${architecture} [/usr/local/bin/procg] 1\n`,
        );
      }
    } finally {
      run("podman", ...own, "image", "rm", "-af");
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

/**
 * An image for `COPY --from`, as an OCI image layout: one layer with nothing but the executable, for each architecture.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzip, tar, withFolders } from "./archive.mjs";

const TYPE = "application/vnd.oci.image";

/** Where the image holds the executable. */
const PLACE = "usr/local/bin/procg";

/**
 * @param {object} options
 * @param {string} options.folder   made
 * @param {string} options.version
 * @param {number} options.time   seconds
 * @param {readonly { architecture: "amd64" | "arm64", content: Buffer }[]} options.executables
 */
export function writeImageLayout({ folder, version, time, executables }) {
  const blobs = join(folder, "blobs/sha256");
  mkdirSync(blobs, { recursive: true });
  const created = new Date(time * 1000).toISOString().replace(".000Z", "Z");

  /** @param {string} mediaType @param {Buffer} bytes */
  const put = (mediaType, bytes) => {
    const hex = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(blobs, hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  /** @param {string} mediaType @param {object} value */
  const putJson = (mediaType, value) => put(mediaType, Buffer.from(JSON.stringify(value)));

  const annotations = {
    "org.opencontainers.image.title": "procg",
    "org.opencontainers.image.description": "tools that tell the truth inside a container",
    "org.opencontainers.image.version": version,
    "org.opencontainers.image.licenses": "MIT",
    "org.opencontainers.image.created": created,
  };
  const manifests = executables.map(({ architecture, content }) => {
    const layer = tar(withFolders([{ path: PLACE, mode: 0o755, content }]), time);
    const platform = { architecture, os: "linux", ...(architecture === "arm64" ? { variant: "v8" } : {}) };
    const config = putJson(`${TYPE}.config.v1+json`, {
      created,
      ...platform,
      config: { Entrypoint: [`/${PLACE}`], Cmd: ["--help"], Labels: annotations },
      rootfs: {
        type: "layers",
        diff_ids: [`sha256:${createHash("sha256").update(layer).digest("hex")}`],
      },
      history: [{ created, created_by: `COPY procg /${PLACE}` }],
    });
    const layers = [put(`${TYPE}.layer.v1.tar+gzip`, gzip(layer))];
    const manifest = { schemaVersion: 2, mediaType: `${TYPE}.manifest.v1+json`, config, layers, annotations };
    return { ...putJson(manifest.mediaType, manifest), platform };
  });
  const images = { schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests, annotations };
  const index = {
    schemaVersion: 2,
    mediaType: images.mediaType,
    manifests: [
      {
        ...putJson(images.mediaType, images),
        annotations: { "org.opencontainers.image.ref.name": version },
      },
    ],
  };
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(join(folder, "index.json"), JSON.stringify(index));
}

/**
 * What is inside an executable besides our own code: the engine, the C library, the compiler's run-time library and the
 * npm packages that esbuild took code from; with versions and licences.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Component
 * @property {string} name
 * @property {string | null} version
 * @property {string} license   SPDX expression
 * @property {string} copyright   the holders' lines
 * @property {string} notice   the licence's text; "" where the licence asks for none in binaries
 * @property {string} supplier
 * @property {string} homepage
 * @property {string | null} purl
 * @property {string} download
 */

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;

export const OWN_COPYRIGHT = "Copyright (c) 2026 The procg developers";
export const OWN_NOTICE = MIT;

/** @param {string} text */
const copyrightLines = (text) =>
  text
    .split("\n")
    .map((line) => line.replace(/^[\s*#>-]+/, "").trim())
    .filter((line) => /^(?:Portions )?copyright\b.*\d{4}/i.test(line))
    .join("\n");

/** @param {string} root @returns {Component} */
function engineComponent(root) {
  const folder = process.env.QUICKJS_DIR ?? join(root, "node_modules/qjsc/deps/quickjs_2021_03_27");
  const carrier = JSON.parse(readFileSync(join(root, "node_modules/qjsc/package.json"), "utf8"));
  const notice = readFileSync(join(folder, "LICENSE"), "utf8");
  const version = readFileSync(join(folder, "VERSION"), "utf8").trim();
  return {
    name: "QuickJS",
    version,
    license: "MIT",
    copyright: copyrightLines(notice),
    notice,
    supplier: "Person: Fabrice Bellard",
    homepage: "https://bellard.org/quickjs/",
    purl: process.env.QUICKJS_DIR === undefined ? `pkg:npm/qjsc@${carrier.version}` : null,
    download: `https://bellard.org/quickjs/quickjs-${version}.tar.xz`,
  };
}

/** Upstream's part of a Debian package's version; null where dpkg does not know it. @param {string} name */
function debianVersion(name) {
  try {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a field of dpkg-query
    const text = execFileSync("dpkg-query", ["-W", "-f", "${Version}", name], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return text === "" ? null : text.replace(/^\d+:/, "").replace(/-[^-]*$/, "");
  } catch {
    return null;
  }
}

/** @param {"x64" | "arm64"} target @returns {Component} */
function muslComponent(target) {
  const version = debianVersion(`musl-dev:${target === "x64" ? "amd64" : "arm64"}`);
  return {
    name: "musl",
    version,
    license: "MIT",
    copyright: "Copyright (c) 2005-2020 Rich Felker, et al.",
    notice: MIT,
    supplier: "Organization: musl libc",
    homepage: "https://musl.libc.org/",
    purl: version === null ? null : `pkg:generic/musl@${version}`,
    download: version === null ? "NOASSERTION" : `https://musl.libc.org/releases/musl-${version}.tar.gz`,
  };
}

/** @param {string} compilerVersion   first line of gcc --version @returns {Component} */
function libgccComponent(compilerVersion) {
  const version = /(\d+\.\d+\.\d+)$/.exec(compilerVersion)?.[1] ?? null;
  return {
    name: "libgcc",
    version,
    license: "GPL-3.0-or-later WITH GCC-exception-3.1",
    copyright: "Copyright (c) Free Software Foundation, Inc.",
    notice: "",
    supplier: "Organization: Free Software Foundation",
    homepage: "https://gcc.gnu.org/",
    purl: version === null ? null : `pkg:generic/gcc@${version}`,
    download: "NOASSERTION",
  };
}

/** npm packages that gave at least one byte. @param {string} root @param {import("esbuild").Metafile} metafile */
function npmComponents(root, metafile) {
  const folders = new Set();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders].sort().map((folder) => {
    const { name, version, license, homepage } = JSON.parse(
      readFileSync(join(root, folder, "package.json"), "utf8"),
    );
    const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
    const notice = file === undefined ? "" : readFileSync(join(root, folder, file), "utf8");
    return {
      name,
      version,
      license: typeof license === "string" ? license : (license?.type ?? "NOASSERTION"),
      copyright: copyrightLines(notice),
      notice,
      supplier: "NOASSERTION",
      homepage: typeof homepage === "string" ? homepage : `https://www.npmjs.com/package/${name}`,
      purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
      download: `https://registry.npmjs.org/${name}/-/${name.split("/").at(-1)}-${version}.tgz`,
    };
  });
}

/**
 * @param {string} root
 * @param {"x64" | "arm64"} target
 * @param {{ metafile: import("esbuild").Metafile, compilerVersion: string }} build
 * @returns {readonly Component[]}
 */
export function listComponents(root, target, { metafile, compilerVersion }) {
  return [
    engineComponent(root),
    muslComponent(target),
    libgccComponent(compilerVersion),
    ...npmComponents(root, metafile),
  ];
}

/** musl-dev of this target as Debian packages it. @param {"x64" | "arm64"} target */
export const hasMuslDev = (target) =>
  existsSync(target === "arm64" ? "/usr/lib/aarch64-linux-musl/libc.a" : "/usr/lib/x86_64-linux-musl/libc.a");

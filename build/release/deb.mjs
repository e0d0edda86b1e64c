/**
 * Debian packages without debhelper: an ar of two tars, the same bytes in every run.
 *
 * procg          the executable, links by the tools' names in /usr/lib/procg/bin, man pages, completions
 * procg-divert   those links in /usr/bin in place of the classic programs, which are moved aside and come back on removal
 */
import { createHash } from "node:crypto";
import { ar, gzip, tar, withFolders } from "./archive.mjs";
import { changelogText, controlText, copyrightText, divertScripts } from "./deb_texts.mjs";

/** @typedef {import("./archive.mjs").Entry} Entry */

/**
 * @typedef {object} Page
 * @property {string} tool
 * @property {number} section
 * @property {string} text
 */

/**
 * @typedef {object} Release
 * @property {string} version   upstream's
 * @property {number} time   seconds
 * @property {readonly string[]} linked   names that `procg install` links
 * @property {readonly string[]} diverted   those among them that a package of Debian has
 * @property {readonly Page[]} pages
 * @property {{ bash: string, zsh: string, fish: string }} completions
 * @property {string} changes   CHANGELOG.md
 */

/** First package of this version. @param {Release} release */
const debianVersion = ({ version }) => `${version}-1`;

/** @param {Release} release @param {"amd64" | "arm64"} architecture @param {Buffer} executable @param {readonly import("./components.mjs").Component[]} components */
export function procgPackage(release, architecture, executable, components) {
  const doc = "usr/share/doc/procg";
  /** @type {Entry[]} */
  const entries = [
    { path: "usr/bin/procg", mode: 0o755, content: executable },
    ...release.linked.map((name) => ({ path: `usr/lib/procg/bin/${name}`, target: "../../../bin/procg" })),
    ...release.pages.map((page) => ({ path: pagePath(page), content: gzip(Buffer.from(page.text)) })),
    text("usr/share/bash-completion/completions/procg", release.completions.bash),
    // compinit binds every name in the first line at once; free is another program here.
    text(
      "usr/share/zsh/vendor-completions/_procg",
      release.completions.zsh.replace(/^#compdef .*/, "#compdef procg"),
    ),
    text("usr/share/fish/vendor_completions.d/procg.fish", release.completions.fish),
    text(`${doc}/copyright`, copyrightText(release.time, components)),
    { path: `${doc}/changelog.gz`, content: gzip(Buffer.from(release.changes)) },
    {
      path: `${doc}/changelog.Debian.gz`,
      content: gzip(Buffer.from(changelogText(debianVersion(release), release.time))),
    },
    text("usr/share/lintian/overrides/procg", OVERRIDES),
  ];
  return debFile(release, architecture, "procg", {}, entries);
}

const OVERRIDES = `# One file for any image, also those without a C library.
procg: statically-linked-binary [usr/bin/procg]
# Not uploaded to Debian.
procg: initial-upload-closes-no-bugs *
`;

/** For any architecture: it holds links only. @param {Release} release */
export function divertPackage(release) {
  const pages = release.pages.filter(({ tool }) => release.diverted.includes(tool));
  const entries = [
    ...release.diverted.map((name) => ({ path: `usr/bin/${name}`, target: "procg" })),
    ...pages.map((page) => ({ path: classicPath(page), target: pagePath(page).replace(/^.*\//, "") })),
    { path: "usr/share/doc/procg-divert", target: "procg" },
  ];
  const scripts = divertScripts(
    release.diverted,
    pages.map((page) => `/${classicPath(page)}`),
  );
  return debFile(release, "all", "procg-divert", scripts, entries);
}

/** Below man/. procps has free.1, coreutils env.1. @param {Page} page */
export const pageName = ({ tool, section }) =>
  `man${section}/${tool === "procg" ? tool : `procg-${tool}`}.${section}`;
/** @param {Page} page */
const pagePath = (page) => `usr/share/man/${pageName(page)}.gz`;
/** @param {Page} page */
const classicPath = ({ tool, section }) => `usr/share/man/man${section}/${tool}.${section}.gz`;

/** @param {string} path @param {string} content @returns {Entry} */
const text = (path, content) => ({ path, content: Buffer.from(content) });

/**
 * @param {Release} release
 * @param {"amd64" | "arm64" | "all"} architecture
 * @param {"procg" | "procg-divert"} name
 * @param {Readonly<Record<string, string>>} scripts
 * @param {readonly Entry[]} entries
 */
function debFile(release, architecture, name, scripts, entries) {
  const version = debianVersion(release);
  const all = withFolders(entries);
  // As dpkg-gencontrol counts: whole KiB for files, one for everything else.
  const sizeKib = all.reduce((sum, { content }) => sum + Math.ceil((content?.length ?? 1024) / 1024), 0);
  const control = controlText(name, { version, architecture, sizeKib });
  const sums = all
    .filter(({ content }) => content !== undefined)
    .map(
      ({ path, content }) =>
        `${createHash("md5")
          .update(content ?? "")
          .digest("hex")}  ${path}\n`,
    )
    .join("");
  /** @type {Entry[]} */
  const controlEntries = [text("control", control), ...(sums === "" ? [] : [text("md5sums", sums)])];
  for (const [script, content] of Object.entries(scripts)) {
    controlEntries.push({ path: script, mode: 0o755, content: Buffer.from(content) });
  }
  const content = ar(
    [
      { name: "debian-binary", content: Buffer.from("2.0\n") },
      { name: "control.tar.gz", content: dotTar(controlEntries, release.time) },
      { name: "data.tar.gz", content: dotTar(all, release.time) },
    ],
    release.time,
  );
  return { name: `${name}_${version}_${architecture}.deb`, content };
}

/** With the leading "./" that dpkg's own tars have. @param {readonly Entry[]} entries @param {number} time */
function dotTar(entries, time) {
  const below = entries.map((entry) => ({ ...entry, path: `./${entry.path}` }));
  return gzip(tar([{ path: "./" }, ...below], time));
}

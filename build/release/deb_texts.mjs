/** What Debian wants to read: control, copyright, changelog, maintainer scripts. */
import { OWN_COPYRIGHT, OWN_NOTICE } from "./components.mjs";

/** Who answers for the packages: DEBFULLNAME and DEBEMAIL, as in Debian's own tools. */
const maintainer = () =>
  `${process.env.DEBFULLNAME ?? "procg maintainers"} <${process.env.DEBEMAIL ?? "maintainers@procg.invalid"}>`;

const SUMMARIES = {
  procg: "tools that tell the truth inside a container",
  "procg-divert": "procg in place of the classic free, top, df, ...",
};

const DESCRIPTIONS = {
  procg: ` In every container /proc shows the host. free, nproc, uptime, df and others
 of this suite read the container's cgroup (v1, v2, hybrid) instead, and print
 what applies to this container in the format of procps, coreutils, sysstat.
 .
 All tools are one static executable, /usr/bin/procg. Links by the tools'
 names are in /usr/lib/procg/bin; the package procg-divert puts them in the
 place of the classic programs.
`,
  "procg-divert": ` Links to procg in /usr/bin by the names of the classic programs. Those are
 moved aside with dpkg-divert, as free.distrib and so on, and come back when
 this package is removed.
`,
};

/**
 * @param {"procg" | "procg-divert"} name
 * @param {{ version: string, architecture: string, sizeKib: number }} facts
 */
export function controlText(name, { version, architecture, sizeKib }) {
  const relations = name === "procg" ? "Suggests: procg-divert\n" : `Depends: procg (= ${version})\n`;
  return `Package: ${name}
${name === "procg" ? "" : "Source: procg\n"}Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer()}
Installed-Size: ${sizeKib}
${relations}Section: utils
Priority: optional
Description: ${SUMMARIES[name]}
${DESCRIPTIONS[name]}`;
}

/** @param {string} version @param {number} time */
export function changelogText(version, time) {
  const date = new Date(time * 1000).toUTCString().replace("GMT", "+0000");
  return `procg (${version}) unstable; urgency=medium

  * Release ${version.replace(/-\d+$/, "")}; see changelog.gz for what changed.

 -- ${maintainer()}  ${date}
`;
}

/** As a field of a machine-readable copyright file goes on: indented, empty lines as dots. @param {string} text */
const continued = (text) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "" ? " ." : ` ${line.trimEnd()}`))
    .join("\n");

/**
 * Our licence and the notices of everything inside the executable.
 * @param {number} time
 * @param {readonly import("./components.mjs").Component[]} components
 */
export function copyrightText(time, components) {
  const year = new Date(time * 1000).getUTCFullYear();
  const stanzas = [
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: procg",
    `Files: *\nCopyright: ${OWN_COPYRIGHT.replace(/^Copyright \(c\) /, "").replace(/^\d+/, (from) => (Number(from) < year ? `${from}-${year}` : from))}\nLicense: MIT\n${continued(OWN_NOTICE)}`,
  ];
  for (const { name, version, license, copyright, notice } of components) {
    const holders = copyright === "" ? [`the ${name} authors`] : copyright.split("\n");
    const lines = holders.map((line) => line.replace(/^Copyright\s*(?:\(c\)|©)?\s*/i, ""));
    const comment = `Inside usr/bin/procg: ${name}${version === null ? "" : ` ${version}`}`;
    // A short name of its own: the notices differ in their words.
    const [short, words] =
      notice === ""
        ? [
            "GPL-3+-with-GCC-exception",
            "On Debian systems the GNU General Public License is in\n/usr/share/common-licenses/GPL-3. The GCC Runtime Library Exception lets\nprograms that were compiled with GCC be distributed under other terms.",
          ]
        : [`${license}-${name.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-/, "")}`, notice];
    stanzas.push(
      `Files: usr/bin/procg\nCopyright: ${lines.join("\n           ")}\nLicense: ${short}\n${continued(words)}\nComment: ${comment}`,
    );
  }
  return `${stanzas.join("\n\n")}\n`;
}

/**
 * Where /bin is /usr/bin, df is one file by two names. Debian 12 knows it as /bin/df, later versions as /usr/bin/df, and an upgrade
 * goes from one to the other: both are diverted, to different files, or the upgrade would remove as old what it has just unpacked.
 * The name that dpkg knows comes first and moves the file.
 */
const DF_FIRST = `    # Without /dev/null: it may not be there yet.
    if [ -L /bin ] && known=$(dpkg-query --search /bin/df 2>&1); then
      divert /bin/df
    fi
`;
const DF_LAST = `    if [ -L /bin ]; then
      divert /bin/df
    fi
`;

/**
 * Moves the classic files aside before our links are unpacked, and puts back whatever nothing of ours stands for any more:
 * all of it when the package is gone, a single name when a version drops it or its unpacking was called off.
 * @param {readonly string[]} names   in /usr/bin
 * @param {readonly string[]} pages   paths
 */
export function divertScripts(names, pages) {
  const paths = [...names.map((name) => `/usr/bin/${name}`), ...pages];
  const preinst = `#!/bin/sh
set -e

# PATH: the file with this name now becomes free.distrib, free.distrib.1.gz
divert() {
  case $1 in
    *.gz)
      page=\${1%.gz}
      aside=\${page%.*}.distrib.\${page##*.}.gz
      ;;
    /bin/*) aside=$1.distrib.usr-is-merged ;;
    *) aside=$1.distrib ;;
  esac
  dpkg-divert --quiet --package procg-divert --add --rename --divert "$aside" "$1"
}

case $1 in
  install | upgrade)
${names.includes("df") ? DF_FIRST : ""}    for path in ${paths.join(" ")}; do
      divert "$path"
    done
${names.includes("df") ? DF_LAST : ""}    ;;
esac
`;
  const restore = `# Diversions of ours where no file of ours stands. All are looked at before the first file comes back: two names may be one.
restore() {
  gone=
  for path in $(LC_ALL=C dpkg-divert --list | sed -n 's/^diversion of \\(.*\\) to .* by procg-divert$/\\1/p'); do
    if [ ! -e "$path" ] && [ ! -L "$path" ]; then
      gone="$gone $path"
    fi
  done
  for path in $gone; do
    dpkg-divert --quiet --package procg-divert --remove --rename "$path"
  done
}
`;
  const postinst = `#!/bin/sh
set -e

${restore}
case $1 in
  configure) restore ;;
esac
`;
  const postrm = `#!/bin/sh
set -e

${restore}
case $1 in
  remove | disappear | abort-install | abort-upgrade) restore ;;
esac
`;
  return { preinst, postinst, postrm };
}

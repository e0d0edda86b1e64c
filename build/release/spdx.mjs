/** The bill of materials: SPDX 2.3 as JSON. https://spdx.github.io/spdx-spec/v2.3/ */
import { createHash } from "node:crypto";

/** @param {string} text */
const idOf = (text) => `SPDXRef-${text.replace(/[^A-Za-z0-9.-]+/g, "-")}`;

/** @param {string} algorithm @param {Buffer} bytes */
const digest = (algorithm, bytes) => createHash(algorithm).update(bytes).digest("hex");

/**
 * @param {object} release
 * @param {string} release.version
 * @param {number} release.time   seconds
 * @param {readonly { name: string, content: Buffer, components: readonly import("./components.mjs").Component[] }[]} release.executables
 * @param {string} release.copyright
 */
export function spdxDocument({ version, time, executables, copyright }) {
  const packages = new Map();
  const relationships = [
    { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: "SPDXRef-procg" },
  ];
  packages.set("SPDXRef-procg", {
    SPDXID: "SPDXRef-procg",
    name: "procg",
    versionInfo: version,
    supplier: "Organization: procg maintainers",
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "MIT",
    licenseDeclared: "MIT",
    copyrightText: copyright,
    primaryPackagePurpose: "APPLICATION",
  });
  const files = executables.map(({ name, content, components }) => {
    const fileId = idOf(`File-${name}`);
    relationships.push({
      spdxElementId: "SPDXRef-procg",
      relationshipType: "CONTAINS",
      relatedSpdxElement: fileId,
    });
    for (const component of components) {
      const id = idOf(`Package-${component.name}-${component.version ?? "unknown"}`);
      packages.set(id, packageOf(id, component));
      relationships.push({
        spdxElementId: fileId,
        relationshipType: "STATIC_LINK",
        relatedSpdxElement: id,
      });
    }
    return {
      SPDXID: fileId,
      fileName: `./${name}`,
      fileTypes: ["BINARY"],
      checksums: [
        { algorithm: "SHA1", checksumValue: digest("sha1", content) },
        { algorithm: "SHA256", checksumValue: digest("sha256", content) },
      ],
      licenseConcluded: "NOASSERTION",
      licenseInfoInFiles: ["NOASSERTION"],
      copyrightText: "NOASSERTION",
    };
  });
  // Unique to these executables, and the same in every run.
  const key = digest("sha256", Buffer.concat(executables.map(({ content }) => content))).slice(0, 32);
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `procg-${version}`,
    documentNamespace: `https://spdx.org/spdxdocs/procg-${version}-${key}`,
    creationInfo: {
      created: new Date(time * 1000).toISOString().replace(".000Z", "Z"),
      creators: ["Organization: procg maintainers", `Tool: procg-release-${version}`],
    },
    documentDescribes: ["SPDXRef-procg"],
    packages: [...packages.values()],
    files,
    relationships,
  };
}

/** @param {string} id @param {import("./components.mjs").Component} component */
function packageOf(id, component) {
  return {
    SPDXID: id,
    name: component.name,
    ...(component.version === null ? {} : { versionInfo: component.version }),
    supplier: component.supplier,
    downloadLocation: component.download,
    homepage: component.homepage,
    filesAnalyzed: false,
    licenseConcluded: component.license,
    licenseDeclared: component.license,
    copyrightText: component.copyright === "" ? "NOASSERTION" : component.copyright,
    ...(component.purl === null
      ? {}
      : {
          externalRefs: [
            {
              referenceCategory: "PACKAGE-MANAGER",
              referenceType: "purl",
              referenceLocator: component.purl,
            },
          ],
        }),
  };
}

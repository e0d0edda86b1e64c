/**
 * The modules that the build makes, for esbuild and for vitest:
 *
 * procg:tools    toolLoaders, one entry per tools/NAME/tool.ts, and host/tool.ts as "host"
 * procg:version  version, from package.json
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const NAMES = /^procg:(tools|version)$/;

/** Names of the tools and the files that declare them, sorted by name. @param {string} root */
export function listTools(root) {
  const folder = join(root, "tools");
  const tools = existsSync(folder)
    ? readdirSync(folder).map((name) => ({ name, path: join(folder, name, "tool.ts") }))
    : [];
  tools.push({ name: "host", path: join(root, "host/tool.ts") });
  return tools
    .filter(({ path }) => existsSync(path))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Source text of one of the modules. @param {string} root @param {string} module */
function sourceOf(root, module) {
  if (module === "procg:version") {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return `export const version = ${JSON.stringify(version)};\n`;
  }
  const entries = listTools(root).map(
    ({ name, path }) => `  ${JSON.stringify(name)}: () => import(${JSON.stringify(path)}),\n`,
  );
  return `export const toolLoaders = {\n${entries.join("")}};\n`;
}

/** @param {string} root @returns {import("esbuild").Plugin} */
export function toolsPlugin(root) {
  return {
    name: "procg-tools",
    setup(build) {
      build.onResolve({ filter: NAMES }, ({ path }) => ({ path, namespace: "procg" }));
      build.onLoad({ filter: NAMES, namespace: "procg" }, ({ path }) => ({
        contents: sourceOf(root, path),
        resolveDir: root,
      }));
    },
  };
}

/** @param {string} root */
export function viteToolsPlugin(root) {
  return {
    name: "procg-tools",
    enforce: /** @type {const} */ ("pre"),
    /** @param {string} id */
    resolveId: (id) => (NAMES.test(id) ? `\0${id}` : undefined),
    /** @param {string} id */
    load: (id) => (id.startsWith("\0") && NAMES.test(id.slice(1)) ? sourceOf(root, id.slice(1)) : undefined),
  };
}

/**
 * What npm packages need that the engine does not have. Our own code gets none of it: shims are reachable only from
 * files below node_modules, so main and the tools start without them.
 *
 * To bring in another package: list the Node built-ins that it asks for in NODE_SHIMS, files to put in place of its
 * modules in REPLACED_MODULES, and changes to its files in PACKAGE_EDITS.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Node built-in -> file in node_shims/. One that is not listed is a build error, and so is a missing export. */
export const NODE_SHIMS = {
  child_process: "child_process.mjs",
  events: "events.mjs",
  fs: "fs.mjs",
  path: "path.mjs",
  process: "process.mjs",
  string_decoder: "string_decoder.mjs",
  util: "util.mjs",
};

/** Module as a package names it -> file in node_shims/. */
export const REPLACED_MODULES = {
  // Colour is our own business: cli-table3 takes this only when a style is set, and goes on without.
  "@colors/colors/safe": "empty.mjs",
  // The package runs two large regular expressions per cell: 7 of 10 ms of a table.
  "string-width": "string_width.mjs",
  // Asked for by the edits of blessed below.
  "procg-tput": "blessed_tput.mjs",
  "procg-unicode": "blessed_unicode.mjs",
};

/**
 * Path suffix -> (text) => text, for files of packages that need a change. An edit that finds nothing to change throws.
 * @type {Record<string, (text: string) => string>}
 */
export const PACKAGE_EDITS = {
  // Its reader of terminfo refuses entries with 32-bit numbers (xterm-256color) and makes each capability a function with
  // `new Function`, for which the engine's parser would have to ship. Ours knows the sequences that terminals have in common.
  "blessed/lib/tput.js": () => "module.exports = require('procg-tput');\n",
  // Tables and large regular expressions for widths: lib/screen measures text itself.
  "blessed/lib/unicode.js": () => "module.exports = require('procg-unicode');\n",
  // Of the widgets only the screen is used.
  "blessed/lib/widgets/screen.js": (text) => without(text, "./log", "./element", "./box"),
  "blessed/lib/helpers.js": (text) => without(text, "./widgets/element"),
  // The console's mouse server.
  "blessed/lib/program.js": (text) => without(text, "./gpmclient"),
};

/** Modules that are not wanted become null. @param {string} text @param {readonly string[]} names */
function without(text, ...names) {
  for (const name of names) {
    const call = `require('${name}')`;
    if (!text.includes(call)) throw new Error(`blessed: no ${call}`);
    text = text.replaceAll(call, "null");
  }
  return text;
}

/** Globals of Node -> export of node_shims/globals.mjs; added to a package's file that mentions one and does not declare it. */
const GLOBALS = [
  "Buffer",
  "process",
  "console",
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "setImmediate",
];

/** @param {string} text */
function mentionedGlobals(text) {
  return GLOBALS.filter(
    (name) =>
      new RegExp(`(?<![.\\w$'"])${name}\\b(?!\\s*:)`).test(text) &&
      !new RegExp(`\\b(?:const|let|var|function|class|import)\\s+(?:\\*\\s+as\\s+)?${name}\\b`).test(text),
  );
}

/** @param {string} root @returns {import("esbuild").Plugin} */
export function packagesPlugin(root) {
  const shims = join(root, "build/node_shims");
  const globalsPath = JSON.stringify(join(shims, "globals.mjs"));
  const inPackage = (/** @type {string} */ importer) =>
    importer.includes("/node_modules/") || importer.startsWith(shims);
  return {
    name: "procg-packages",
    setup(build) {
      build.onResolve({ filter: /^qjs:/ }, ({ path }) => ({ path, external: true }));

      build.onResolve({ filter: /^[@a-z]/ }, ({ path, kind, importer }) => {
        if (!inPackage(importer)) return undefined;
        const builtin = path.replace(/^node:/, "").replace(/\/$/, "");
        const file = Object.hasOwn(NODE_SHIMS, builtin)
          ? NODE_SHIMS[/** @type {keyof typeof NODE_SHIMS} */ (builtin)]
          : REPLACED_MODULES[/** @type {keyof typeof REPLACED_MODULES} */ (path)];
        if (file === undefined) return undefined;
        const shim = join(shims, file);
        // require() of an ES module gives its namespace; packages want the CommonJS value.
        // (The namespace's path must not end in .mjs, or esbuild takes the one line for an ES module.)
        return kind === "require-call" ? { path: `${file}.cjs`, namespace: "procg-require" } : { path: shim };
      });
      build.onLoad({ filter: /./, namespace: "procg-require" }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(`./${path.replace(/\.cjs$/, "")}`)}).default;\n`,
        resolveDir: shims,
      }));

      build.onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, ({ path }) => {
        let text = readFileSync(path, "utf8");
        for (const [suffix, edit] of Object.entries(PACKAGE_EDITS)) {
          if (!path.endsWith(suffix)) continue;
          const edited = edit(text);
          if (edited === text)
            throw new Error(`${suffix}: the edit of build/packages_plugin.mjs changes nothing`);
          text = edited;
        }
        const names = mentionedGlobals(text);
        const isModule = path.endsWith(".mjs") || /^\s*(?:import|export)\b/m.test(text);
        const prefix = isModule
          ? `import ${names.length > 0 ? `{ ${names.join(", ")} } from ` : ""}${globalsPath};`
          : `${names.length > 0 ? `var { ${names.join(", ")} } = ` : ""}require(${globalsPath});`;
        // On the first line, so that line numbers stay.
        return { contents: text.startsWith("#!") ? `//${text}` : `${prefix}${text}`, loader: "js" };
      });
    },
  };
}

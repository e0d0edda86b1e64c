// biome-ignore-all lint/style/noDefaultExport: what require() gives to a package
/** node:child_process: packages load it; nothing that ships may start a program through it. */
function refuse() {
  throw new Error("child_process is not available here");
}

export { refuse as execFile, refuse as execFileSync, refuse as spawn, refuse as spawnSync };

const childProcess = { execFile: refuse, execFileSync: refuse, spawn: refuse, spawnSync: refuse };
export default childProcess;

// biome-ignore-all lint/style/noDefaultExport: what require() gives to a package
/** Stands for a module whose absence a package survives. */
const empty = {};
export default empty;

/** Stands for a module whose absence a package survives. */
const empty = {};
export default empty;

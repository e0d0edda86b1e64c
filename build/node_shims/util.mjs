// biome-ignore-all lint/style/noDefaultExport: what require() gives to a package
/** node:util, as far as command line packages use it. */
export function inherits(child, parent) {
  child.super_ = parent;
  Object.setPrototypeOf(child.prototype, parent.prototype);
}

export function stripVTControlCharacters(text) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
  return text.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]/g, "");
}

export function inspect(value) {
  return typeof value === "string" ? `'${value}'` : String(value);
}

export function format(first, ...rest) {
  let text = String(first);
  let used = 0;
  if (typeof first === "string") {
    text = first.replace(/%[sdifjoO%]/g, (mark) => {
      if (mark === "%%") return "%";
      if (used >= rest.length) return mark;
      const value = rest[used++];
      if (mark === "%j") return JSON.stringify(value);
      if (mark === "%d") return String(Number(value));
      if (mark === "%i") return String(Number.parseInt(value, 10));
      if (mark === "%f") return String(Number.parseFloat(value));
      return String(value);
    });
  }
  return [text, ...rest.slice(used).map(String)].join(" ");
}

const util = { inherits, stripVTControlCharacters, inspect, format };
export default util;

// biome-ignore-all lint/style/noDefaultExport: what require() gives to a package
/** blessed/lib/unicode: asked only where text is not measured by lib/screen, which does it for all that is shown. */
const chars = { all: /[^\s\S]/g, combining: /[^\s\S]/g, surrogate: /[^\s\S]/g };
const unicode = {
  chars,
  charWidth: () => 1,
  strWidth: (text) => text.length,
  isSurrogate: () => false,
  isCombining: () => false,
};
export default unicode;

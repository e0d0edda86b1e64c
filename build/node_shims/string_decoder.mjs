// biome-ignore-all lint/style/noDefaultExport: what require() gives to a package
/** node:string_decoder, for input that is text already (lib/system/terminal_host.ts decodes it). */
export class StringDecoder {
  write(text) {
    return String(text);
  }
  end() {
    return "";
  }
}
const stringDecoder = { StringDecoder };
export default stringDecoder;

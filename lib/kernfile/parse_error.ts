/** A kernel file whose text is not what the kernel writes. `line` counts from 1; 0 when the whole text is meant. */
export class ParseError extends Error {
  readonly path: string;
  readonly line: number;

  constructor(path: string, line: number, what: string) {
    super(line > 0 ? `${path}:${line}: ${what}` : `${path}: ${what}`);
    this.name = "ParseError";
    this.path = path;
    this.line = line;
  }
}

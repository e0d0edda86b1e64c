/**
 * JSON Schemas (2020-12) from the TypeScript interfaces of the documents: each exported or local interface with a member
 * `schema: "procg.NAME/v1"`. Descriptions are the doc comments; where there is none, the unit that the name's ending tells.
 *
 * It reads the part of TypeScript's type language that the documents use, and names what it cannot read.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export interface JsonSchema {
  $schema?: string;
  $id?: string;
  title?: string;
  description?: string;
  type?: string;
  const?: string | number;
  enum?: (string | number)[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | false;
  items?: JsonSchema | false;
  prefixItems?: JsonSchema[];
  minItems?: number;
}

/** What the ending of a name says, in the order of looking. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/BytesPerSec$/, "Bytes per second."],
  [/PerSec$/, "Per second."],
  [/Bytes$/, "Bytes."],
  [/Ratio$/, "A share: 1 is all of it."],
  [/Cores$/, "CPUs' worth of time."],
  [/Seconds$/, "Seconds."],
  [/UnixMs$/, "Milliseconds since 1970."],
  [/Ms$/, "Milliseconds."],
  [/Us$/, "Microseconds."],
  [/Complete$/, "false: what is hidden from here may be tighter."],
  [/^load(1|5|15)$/, "Load average over this many minutes."],
  [/(Packets|Errors|Dropped|Segs|Datagrams|Opens|Ops)$/, "A count since the start."],
];

interface Token {
  readonly text: string;
  /** The doc comment just before. */
  readonly doc: string | null;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  let doc: string | null = null;
  const pattern = /\/\*\*([\s\S]*?)\*\/|\/\*[\s\S]*?\*\/|\/\/[^\n]*|("[^"]*")|(\d+|[A-Za-z_$][\w$]*)|(\S)/g;
  for (const [, comment, string, word, sign] of text.matchAll(pattern)) {
    if (comment !== undefined)
      doc = comment
        .replace(/\n\s*\* ?/g, "\n")
        .replace(/\s+/g, " ")
        .trim();
    const token = string ?? word ?? sign;
    if (token === undefined) continue;
    found.push({ text: token, doc });
    doc = null;
  }
  return found;
}

/** A file's text, and where its names come from. */
class Source {
  readonly path: string;
  readonly text: string;

  constructor(path: string) {
    this.path = path;
    this.text = readFileSync(join(ROOT, path), "utf8");
  }

  /** The file that `name` is imported from; null when it is not. */
  importedFrom(name: string): Source | null {
    for (const [, names = "", from = ""] of this.text.matchAll(
      /^import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"(\.[^"]+)"/gm,
    )) {
      const listed = names.split(",").map((each) => each.trim().replace(/^type\s+/, ""));
      if (listed.includes(name)) return new Source(relative(ROOT, join(ROOT, dirname(this.path), from)));
    }
    return null;
  }

  /** The tokens from just behind `interface NAME` or `type NAME =`, with what stands before as its description. */
  declaration(name: string): { readonly kind: "interface" | "type"; readonly parser: TypeParser } | null {
    const match = new RegExp(`^(?:export )?(interface ${name}\\b|type ${name} =)`, "m").exec(this.text);
    if (match === null) return null;
    const kind = match[1]?.startsWith("interface") === true ? "interface" : "type";
    return {
      kind,
      parser: new TypeParser(this, tokens(this.text.slice(match.index + match[0].length)), name),
    };
  }

  /** The string of `const NAME = "..."`. */
  constant(name: string): string | null {
    const value = new RegExp(`^(?:export )?const ${name}(?:: string)? = "([^"]*)"`, "m").exec(this.text)?.[1];
    return value ?? this.importedFrom(name)?.constant(name) ?? null;
  }

  /** The doc comment that ends just before the declaration. */
  commentOf(name: string): string | null {
    const match = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\n(?:export )?interface ${name}\\b`).exec(
      this.text,
    );
    return (
      match?.[1]
        ?.replace(/\n\s*\* ?/g, "\n")
        .replace(/\s+/g, " ")
        .trim() ?? null
    );
  }
}

class TypeParser {
  private at = 0;
  private readonly source: Source;
  private readonly list: readonly Token[];
  private readonly name: string;

  constructor(source: Source, list: readonly Token[], name: string) {
    this.source = source;
    this.list = list;
    this.name = name;
  }

  private peek(): string {
    return this.list[this.at]?.text ?? "";
  }

  private take(): string {
    return this.list[this.at++]?.text ?? "";
  }

  private skip(text: string): boolean {
    if (this.peek() !== text) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    const found = this.take();
    if (found !== text) this.unreadable(`"${found}" where "${text}" was expected`);
  }

  private unreadable(what: string): never {
    throw new Error(`${this.source.path}, ${this.name}: ${what}`);
  }

  /** `extends A, B { members }` */
  interfaceBody(): JsonSchema {
    const bases: JsonSchema[] = [];
    if (this.skip("extends")) {
      do bases.push(this.union());
      while (this.skip(","));
    }
    const own = this.members();
    for (const base of bases) {
      own.properties = { ...base.properties, ...own.properties };
      own.required = [...(base.required ?? []), ...(own.required ?? [])];
    }
    return own;
  }

  private members(): JsonSchema {
    const properties: Record<string, JsonSchema> = {};
    const required: string[] = [];
    this.expect("{");
    while (!this.skip("}")) {
      const doc = this.list[this.at]?.doc ?? null;
      if (this.peek() === "readonly" && this.list[this.at + 1]?.text !== ":") this.at++;
      const name = this.take().replace(/"/g, "");
      const optional = this.skip("?");
      this.expect(":");
      const type = this.union();
      this.skip(";") || this.skip(",");
      const description = doc ?? UNITS.find(([ending]) => ending.test(name))?.[1];
      properties[name] = description === undefined ? type : { description, ...type };
      if (!optional) required.push(name);
    }
    return { type: "object", properties, required };
  }

  union(): JsonSchema {
    this.skip("|");
    const parts = [this.postfix()];
    while (this.skip("|")) parts.push(this.postfix());
    const real = parts.filter((part) => part.const !== "\0undefined");
    const words = real.flatMap((part) => (part.const === undefined ? (part.enum ?? []) : [part.const]));
    const others = real.filter((part) => part.const === undefined && part.enum === undefined);
    const flat = others.flatMap((part) => part.anyOf ?? [part]);
    if (words.length === 1) flat.push({ const: words[0] ?? "" });
    if (words.length > 1) flat.push({ enum: words });
    return flat.length === 1 && flat[0] !== undefined ? flat[0] : { anyOf: flat };
  }

  private postfix(): JsonSchema {
    let type = this.atom();
    while (this.skip("[")) {
      if (this.skip("]")) type = { type: "array", items: type };
      else {
        // Type["member"]; its description belongs to where it was declared.
        const key = this.take().replace(/"/g, "");
        const { description: _, ...member } = type.properties?.[key] ?? this.unreadable(`no member ${key}`);
        type = member;
        this.expect("]");
      }
    }
    return type;
  }

  private atom(): JsonSchema {
    if (this.peek() === "{") return this.members();
    const word = this.take();
    if (/^\d/.test(word)) return { const: Number(word) };
    if (word.startsWith('"')) return { const: word.slice(1, -1) };
    switch (word) {
      case "readonly":
        return this.postfix();
      case "string":
      case "number":
      case "boolean":
      case "null":
        return { type: word };
      case "undefined":
        return { const: "\0undefined" };
      case "unknown":
        return {};
      case "typeof":
        return this.constant(this.take());
      case "(": {
        const inner = this.union();
        this.expect(")");
        return inner;
      }
      case "[": {
        const items = [this.union()];
        while (this.skip(",")) items.push(this.union());
        this.expect("]");
        return { type: "array", prefixItems: items, items: false, minItems: items.length };
      }
      case "Readonly":
      case "Record":
      case "Omit":
      case "Pick":
      case "ReturnType":
        return this.generic(word);
      default:
        return this.named(word);
    }
  }

  private generic(word: string): JsonSchema {
    this.expect("<");
    if (word === "ReturnType") this.unreadable("give the type a name");
    const first = this.union();
    let result = first;
    if (word !== "Readonly") {
      this.expect(",");
      const second = this.union();
      if (word === "Record") result = { type: "object", additionalProperties: second };
      else result = chosen(first, second, word === "Pick");
    }
    this.expect(">");
    return result;
  }

  private constant(name: string): JsonSchema {
    const value = this.source.constant(name);
    if (value === null) return this.unreadable(`no constant ${name}`);
    return { const: value };
  }

  private named(name: string): JsonSchema {
    const found = this.source.declaration(name) ?? this.source.importedFrom(name)?.declaration(name) ?? null;
    if (found === null) return this.unreadable(`what is ${name}?`);
    return found.kind === "interface" ? found.parser.interfaceBody() : found.parser.union();
  }
}

/** Omit and Pick. */
function chosen(type: JsonSchema, names: JsonSchema, keep: boolean): JsonSchema {
  const listed = names.enum ?? (names.const === undefined ? [] : [names.const]);
  const stays = ([name]: readonly [string, ...unknown[]]): boolean => listed.includes(name) === keep;
  return {
    ...type,
    properties: Object.fromEntries(Object.entries(type.properties ?? {}).filter(stays)),
    required: (type.required ?? []).filter((name) => stays([name])),
  };
}

function sourcesBelow(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((name) => `${folder}/${name}`)
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.includes("/testing/"))
    .sort();
}

/** File name -> schema, for every document that the sources declare. */
export function documentSchemas(): Map<string, JsonSchema> {
  const schemas = new Map<string, JsonSchema>();
  const declaredIn = new Map<string, string>();
  for (const path of [...sourcesBelow("lib"), ...sourcesBelow("tools"), ...sourcesBelow("host"), DOCUMENTS]) {
    const source = new Source(path);
    const pattern =
      /^(?:export )?interface (\w+)(?: extends [\w, ]+)? \{\n {2}(?:\/\*\*.*\*\/\n {2})?readonly schema: ("procg\.|typeof )/gm;
    for (const [, name = ""] of source.text.matchAll(pattern)) {
      const body = source.declaration(name)?.parser.interfaceBody();
      const id = body?.properties?.schema?.const;
      if (body === undefined || typeof id !== "string") continue;
      const file = `${id.replace(/^procg\./, "").replace("/v1", "")}.schema.json`;
      const other = declaredIn.get(file);
      if (other !== undefined)
        throw new Error(`${path}: ${id} is ${other}'s already; a new document has a name of its own`);
      declaredIn.set(file, path);
      const description = source.commentOf(name) ?? `The document ${id}.`;
      schemas.set(file, {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        $id: `urn:procg:schema:${id}`,
        title: id,
        description: description.replace(/`/g, ""),
        ...body,
      });
    }
  }
  return schemas;
}

/** Documents whose tools declare no interface of their own. */
const DOCUMENTS = "test/docs/documents.ts";

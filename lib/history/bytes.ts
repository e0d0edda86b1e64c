/** Growing byte buffers and the number formats of the store: varints of up to 53 bits, signed ones folded (0, -1, 1, -2, ... as 0, 1, 2, 3). */

/** Larger values cannot be folded exactly. */
export const LARGEST = 2 ** 52;

export interface ByteWriter {
  bytes: Uint8Array<ArrayBuffer>;
  length: number;
}

export function byteWriter(size = 1024): ByteWriter {
  return { bytes: new Uint8Array(size), length: 0 };
}

export function reserve(writer: ByteWriter, count: number): void {
  if (writer.length + count <= writer.bytes.length) return;
  const larger = new Uint8Array(Math.max(2 * writer.bytes.length, writer.length + count));
  larger.set(writer.bytes);
  writer.bytes = larger;
}

export function putByte(writer: ByteWriter, value: number): void {
  reserve(writer, 1);
  writer.bytes[writer.length++] = value;
}

export function putU32(writer: ByteWriter, value: number): void {
  reserve(writer, 4);
  for (let shift = 0; shift < 32; shift += 8) writer.bytes[writer.length++] = (value >>> shift) & 0xff;
}

/** Of up to 53 bits. */
export function putI64(writer: ByteWriter, value: number): void {
  putU32(writer, value >>> 0);
  putU32(writer, Math.floor(value / 2 ** 32));
}

export function putVarint(writer: ByteWriter, number: number): void {
  reserve(writer, 8);
  let value = number;
  while (value >= 0x40000000) {
    writer.bytes[writer.length++] = (value % 128) | 128;
    value = Math.floor(value / 128);
  }
  while (value >= 128) {
    writer.bytes[writer.length++] = (value & 127) | 128;
    value >>= 7;
  }
  writer.bytes[writer.length++] = value;
}

export function putText(writer: ByteWriter, text: string): void {
  const encoded = encodeURIComponent(
    text.replace(/[\ud800-\udfff]/g, (c, at: number, all: string) => (isPaired(all, at) ? c : "\ufffd")),
  );
  const bytes: number[] = [];
  for (let i = 0; i < encoded.length; i++) {
    if (encoded[i] === "%") {
      bytes.push(Number.parseInt(encoded.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(encoded.charCodeAt(i));
  }
  putVarint(writer, bytes.length);
  putBytes(writer, bytes, 0, bytes.length);
}

export function putBytes(writer: ByteWriter, from: ArrayLike<number>, start: number, end: number): void {
  reserve(writer, end - start);
  for (let i = start; i < end; i++) writer.bytes[writer.length++] = from[i] ?? 0;
}

/** A section with its length before it. */
export function putSection(writer: ByteWriter, section: ByteWriter): void {
  putVarint(writer, section.length);
  putBytes(writer, section.bytes, 0, section.length);
}

export function fold(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function unfold(folded: number): number {
  return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
}

/** A part of a buffer. Reading beyond `end` throws DamageError: what passed its CRC but does not make sense is damage too. */
export interface ByteReader {
  readonly bytes: Uint8Array<ArrayBuffer>;
  at: number;
  readonly end: number;
}

export class DamageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DamageError";
  }
}

export function byteReader(bytes: Uint8Array<ArrayBuffer>, at: number, end: number): ByteReader {
  return { bytes, at, end };
}

export function takeByte(reader: ByteReader): number {
  if (reader.at >= reader.end) throw new DamageError("data ends too early");
  return reader.bytes[reader.at++] as number;
}

export function takeVarint(reader: ByteReader): number {
  const { bytes, end } = reader;
  let at = reader.at;
  let value = 0;
  let scale = 1;
  for (;;) {
    if (at >= end) throw new DamageError("data ends too early");
    const byte = bytes[at++] as number;
    value += (byte & 127) * scale;
    if (byte < 128) break;
    scale *= 128;
    if (scale > 2 ** 56) throw new DamageError("a number is too long");
  }
  reader.at = at;
  return value;
}

export function takeText(reader: ByteReader): string {
  const length = takeVarint(reader);
  if (length > reader.end - reader.at) throw new DamageError("a text is too long");
  let encoded = "";
  let plain = true;
  for (let i = 0; i < length; i++) {
    const byte = reader.bytes[reader.at++] as number;
    if (byte >= 128 || byte === 37) {
      plain = false;
      encoded += `%${byte.toString(16).padStart(2, "0")}`;
    } else encoded += String.fromCharCode(byte);
  }
  if (plain) return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new DamageError("a text is not UTF-8");
  }
}

/** A part of its own, behind which `reader` stands afterwards. */
export function takeSection(reader: ByteReader): ByteReader {
  const length = takeVarint(reader);
  if (length > reader.end - reader.at) throw new DamageError("a section is too long");
  const section = byteReader(reader.bytes, reader.at, reader.at + length);
  reader.at += length;
  return section;
}

function isPaired(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  const other = code < 0xdc00 ? text.charCodeAt(at + 1) : text.charCodeAt(at - 1);
  return code < 0xdc00 ? other >= 0xdc00 && other < 0xe000 : other >= 0xd800 && other < 0xdc00;
}

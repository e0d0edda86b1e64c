/**
 * /proc/slabinfo: the kernel's slab caches. The host's in every container; root only (EACCES).
 *
 * Version 2.1, since 2.6.10. Absent with CONFIG_SLUB_TINY. See slabinfo(5).
 */
import { quote, requireCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { columnsOf, requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface SlabCache {
  readonly name: string;
  readonly activeObjects: number;
  readonly objects: number;
  readonly objectBytes: number;
  readonly objectsPerSlab: number;
  readonly pagesPerSlab: number;
  readonly activeSlabs: number;
  readonly slabs: number;
}

export const slabinfo: KernelFile<readonly SlabCache[]> = { name: "slabinfo", parse: parseSlabinfo };

const HEADER = "slabinfo - version: 2.";

function parseSlabinfo(text: string, path: string): SlabCache[] {
  const lines = requireLines(text, path);
  if (!(lines[0] ?? "").startsWith(HEADER)) throw new ParseError(path, 1, "not slabinfo version 2");
  const caches: SlabCache[] = [];
  lines.forEach((line, index) => {
    if (index === 0 || line.startsWith("#")) return;
    caches.push(parseCache(line, path, index + 1));
  });
  return caches;
}

/** NAME ACTIVE OBJECTS SIZE PER_SLAB PAGES : tunables ... : slabdata ACTIVE_SLABS SLABS SHARED; a name may hold colons. */
function parseCache(line: string, path: string, number: number): SlabCache {
  const tunables = line.indexOf(" : tunables ");
  const slabdata = line.indexOf(" : slabdata ", tunables + 1);
  const [name = "", ...counts] = columnsOf(line.slice(0, Math.max(tunables, 0)));
  const slabs = columnsOf(line.slice(slabdata + " : slabdata ".length));
  if (tunables < 0 || slabdata < 0 || counts.length !== 5 || slabs.length < 2) {
    throw new ParseError(path, number, `not a slab cache: ${quote(line)}`);
  }
  const count = (column: string | undefined): number => requireCount(column ?? "", path, number);
  return {
    name,
    activeObjects: count(counts[0]),
    objects: count(counts[1]),
    objectBytes: count(counts[2]),
    objectsPerSlab: count(counts[3]),
    pagesPerSlab: count(counts[4]),
    activeSlabs: count(slabs[0]),
    slabs: count(slabs[1]),
  };
}

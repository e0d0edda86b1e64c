/** Documents that their tools put together without an interface of their own; for the schemas. */
import type { Check } from "../../tools/doctor/render.ts";
import type { TsarRow } from "../../tools/tsar/formats.ts";
import type { Span } from "../../tools/tsar/output.ts";
import type { Disk, Slab, Stats } from "../../tools/vmstat/render_reports.ts";

/** What doctor found, a check after the other. */
export interface DoctorDocument {
  readonly schema: "procg.doctor/v1";
  readonly checks: readonly Check[];
}

/** One report of tsar, one line for each. null: not known. */
export interface TsarDocument extends TsarRow {
  readonly schema: "procg.tsar/v1";
  /** RFC 3339, local time. */
  readonly time: string;
}

/** A report of tsar over its history, in one document. */
export interface TsarHistoryDocument extends Span {
  readonly schema: "procg.tsar-history/v1";
  readonly rows: readonly TsarRow[];
  /** Of each column over all rows; null without rows. */
  readonly summary: {
    readonly max: Modules | null;
    readonly mean: Modules | null;
    readonly min: Modules | null;
    readonly p95: Modules | null;
  };
}

/** Module -> column -> value; for modules with items module -> item -> column -> value. */
type Modules = Readonly<Record<string, Columns | Record<string, Columns>>>;

type Columns = Record<string, number | null>;

/** vmstat -d, -D, -p: what disks did since the start. null: not known. */
export interface VmstatDisksDocument {
  readonly schema: "procg.vmstat-disks/v1";
  readonly disks: readonly Disk[];
  /** Only with -D: how many. */
  readonly partitions?: number;
}

/** vmstat -s: counters since the start. null: not known. */
export interface VmstatStatsDocument extends Stats {
  readonly schema: "procg.vmstat-stats/v1";
}

/** vmstat -m: slab caches, always the host's. */
export interface VmstatSlabsDocument {
  readonly schema: "procg.vmstat-slabs/v1";
  readonly slabs: readonly Slab[];
  readonly source: "host";
}

/** vmstat -f: forks since the start. null: not known, in a container. */
export interface VmstatForksDocument {
  readonly schema: "procg.vmstat-forks/v1";
  readonly forks: number | null;
}

export interface BenchRow {
  readonly table: string;
  readonly columns: readonly string[];
  readonly cells: readonly string[];
  readonly isLoss: boolean | null;
}
export interface Bench {
  readonly name: string;
  readonly status: number | null;
  readonly rows: readonly (BenchRow | { readonly note: string })[];
}
export const APART: readonly string[];
export function pageOf(
  where: readonly (readonly [string, string])[],
  benches: readonly Bench[],
  old?: string,
): string;

/**
 * /proc/PID/net/dev (net/dev below /proc is the reader's own): traffic of the network namespace's interfaces since they were made.
 *
 * Truly the container's, unless it shares the host's network. See proc(5).
 */
import { quote, requireCount } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { columnsOf, requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface NetDev {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly rxFifo: number;
  readonly rxFrame: number;
  readonly rxCompressed: number;
  readonly rxMulticast: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txDropped: number;
  readonly txFifo: number;
  readonly txCollisions: number;
  readonly txCarrier: number;
  readonly txCompressed: number;
}

export const netDev: KernelFile<readonly NetDev[]> = { name: "net/dev", parse: parseNetDev };

const HEADERS = 2;
const COLUMNS = 16;

function parseNetDev(text: string, path: string): NetDev[] {
  const lines = requireLines(text, path);
  if (lines.length < HEADERS || !(lines[1] ?? "").includes("|bytes"))
    throw new ParseError(path, 0, "no header");
  return lines.slice(HEADERS).map((line, index) => {
    const number = index + HEADERS + 1;
    // An alias has a colon in its name: "eth0:1".
    const colon = line.lastIndexOf(":");
    const columns = columnsOf(line.slice(colon + 1));
    if (colon < 0 || columns.length !== COLUMNS) {
      throw new ParseError(path, number, `not "NAME: ${COLUMNS} counts": ${quote(line)}`);
    }
    const count = (at: number): number => requireCount(columns[at] ?? "", path, number);
    return {
      name: line.slice(0, colon).trim(),
      rxBytes: count(0),
      rxPackets: count(1),
      rxErrors: count(2),
      rxDropped: count(3),
      rxFifo: count(4),
      rxFrame: count(5),
      rxCompressed: count(6),
      rxMulticast: count(7),
      txBytes: count(8),
      txPackets: count(9),
      txErrors: count(10),
      txDropped: count(11),
      txFifo: count(12),
      txCollisions: count(13),
      txCarrier: count(14),
      txCompressed: count(15),
    };
  });
}

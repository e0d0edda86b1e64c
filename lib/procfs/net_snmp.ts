/**
 * /proc/PID/net/snmp and net/netstat: protocol counters of the network namespace, names as in RFC 1213.
 *
 * Pairs of lines, names then values: "Tcp: RtoAlgorithm RtoMin ..." and "Tcp: 1 200 ...". Values may be negative (Tcp MaxConn).
 * See Documentation/networking/snmp_counter.rst.
 */
import { quote, requireInteger } from "../kernfile/count.ts";
import type { KernelFile } from "../kernfile/kernel_file.ts";
import { requireLines } from "../kernfile/lines.ts";
import { ParseError } from "../kernfile/parse_error.ts";

export interface TcpCounters {
  readonly [key: string]: number | undefined;
  readonly ActiveOpens?: number;
  readonly PassiveOpens?: number;
  readonly AttemptFails?: number;
  readonly EstabResets?: number;
  /** A gauge. */
  readonly CurrEstab?: number;
  readonly InSegs?: number;
  readonly OutSegs?: number;
  readonly RetransSegs?: number;
  readonly InErrs?: number;
  readonly OutRsts?: number;
}

export interface UdpCounters {
  readonly [key: string]: number | undefined;
  readonly InDatagrams?: number;
  readonly NoPorts?: number;
  readonly InErrors?: number;
  readonly OutDatagrams?: number;
  readonly RcvbufErrors?: number;
  readonly SndbufErrors?: number;
}

export interface NetSnmp {
  readonly [protocol: string]: Readonly<Record<string, number | undefined>> | undefined;
  readonly Tcp?: TcpCounters;
  readonly Udp?: UdpCounters;
}

export interface NetNetstat {
  readonly [protocol: string]: Readonly<Record<string, number | undefined>> | undefined;
  readonly TcpExt?: Readonly<Record<string, number | undefined>>;
  readonly IpExt?: Readonly<Record<string, number | undefined>>;
}

export const netSnmp: KernelFile<NetSnmp> = { name: "net/snmp", parse: parsePairs };
export const netNetstat: KernelFile<NetNetstat> = { name: "net/netstat", parse: parsePairs };

/**
 * Only the named counters of one protocol, for a program that asks every few seconds: a kernel has more than 130 in TcpExt. Throws ParseError where
 * names and values differ; {} where the protocol is not there.
 */
export function pickCounters(
  text: string,
  path: string,
  protocol: string,
  wanted: readonly string[],
): Record<string, number> {
  const picked: Record<string, number> = Object.create(null);
  const start = text.startsWith(`${protocol}: `) ? 0 : text.indexOf(`\n${protocol}: `) + 1;
  if (start === 0 && !text.startsWith(`${protocol}: `)) return picked;
  const [nameLine = "", valueLine = ""] = text.slice(start).split("\n", 2);
  const names = nameLine.split(" ");
  const values = valueLine.split(" ");
  if (names.length !== values.length || names[0] !== values[0])
    throw new ParseError(path, 0, `names and values differ: ${quote(protocol)}`);
  for (const name of wanted) {
    const index = names.indexOf(name);
    if (index > 0) picked[name] = requireInteger(values[index] ?? "", path, 0);
  }
  return picked;
}

function parsePairs(text: string, path: string): Record<string, Record<string, number>> {
  const protocols: Record<string, Record<string, number>> = Object.create(null);
  const lines = requireLines(text, path);
  for (let i = 0; i < lines.length; i += 2) {
    const [protocol = "", ...names] = (lines[i] ?? "").split(" ");
    const [again, ...values] = (lines[i + 1] ?? "").split(" ");
    if (!protocol.endsWith(":") || again !== protocol || names.length !== values.length) {
      throw new ParseError(path, i + 1, `names and values differ: ${quote(protocol)}`);
    }
    const counters: Record<string, number> = Object.create(null);
    names.forEach((name, index) => {
      counters[name] = requireInteger(values[index] ?? "", path, i + 2);
    });
    protocols[protocol.slice(0, -1)] = counters;
  }
  return protocols;
}

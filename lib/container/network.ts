/** The container's network: what its network namespace counts. See proc(5), /proc/net; Documentation/networking/snmp_counter.rst. */

import { parseCount } from "../kernfile/count.ts";
import { attempt, type KernelFile, whyMissing } from "../kernfile/kernel_file.ts";
import { parseLine } from "../kernfile/text_line.ts";
import { netDev } from "../procfs/net_dev.ts";
import { pickCounters } from "../procfs/net_snmp.ts";
import type { Container } from "./container.ts";

export interface NetworkInterface {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxPackets: number;
  readonly rxErrors: number;
  readonly rxDropped: number;
  readonly txBytes: number;
  readonly txPackets: number;
  readonly txErrors: number;
  readonly txDropped: number;
  /** "up", "down", "unknown", ...: /sys/class/net/NAME/operstate, as the /sys that is mounted shows it. */
  readonly operState: string | null;
  readonly mtu: number | null;
}

export interface NetworkModel {
  /** "none": a namespace of its own; "host", "container:ID": shared; null: not known. */
  readonly namespaceShared: string | null;
  readonly interfaces: readonly NetworkInterface[] | null;
  readonly tcp: {
    readonly currEstab: number | null;
    readonly activeOpens: number | null;
    readonly passiveOpens: number | null;
    readonly inSegs: number | null;
    readonly outSegs: number | null;
    readonly retransSegs: number | null;
    readonly listenOverflows: number | null;
    readonly listenDrops: number | null;
  };
  readonly udp: {
    readonly inDatagrams: number | null;
    readonly outDatagrams: number | null;
    readonly noPorts: number | null;
    readonly inErrors: number | null;
  };
  readonly conntrack: { readonly entries: number | null; readonly limit: number | null };
}

/** "PATH: why" for what gave nothing. */
export type Problem = (code: string, message: string) => void;

/** Interfaces listed; a host that is its own container may have thousands. */
const INTERFACES_MOST = 64;

const operState: KernelFile<string> = { name: "operstate", parse: parseLine };
const mtu: KernelFile<number> = { name: "mtu", parse: parseCount };
const conntrackCount: KernelFile<number> = { name: "nf_conntrack_count", parse: parseCount };
const conntrackMax: KernelFile<number> = { name: "nf_conntrack_max", parse: parseCount };

type Counters = Readonly<Record<string, number | undefined>>;

const snmp: KernelFile<{ readonly tcp: Counters; readonly udp: Counters }> = {
  name: "net/snmp",
  parse: (text, path) => ({
    tcp: pickCounters(text, path, "Tcp", TCP_COUNTERS),
    udp: pickCounters(text, path, "Udp", ["InDatagrams", "NoPorts", "InErrors", "OutDatagrams"]),
  }),
};
const TCP_COUNTERS = ["ActiveOpens", "PassiveOpens", "CurrEstab", "InSegs", "OutSegs", "RetransSegs"];

const listenCounters: KernelFile<Counters> = {
  name: "net/netstat",
  parse: (text, path) => pickCounters(text, path, "TcpExt", ["ListenOverflows", "ListenDrops"]),
};

/** What is known of an interface beside its counters; asked once for each name by one reader. */
export type InterfaceStates = (name: string) => Pick<NetworkInterface, "operState" | "mtu">;

export function interfaceStates(container: Container): InterfaceStates {
  const { system } = container;
  const known = new Map<string, Pick<NetworkInterface, "operState" | "mtu">>();
  return (name) => {
    let state = known.get(name);
    if (state === undefined) {
      const directory = `/sys/class/net/${name}`;
      state = {
        operState: attempt(system, directory, operState).value,
        mtu: attempt(system, directory, mtu).value,
      };
      known.set(name, state);
    }
    return state;
  };
}

export function readNetwork(container: Container, states: InterfaceStates, problem: Problem): NetworkModel {
  const { system, selfDirectory } = container;
  const devices = attempt(system, selfDirectory, netDev);
  if (devices.value === null) problem("ENODATA", `${devices.path}: ${whyMissing(devices)}`);
  const protocols = attempt(system, selfDirectory, snmp).value;
  const tcp = protocols?.tcp;
  const udp = protocols?.udp;
  const listen = attempt(system, selfDirectory, listenCounters).value;
  return {
    namespaceShared: namespaceShared(container),
    interfaces:
      devices.value?.slice(0, INTERFACES_MOST).map((device) => ({
        name: device.name,
        rxBytes: device.rxBytes,
        rxPackets: device.rxPackets,
        rxErrors: device.rxErrors,
        rxDropped: device.rxDropped,
        txBytes: device.txBytes,
        txPackets: device.txPackets,
        txErrors: device.txErrors,
        txDropped: device.txDropped,
        ...states(device.name),
      })) ?? null,
    tcp: {
      currEstab: tcp?.CurrEstab ?? null,
      activeOpens: tcp?.ActiveOpens ?? null,
      passiveOpens: tcp?.PassiveOpens ?? null,
      inSegs: tcp?.InSegs ?? null,
      outSegs: tcp?.OutSegs ?? null,
      retransSegs: tcp?.RetransSegs ?? null,
      listenOverflows: listen?.ListenOverflows ?? null,
      listenDrops: listen?.ListenDrops ?? null,
    },
    udp: {
      inDatagrams: udp?.InDatagrams ?? null,
      outDatagrams: udp?.OutDatagrams ?? null,
      noPorts: udp?.NoPorts ?? null,
      inErrors: udp?.InErrors ?? null,
    },
    conntrack: {
      entries: attempt(system, "/proc/sys/net/netfilter", conntrackCount).value,
      limit: attempt(system, "/proc/sys/net/netfilter", conntrackMax).value,
    },
  };
}

/** Docker's word for it from the registration; from inside only "it is the machine" can be told. */
function namespaceShared(container: Container): string | null {
  if (container.kind === "machine") return "host";
  const mode = container.registration().registration?.networkMode ?? null;
  if (mode === null) return null;
  return mode === "host" || mode.startsWith("container:") ? mode : "none";
}

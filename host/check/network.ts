/** Connection tracking, forwarding, bridges, promiscuous interfaces, names. */
import { type Check, finding, number, read } from "./finding.ts";
import type { Finding } from "./report.ts";

export const conntrack: Check = ({ system }) => {
  const most = number(system, "/proc/sys/net/netfilter/nf_conntrack_max");
  const now = number(system, "/proc/sys/net/netfilter/nf_conntrack_count");
  if (most === null) return finding("conntrack.max", "not loaded", "ok");
  const full = now !== null && now > 0.8 * most;
  return [
    finding("conntrack.max", most, "ok"),
    finding(
      "conntrack.entries",
      now,
      full ? "warn" : "ok",
      "80 % of nf_conntrack_max: packets will be dropped",
    ),
  ];
};

export const forwarding: Check = ({ system }) => {
  const value = number(system, "/proc/sys/net/ipv4/ip_forward");
  return finding(
    "net.ip_forward",
    value,
    value === 1 ? "note" : "ok",
    "with a promiscuous interface this answers for others' packets",
  );
};

const IFF_PROMISC = 0x100;

export const interfaces: Check = ({ system }) => {
  const names = system.readDirectory("/sys/class/net");
  if (typeof names === "number") return finding("net.promiscuous", null, "unknown");
  const promiscuous: string[] = [];
  const findings: Finding[] = [];
  for (const name of [...names].sort()) {
    const folder = `/sys/class/net/${name}`;
    const isMember =
      typeof system.lstat(`${folder}/brport`) !== "number" ||
      typeof system.lstat(`${folder}/master`) !== "number";
    if (((Number(read(system, `${folder}/flags`) ?? 0) | 0) & IFF_PROMISC) !== 0 && !isMember)
      promiscuous.push(name);
    if (typeof system.stat(`${folder}/bridge`) === "number") continue;
    const members = system.readDirectory(`${folder}/brif`);
    const own = read(system, `${folder}/address`);
    // 3: set by hand (NET_ADDR_SET), so that it stays when members come and go.
    const isFixed = number(system, `${folder}/addr_assign_type`) === 3;
    const lowest = (typeof members === "number" ? [] : members)
      .map((each) => read(system, `/sys/class/net/${each}/address`) ?? "")
      .sort()[0];
    const wanders = !isFixed && own !== null && own === lowest;
    findings.push(
      finding(
        `net.bridge.${name}`,
        wanders ? "address of a member" : isFixed ? "fixed" : "own",
        wanders ? "warn" : "ok",
        "the bridge takes its lowest member's address and changes it: set one by hand",
      ),
    );
  }
  findings.unshift(
    finding(
      "net.promiscuous",
      promiscuous.join(",") || "none",
      promiscuous.length > 0 ? "warn" : "ok",
      "it takes packets that are for others",
    ),
  );
  return findings;
};

export const resolver: Check = ({ system }) => {
  const text = read(system, "/etc/resolv.conf");
  if (text === null) return finding("resolv.conf", null, "unknown");
  const servers = text.match(/^\s*nameserver\s+\S+/gm)?.length ?? 0;
  const search = /^\s*search\s+(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  const local = /^\s*nameserver\s+127\./m.test(text);
  const problem =
    servers === 0
      ? "no nameserver"
      : local
        ? "a nameserver on loopback cannot be reached from containers"
        : search.length > 3
          ? "each search domain is asked in turn: names take that much longer"
          : "";
  return finding(
    "resolv.conf",
    `${servers} nameservers, search ${search.join(" ") || "-"}`,
    problem === "" ? "ok" : "note",
    problem,
  );
};

/** Everything that is known of one container, as lines for the screen. Pure. */
import type { ContainerDocument, PsiLine } from "../../lib/container/document.ts";
import { limitText, percent, size } from "../../lib/units/figure_text.ts";
import { safeText } from "../../lib/units/terminal_text.ts";
import type { ContainerRow } from "../list/rows.ts";
import { labelled } from "./paint.ts";

/** `row`: for the rates, which take two looks. */
export function detailLines(document: ContainerDocument, row: ContainerRow | null): string[] {
  const { container, cpu, load, memory, pids, io, network, psi, files } = document;
  const text = (value: string | number | null): string => (value === null ? "-" : safeText(`${value}`));
  const cores = row?.cpuCores?.toFixed(2) ?? "-";
  const throttled = percent(row?.throttledRatio ?? null);
  const lines = [
    labelled("", `${text(container.name)}  ${text(container.state)}`),
    labelled("Id", text(container.id)),
    labelled("Image", text(container.image)),
    labelled(
      "Uuid",
      `${text(container.instanceUuid)}, host name ${text(container.hostname)}, network ${text(network.namespaceShared)}`,
    ),
    labelled(
      "Init",
      `pid ${text(container.initPid)}, ${text(container.runtime)}, started ${text(container.startedAt)}`,
    ),
    labelled("Cgroup", `v${text(container.cgroupVersion)} ${text(container.cgroupPath)}`),
    labelled(
      "Registered",
      `${text(container.registeredAt)}${row === null ? "" : `, ${row.problems.join(", ")}`}`,
    ),
    labelled(
      "CPU",
      `${cores} of ${text(cpu.capacityCores)} cores, quota ${limitText(cpu.quotaCores, String)}, CPUs ${text(cpu.cpusetCpus?.join(",") ?? null)}, throttled ${throttled} (${text(cpu.throttling.throttledPeriods)} of ${text(cpu.throttling.periods)} periods)`,
    ),
    labelled(
      "Load",
      load === null ? "- (no loadcalc inside)" : `${load.load1} ${load.load5} ${load.load15} (loadcalc)`,
    ),
    labelled(
      "Memory",
      `working set ${size(memory.workingSetBytes)}, usage ${size(memory.usageBytes)}, limit ${limitText(memory.limitBytes, size)}, available ${size(memory.availableBytes)}`,
    ),
    labelled(
      "Swap",
      `${size(memory.swapUsageBytes)} of ${limitText(memory.swapLimitBytes, size)}; OOM kills ${text(memory.events.oomKill)}, failcnt ${text(memory.failcnt)}`,
    ),
    labelled(
      "Pids",
      `${text(pids.current)} of ${limitText(pids.limit, String)}, ${text(row?.activeThreads ?? null)} active; open files ${text(files.open)}`,
    ),
  ];
  if (psi !== null) {
    const share = (line: PsiLine | null): string => (line === null ? "-" : `${line.avg10}%`);
    lines.push(
      labelled(
        "Pressure",
        `over 10 s: cpu ${share(psi.cpu.some)}, memory ${share(psi.memory.some)}, io ${share(psi.io.some)}${psi.source === "host" ? " (the host's)" : ""}`,
      ),
    );
  }
  for (const each of io.devices ?? [])
    lines.push(
      labelled(
        "Device",
        `${text(each.device)}: read ${size(each.readBytes)}, written ${size(each.writeBytes)}`,
      ),
    );
  for (const each of network.interfaces ?? [])
    lines.push(
      labelled(
        "Interface",
        `${text(each.name)} ${text(each.operState)}: received ${size(each.rxBytes)}, sent ${size(each.txBytes)}, dropped ${each.rxDropped + each.txDropped}`,
      ),
    );
  for (const each of document.filesystems ?? [])
    lines.push(
      labelled(
        "File system",
        `${text(each.mountpoint)} (${text(each.device)}): ${size(each.usedBytes)} of ${size(each.sizeBytes)}`,
      ),
    );
  for (const each of document.errors)
    lines.push(labelled("Not known", text(`${each.section}: ${each.message}`)));
  return lines;
}

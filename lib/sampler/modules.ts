/** All modules, in the order in which they are printed: tsar's, then the new ones. */
import type { Module, RawGroup } from "./module.ts";
import { cgioModule } from "./modules/cgio/module.ts";
import { cpuModule } from "./modules/cpu/module.ts";
import { ioModule } from "./modules/io/module.ts";
import { loadModule } from "./modules/load/module.ts";
import { memModule } from "./modules/mem/module.ts";
import { oomModule } from "./modules/oom/module.ts";
import { partitionModule } from "./modules/partition/module.ts";
import { pcswModule } from "./modules/pcsw/module.ts";
import { percpuModule } from "./modules/percpu/module.ts";
import { pernicModule } from "./modules/pernic/module.ts";
import { pidsModule } from "./modules/pids/module.ts";
import { procModule } from "./modules/proc/module.ts";
import { psiModule } from "./modules/psi/module.ts";
import { swapModule } from "./modules/swap/module.ts";
import { tcpModule } from "./modules/tcp/module.ts";
import { tcpxModule } from "./modules/tcpx/module.ts";
import { throttleModule } from "./modules/throttle/module.ts";
import { trafficModule } from "./modules/traffic/module.ts";
import { udpModule } from "./modules/udp/module.ts";

export const MODULES: readonly Module[] = [
  cpuModule,
  memModule,
  swapModule,
  tcpModule,
  udpModule,
  trafficModule,
  ioModule,
  pcswModule,
  partitionModule,
  tcpxModule,
  loadModule,
  percpuModule,
  pernicModule,
  procModule,
  throttleModule,
  psiModule,
  pidsModule,
  oomModule,
  cgioModule,
];

/** What plain `tsar` shows: the summary columns of these. */
export const DEFAULT_MODULES: readonly string[] = ["cpu", "mem", "tcp", "traffic", "io", "load"];

/** Each once. */
export function groupsOf(modules: readonly Module[]): RawGroup[] {
  const groups: RawGroup[] = [];
  for (const { group } of modules) if (!groups.includes(group)) groups.push(group);
  return groups;
}

/** The pits of the field (docs/host.md lists them), one after the other: each is one small reader that gives one finding, or a few. */
import { controllers, pidMax, swapAccounting } from "./cgroups.ts";
import { daemon, logs, storage } from "./engine.ts";
import type { Check, CheckInput } from "./finding.ts";
import { clock, discard, hugePages, kernel, sysctls } from "./kernel.ts";
import { conntrack, forwarding, interfaces, resolver } from "./network.ts";
import type { Finding } from "./report.ts";

export async function examineHost(input: CheckInput): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of CHECKS) {
    const found = await check(input);
    findings.push(...(Array.isArray(found) ? found : [found]));
  }
  return findings;
}

const CHECKS: readonly Check[] = [
  kernel,
  controllers,
  swapAccounting,
  pidMax,
  conntrack,
  forwarding,
  interfaces,
  storage,
  logs,
  discard,
  resolver,
  sysctls,
  clock,
  hugePages,
  daemon,
];

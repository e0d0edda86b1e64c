/**
 * The metrics of many containers as one exposition: families stand together, and each sample carries the labels of its container.
 * Takes what lib/container/openmetrics.ts renders for one. Pure.
 */

export interface ContainerMetrics {
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** Of one container, "# EOF" included where the format has it. */
  readonly text: string;
}

interface Family {
  readonly head: string[];
  readonly samples: string[];
}

/** Families that say who a container is carry their own labels; those of the program stand once. */
const IDENTITY = /^procg_container(_info)?\b/;
const PROGRAM = /^procg_build(_info)?\b/;

/** `extra`: families of the host itself, as text. Ends with "# EOF" when the parts do. */
export function mergeMetrics(parts: readonly ContainerMetrics[], extra: string): string {
  const families = new Map<string, Family>();
  let hasEnd = false;
  for (const { labels, text } of parts) {
    const words = labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(",");
    let family: Family | null = null;
    let inHead = false;
    for (const line of text.split("\n")) {
      if (line === "# EOF") hasEnd = true;
      if (line === "" || line === "# EOF") continue;
      if (line.startsWith("# ")) {
        const name = line.split(" ")[2] ?? "";
        if (!inHead || family === null) {
          family = families.get(name) ?? { head: [], samples: [] };
          families.set(name, family);
        }
        inHead = true;
        if (family.samples.length === 0 && !family.head.includes(line)) family.head.push(line);
        continue;
      }
      inHead = false;
      if (family === null || (PROGRAM.test(line) && family.samples.length > 0)) continue;
      family.samples.push(IDENTITY.test(line) || PROGRAM.test(line) ? line : withLabels(line, words));
    }
  }
  let text = "";
  for (const { head, samples } of families.values()) {
    if (samples.length > 0) text += `${[...head, ...samples].join("\n")}\n`;
  }
  return `${text}${extra}${hasEnd ? "# EOF\n" : ""}`;
}

/** `name{a="b"} 1` and `name 1`. A value of a label may hold a brace or a space, a name cannot. */
function withLabels(line: string, words: string): string {
  const brace = line.indexOf("{");
  const space = line.indexOf(" ");
  if (brace >= 0 && (space < 0 || brace < space))
    return `${line.slice(0, brace + 1)}${words},${line.slice(brace + 1)}`;
  return `${line.slice(0, space)}{${words}}${line.slice(space)}`;
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n").replace(/\r/g, "");
}

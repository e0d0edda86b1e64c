/** The way from a container to an answer: two looks, an interval apart, judged and printed. Of `procg why` and `procg host why`. */
import type { Container } from "../container/container.ts";
import type { System } from "../system/system.ts";
import { type Past, type WhyDocument, whyDocument } from "./document.ts";
import { judge } from "./judge.ts";
import { type Look, takeLook } from "./look.ts";
import { renderRulings, renderWhy } from "./render.ts";
import type { Looks } from "./ruling.ts";

/** Three periods of the usual quota are 0.3 s; pressure is counted in half that time. */
export const USUAL_INTERVAL_SECONDS = 1.5;

export interface AskOptions {
  readonly json: boolean;
  readonly explain: boolean;
}

/** Looks at each, sleeps once, looks again. `open` gives a container freshly opened: its limits may have changed; null: it has ended. */
export async function lookTwice(
  system: System,
  open: readonly (() => Container | null)[],
  seconds: number,
): Promise<(Looks | null)[]> {
  const first = open.map(lookAt);
  // A capture of one step: nothing is known of rates.
  if (!system.hasNextStep())
    return first.map((after) => (after === null ? null : { before: null, after, seconds: 0 }));
  await system.sleep(seconds);
  return open.map((each, index) => pair(first[index] ?? null, lookAt(each)));
}

function lookAt(open: () => Container | null): Look | null {
  const container = open();
  return container === null ? null : takeLook(container);
}

function pair(before: Look | null, after: Look | null): Looks | null {
  if (before === null || after === null) return null;
  const seconds = after.monotonicSeconds - before.monotonicSeconds;
  return { before: seconds > 0 ? before : null, after, seconds };
}

/** The text to print, and the exit status: 0 healthy, 1 a finding, 2 cannot tell. */
export function answer(looks: Looks, past: Past, container: string | null, options: AskOptions) {
  const document = whyDocument(looks, past, container);
  const text = options.json
    ? `${JSON.stringify(document)}\n`
    : renderWhy(document) + (options.explain ? `\n${renderRulings(judge(looks))}` : "");
  return { text, status: exitStatus(document) };
}

function exitStatus({ verdict }: WhyDocument): 0 | 1 | 2 {
  return verdict === "healthy" ? 0 : verdict === "unknown" ? 2 : 1;
}

/** `procg env --json`, and `--explain`: loaded only when asked for. */
import type { Container } from "../container/container.ts";
import { explainContainer } from "../container/explain.ts";
import { safeText } from "../units/terminal_text.ts";
import type { RuntimeEnvironment, VariableAnswer } from "./environment.ts";

/** `procg.env/v1`: what unmodified programs are to be told. */
export interface EnvDocument {
  readonly schema: "procg.env/v1";
  /** Whole CPUs, as nproc counts them; null: no limit, or not known. */
  readonly cpus: number | null;
  /** Why there is that number, or none. */
  readonly cpusReason: string;
  /** null: no limit, or not known. */
  readonly memoryBytes: number | null;
  /** Why there is that limit, or none. */
  readonly memoryReason: string;
  /** Every variable that procg knows, those that are left as they are too. */
  readonly variables: readonly VariableAnswer[];
}

/** The answer to --json, else to --explain. */
export function environmentText(
  container: Container,
  environment: RuntimeEnvironment,
  { json }: { readonly json: boolean },
): string {
  return json ? environmentJson(environment) : explainEnvironment(container, environment);
}

function environmentJson({ limits, variables }: RuntimeEnvironment): string {
  const document: EnvDocument = {
    schema: "procg.env/v1",
    cpus: limits.cpus.value,
    cpusReason: limits.cpus.why,
    memoryBytes: limits.memory.value,
    memoryReason: limits.memory.why,
    variables,
  };
  return `${JSON.stringify(document)}\n`;
}

function explainEnvironment(container: Container, { limits, variables }: RuntimeEnvironment): string {
  let text = explainContainer(container);
  text += `CPUs ${limits.cpus.value ?? "-"}: ${limits.cpus.why}\nmemory ${limits.memory.value ?? "-"}: ${limits.memory.why}\n`;
  for (const { name, runtime, value, reason, source } of variables) {
    text += `${name}${value === null ? " is left as it is" : `=${value}`}\n    ${runtime}: ${reason}\n`;
    if (source !== null) text += `    ${source}\n`;
  }
  return text
    .split("\n")
    .map((line) => safeText(line))
    .join("\n");
}

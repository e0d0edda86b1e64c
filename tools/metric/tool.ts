/** procg metric: the document that loadcalc serves, without a daemon. */
import {
  type OptionSpec,
  type ToolContext,
  type ToolDeclaration,
  ToolError,
  UsageError,
} from "../../lib/cli/tool.ts";
import { procgVersion } from "../../lib/cli/version.ts";
import { collectDocument, readSlowParts, readUsage } from "../../lib/container/collect_document.ts";
import { openContainer } from "../../lib/container/container.ts";
import { dockerMetric } from "../../lib/container/docker_metric.ts";
import type { ContainerDocument } from "../../lib/container/document.ts";
import { readLoadSection } from "../../lib/container/load_section.ts";
import {
  METRIC_NAMES,
  type MetricFormat,
  type MetricNames,
  renderMetrics,
} from "../../lib/container/openmetrics.ts";
import { errnoText } from "../../lib/system/errno.ts";

const options: readonly OptionSpec[] = [
  { key: "openmetrics", short: "o", long: "openmetrics", help: "print OpenMetrics 1.0.0" },
  { key: "text", short: "t", long: "text", help: "print the Prometheus text format 0.0.4" },
  {
    key: "textfile",
    long: "textfile",
    argument: "FILE",
    help: "write the text format to FILE, by rename (node_exporter's collector)",
  },
  { key: "compat", long: "compat", argument: "SHAPE", help: "print another shape of JSON: docker-metric" },
  {
    key: "metric-names",
    long: "metric-names",
    argument: "NAMES",
    help: "names of the metrics: procg (default) or cadvisor",
  },
  {
    key: "wait",
    short: "w",
    long: "wait",
    argument: "SECONDS",
    help: "look twice, so far apart, for the rates (default 0: none; docker-metric: 0.3)",
  },
  { key: "pretty", short: "p", long: "pretty", help: "print the JSON with indentation" },
];

export const tool: ToolDeclaration = {
  name: "metric",
  summary: "print everything that is known of this container, as JSON or as metrics",
  family: "procg",
  section: 1,
  usage: "[options]",
  options,
  description: [
    "Prints the document procg.container/v1 that loadcalc serves at /v1/metrics.json, with the same keys; see docs/endpoint.md. No daemon is needed; " +
      "the load averages are there when loadcalc runs.",
  ],
  run,
};

async function run(context: ToolContext): Promise<number> {
  const { system, shared, commandLine, print } = context;
  const [extra] = commandLine.operands;
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  const value = (key: string): string | null => {
    const found = commandLine.options.filter((option) => option.key === key);
    return found.length === 0 ? null : (found[found.length - 1]?.value ?? "");
  };
  const textfile = value("textfile");
  const compat = value("compat");
  const formats = ["openmetrics", "text", "textfile", "compat"].filter((key) => value(key) !== null);
  if (formats.length > 1) throw new UsageError(`--${formats[0]} and --${formats[1]} exclude each other`);
  if (compat !== null && compat !== "docker-metric")
    throw new UsageError(`--compat: only docker-metric: '${compat}'`);
  const names = metricNames(value("metric-names") ?? "procg");
  const waitSeconds = parseWait(value("wait") ?? (compat === null ? "0" : "0.3"));

  const container = openContainer(system, shared);
  const slow = readSlowParts(container, true);
  const before = waitSeconds === 0 ? null : readUsage(container);
  if (waitSeconds > 0) await system.sleep(waitSeconds);
  const load = await readLoadSection(container);
  const document = collectDocument(container, slow, {
    seq: 1,
    intervalMs: null,
    load: () => load,
    usage: readUsage(container),
    before,
  });
  const metrics = (format: MetricFormat): string =>
    renderMetrics(document, { format, names, version: procgVersion, ageSeconds: 0 });

  if (textfile !== null) {
    const written = system.writeFileAtomic(textfile, metrics("text"), 0o644);
    if (written < 0) throw new ToolError(`${textfile}: ${errnoText(written)}`);
  } else if (value("openmetrics") !== null) print(metrics("openmetrics"));
  else if (value("text") !== null) print(metrics("text"));
  else print(json(compat === null ? document : dockerMetric(document), value("pretty") !== null));
  return 0;
}

function json(value: ContainerDocument | ReturnType<typeof dockerMetric>, pretty: boolean): string {
  return `${JSON.stringify(value, null, pretty ? 1 : 0)}\n`;
}

function metricNames(text: string): MetricNames {
  const found = METRIC_NAMES.find((name) => name === text);
  if (found === undefined)
    throw new UsageError(`--metric-names: not one of ${METRIC_NAMES.join(", ")}: '${text}'`);
  return found;
}

function parseWait(text: string): number {
  if (!/^\d{1,4}(\.\d{1,6})?$/.test(text)) throw new UsageError(`--wait: not a number of seconds: '${text}'`);
  return Number(text);
}

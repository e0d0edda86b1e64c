/** procg host: the companion on the host. Each command is a declaration of its own, loaded when it is called. */
import { type ToolContext, type ToolDeclaration, UsageError } from "../lib/cli/tool.ts";

export const tool: ToolDeclaration = {
  name: "host",
  summary: "the companion on the host: register, measure and change containers",
  family: "procg",
  section: 8,
  // host(1) asks name servers.
  linked: false,
  usage: "COMMAND [options]",
  options: [],
  commands: [
    {
      name: "register",
      summary: "tell containers what only the host knows",
      load: () => import("./commands/register.ts"),
    },
    {
      name: "watch",
      summary: "register every container as it starts",
      load: () => import("./commands/watch.ts"),
    },
    {
      name: "prepare",
      summary: "make the folder that is bound into a container",
      load: () => import("./commands/prepare.ts"),
    },
    {
      name: "metric",
      summary: "print everything that is known of containers",
      load: () => import("./commands/metric.ts"),
    },
    {
      name: "why",
      summary: "say why containers are slow or were killed",
      load: () => import("./commands/why.ts"),
    },
    {
      name: "cgroup",
      summary: "read and change cgroup files of a container",
      load: () => import("./commands/cgroup.ts"),
    },
    {
      name: "list",
      summary: "a table of all containers",
      load: () => import("./commands/list.ts"),
    },
    {
      name: "top",
      summary: "all containers, ranked by what they use",
      load: () => import("./commands/top.ts"),
    },
    {
      name: "report",
      summary: "what containers use of their limits, and which limits would do",
      load: () => import("./commands/report.ts"),
    },
    {
      name: "serve",
      summary: "serve the metrics of all containers to a monitoring agent",
      load: () => import("./commands/serve.ts"),
    },
    {
      name: "check",
      summary: "how this host is set up for containers, and what will hurt",
      load: () => import("./commands/check.ts"),
    },
  ],
  description: [
    "Runs on the host, as root, beside Docker, Podman, containerd or a CRI runtime. Nothing that it finds in a container is trusted, " +
      "and nothing is written outside of one.",
  ],
  run,
};

function run({ commandLine }: ToolContext): number {
  const [word] = commandLine.operands;
  throw new UsageError(
    word === undefined ? "a command is needed; see procg host --help" : `no such command: '${word}'`,
  );
}

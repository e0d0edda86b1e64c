/**
 * procg register --stdin: takes the registration that the host sends through an exec, and puts it where the tools look.
 *
 * The host starts it as root of the container. What a container's user may have planted on the way (links, other mounts) is
 * refused, not followed.
 */
import { type ToolContext, type ToolDeclaration, ToolError, UsageError } from "../../lib/cli/tool.ts";
import { openContainer } from "../../lib/container/container.ts";
import { parseRegistration, runDirectory } from "../../lib/container/registration.ts";
import { attempt } from "../../lib/kernfile/kernel_file.ts";
import { bootId } from "../../lib/procfs/boot_id.ts";
import { pidStat } from "../../lib/procfs/pid_stat.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { openHostAccess } from "../../lib/system/host_access.ts";
import { EAGAIN, openServiceHost, READABLE, type ServiceHost } from "../../lib/system/service_host.ts";
import type { System } from "../../lib/system/system.ts";

export const tool: ToolDeclaration = {
  name: "register",
  summary: "take this container's registration from the host (used by procg host)",
  family: "procg",
  section: 8,
  usage: "--stdin",
  options: [
    { key: "stdin", long: "stdin", help: "read the registration from standard input" },
    { key: "print", long: "print", help: "print the registration in use instead" },
  ],
  description: [
    "`procg host register` and `procg host watch` run this inside a container to give it what only the host knows. The " +
      "registration is checked (it must be of this boot and of this container's init) and written to /run/procg/host/instance.json. " +
      "Exit status: 0 written, 1 refused or not written.",
  ],
  run,
};

const MOST_BYTES = 262_144;
const WAIT_SECONDS = 10;

async function run(context: ToolContext): Promise<number> {
  const { system, shared, commandLine, print } = context;
  const [extra] = commandLine.operands;
  if (extra !== undefined) throw new UsageError(`extra operand '${extra}'`);
  const has = (key: string) => commandLine.options.some((option) => option.key === key);
  if (has("print")) {
    const { path, registration, problem } = openContainer(system, shared).registration();
    if (registration === null) {
      throw new ToolError(problem === null ? `no registration: ${path}` : `${path}: not in use: ${problem}`);
    }
    print(`${JSON.stringify(registration)}\n`);
    return 0;
  }
  if (!has("stdin")) throw new UsageError("nothing to do: --stdin or --print");
  const host = await openServiceHost(system);
  const access = await openHostAccess(system);
  if (host === null || access === null) throw new ToolError("only on the live system");
  const text = await readStandardInput(system, host);
  if (text === null) throw new ToolError("standard input: nothing, too much or too late");
  const why = whyNot(system, text);
  if (why !== null) throw new ToolError(`refused: ${why}`);
  const directory = `${runDirectory(system)}/host`;
  const result = await access.writeBelow(
    {
      base: "/",
      startTicks: null,
      parts: directory.replace(/^\/+|\/+$/g, ""),
      name: "instance.json",
      hostDevices: [],
      walkOnly: false,
    },
    text,
    WAIT_SECONDS,
  );
  if (result < 0) throw new ToolError(`${directory}: ${errnoText(result)}`);
  return 0;
}

function whyNot(system: System, text: string): string | null {
  const registration = parseRegistration(text);
  if (typeof registration === "string") return registration;
  const boot = attempt(system, "/proc", bootId).value;
  if (boot !== registration.bootId) return "it is of another boot";
  const init = attempt(system, "/proc/1", pidStat).value;
  return init?.starttime === registration.initStartTicks ? null : "it is of another container";
}

/** null: empty, longer than any registration, or not ended in time. */
function readStandardInput(system: System, host: ServiceHost): Promise<string | null> {
  return new Promise((resolve) => {
    const buffer = new ArrayBuffer(16384);
    const bytes: number[] = [];
    const finish = (text: string | null): void => {
      host.removeTimer(timer);
      host.watch(0, 0, null);
      resolve(text);
    };
    const timer = host.addTimer(system.monotonicSeconds() + WAIT_SECONDS, 0, () => finish(null));
    host.watch(0, READABLE, () => {
      const count = host.read(0, buffer, 0, buffer.byteLength);
      if (count === EAGAIN) return;
      if (count > 0 && bytes.length + count <= MOST_BYTES) {
        for (const byte of new Uint8Array(buffer, 0, count)) bytes.push(byte);
        return;
      }
      finish(count === 0 && bytes.length > 0 ? utf8Text(bytes) : null);
    });
  });
}

function utf8Text(bytes: readonly number[]): string | null {
  try {
    return decodeURIComponent(bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
  } catch {
    return null;
  }
}

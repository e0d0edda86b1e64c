/**
 * The Docker Engine API over its unix socket, and Podman's compatible service. Without a version in the path, the engine answers in
 * its own: what is read here has been the same since 1.24 (Type, Action, Actor of events too).
 */
import { type ClientReply, type HttpClient, openStream, request } from "../../lib/http/client.ts";
import { textOfBytes } from "../../lib/http/reply.ts";
import { errnoText } from "../../lib/system/errno.ts";
import { parseInspect } from "./docker_inspect.ts";
import type { Engine, EngineEvent, EngineFailure, EventListener, ExecResult } from "./engine.ts";
import { objectSplitter } from "./json_stream.ts";

const ANSWER_SECONDS = 20;

export function dockerEngine(client: HttpClient, name: string): Engine {
  const ask = (method: "GET" | "POST", target: string, body?: unknown, seconds = ANSWER_SECONDS) =>
    request(client, {
      method,
      target,
      timeoutSeconds: seconds,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    name,
    address: client.socketPath,

    list: (found) =>
      new Promise((resolve) => {
        let failed: EngineFailure | null = null;
        const take = objectSplitter((text) => {
          const row = parse(textOfBytes(text));
          const id = row.Id;
          const names = row.Names;
          const first: unknown = Array.isArray(names) ? names[0] : null;
          if (typeof id === "string")
            found({ id, name: typeof first === "string" ? first.replace(/^\//, "") : null });
        });
        const stream = openStream(
          client,
          { method: "GET", target: "/containers/json", timeoutSeconds: ANSWER_SECONDS },
          {
            opened: (status) => {
              if (status !== 200) failed = { failed: `the engine answers ${status} to a list`, gone: false };
            },
            data: (bytes) => {
              if (failed !== null || take(bytes)) return;
              stream.close();
              resolve({ failed: "the list is malformed", gone: false });
            },
            ended: (why) => resolve(why === "" ? failed : { failed: wordsOf(why), gone: false }),
          },
        );
      }),

    async inspect(idOrName) {
      const reply = await ask("GET", `/containers/${encodeURIComponent(idOrName)}/json`);
      if (typeof reply === "number") return { failed: errnoText(reply), gone: false };
      if (reply.status !== 200) return failure(reply);
      return parseInspect(reply.body, name) ?? { failed: "the engine's answer is malformed", gone: false };
    },

    exec: (id, argv, stdin, timeoutSeconds) => exec(client, id, argv, stdin, timeoutSeconds),

    events(sinceSeconds, listener) {
      const filters = encodeURIComponent('{"type":["container"]}');
      const since = sinceSeconds === null ? "" : `&since=${sinceSeconds.toFixed(9)}`;
      return events(client, `/events?filters=${filters}${since}`, listener);
    },

    async info() {
      const reply = await ask("GET", "/info");
      return typeof reply === "number" || reply.status !== 200 ? null : parse(reply.body);
    },

    async update(id, body) {
      const reply = await ask("POST", `/containers/${encodeURIComponent(id)}/update`, body);
      if (typeof reply === "number") return { failed: errnoText(reply), gone: false };
      return reply.status < 300 ? null : failure(reply);
    },
  };
}

function events(client: HttpClient, target: string, listener: EventListener): { close(): void } {
  let refused = 0;
  const take = objectSplitter((text) => {
    const event = parseEvent(textOfBytes(text));
    if (event !== null) listener.event(event);
  });
  const stream = openStream(
    client,
    { method: "GET", target, timeoutSeconds: ANSWER_SECONDS },
    {
      opened: (status) => {
        if (status === 200) listener.opened();
        else refused = status;
      },
      data: (bytes) => {
        if (refused !== 0 || take(bytes)) return;
        stream.close();
        listener.ended("an event is malformed");
      },
      ended: (why) => {
        if (refused !== 0) listener.ended(`the engine answers ${refused} to events`);
        else listener.ended(why === "" ? "the engine ended the stream of events" : wordsOf(why));
      },
    },
  );
  return stream;
}

/** null: not about a container. API 1.52 has no `status` and `id` any more; Podman's service has both kinds. */
export function parseEvent(text: string): EngineEvent | null {
  const raw = parse(text);
  const actor =
    typeof raw.Actor === "object" && raw.Actor !== null ? (raw.Actor as Record<string, unknown>) : {};
  const { timeNano, time } = raw;
  if (raw.Type !== "container" || typeof raw.Action !== "string" || typeof actor.ID !== "string") return null;
  const atSeconds = typeof timeNano === "number" ? timeNano / 1e9 : typeof time === "number" ? time : 0;
  return { id: actor.ID, action: raw.Action, atSeconds };
}

/** Three questions: make it, start it over a raw connection with the data on its standard input, ask how it ended. */
async function exec(
  client: HttpClient,
  id: string,
  argv: readonly string[],
  stdin: string,
  timeoutSeconds: number,
): Promise<ExecResult | EngineFailure> {
  const ask = async (method: "GET" | "POST", target: string, body?: unknown, rawInput?: string) => {
    const reply = await request(client, {
      method,
      target,
      timeoutSeconds,
      mostBytes: 1 << 20,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(rawInput === undefined ? {} : { rawInput }),
    });
    if (typeof reply === "number") return { failed: errnoText(reply), gone: false };
    return reply.status < 300 ? reply : failure(reply);
  };
  const made = await ask("POST", `/containers/${encodeURIComponent(id)}/exec`, {
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    User: "0",
    Cmd: argv,
  });
  if ("failed" in made) return made;
  const execId = parse(made.body).Id;
  if (typeof execId !== "string" || !/^[0-9a-f]+$/.test(execId))
    return { failed: "the engine gives no id", gone: false };
  const ran = await ask("POST", `/exec/${execId}/start`, { Detach: false, Tty: false }, stdin);
  if ("failed" in ran) return ran;
  const output = textOfBytes(unframe(ran.body));
  const ended = await ask("GET", `/exec/${execId}/json`);
  if ("failed" in ended) return ended;
  const exitCode = parse(ended.body).ExitCode;
  return { exitCode: typeof exitCode === "number" ? exitCode : null, output };
}

/** Output comes in frames: stream (1 byte), three zeros, length (4 bytes, big-endian), bytes. What is not framed stays. */
export function unframe(bytes: string): string {
  let text = "";
  let at = 0;
  while (at + 8 <= bytes.length) {
    if (bytes.charCodeAt(at) > 2 || bytes.slice(at + 1, at + 4) !== "\0\0\0") return text + bytes.slice(at);
    let length = 0;
    for (let i = 4; i < 8; i++) length = length * 256 + bytes.charCodeAt(at + i);
    text += bytes.slice(at + 8, at + 8 + length);
    at += 8 + length;
  }
  return text;
}

/** 404: not there; 409: paused, stopped or being removed; 410, 304: ended meanwhile. */
function failure(reply: ClientReply): EngineFailure {
  const message = parse(reply.body).message ?? parse(reply.body).cause;
  const text =
    typeof message === "string"
      ? (message.trim().split("\n")[0] ?? "")
      : `the engine answers ${reply.status}`;
  return { failed: text, gone: reply.status === 404 || reply.status === 409 || reply.status === 410 };
}

function wordsOf(why: string | number): string {
  return typeof why === "number" ? errnoText(why) : why;
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

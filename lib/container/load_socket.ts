/**
 * The load section from a loadcalc that cannot write its files: GET /v1/load on its unix socket, with a short time limit. Loaded only where
 * the file gives nothing.
 */
import { EAGAIN, openServiceHost, READABLE, type ServiceHost } from "../system/service_host.ts";
import type { System } from "../system/system.ts";
import type { LoadSection } from "./document.ts";

const TIMEOUT_SECONDS = 0.5;
const ANSWER_MOST_BYTES = 16384;
const REQUEST = "GET /v1/load HTTP/1.0\r\n\r\n";

/** The section, or why there is none. */
export async function readLoadSocket(system: System, path: string): Promise<LoadSection | string> {
  const host = await openServiceHost(system);
  if (host === null) return "loadcalc does not run here";
  const fd = host.connectUnix(path);
  if (fd < 0) return "loadcalc does not run here";
  const answer = await ask(host, system, fd);
  host.watch(fd, 0, null);
  host.close(fd);
  return answer === null ? "loadcalc does not answer" : parseAnswer(answer);
}

/** Everything until the other side ends, or null. */
function ask(host: ServiceHost, system: System, fd: number): Promise<string | null> {
  const request = new ArrayBuffer(REQUEST.length);
  const bytes = new Uint8Array(request);
  for (let i = 0; i < REQUEST.length; i++) bytes[i] = REQUEST.charCodeAt(i);
  if (host.send(fd, request, 0, REQUEST.length) !== REQUEST.length) return Promise.resolve(null);
  const buffer = new ArrayBuffer(4096);
  let text = "";
  return new Promise((resolve) => {
    const finish = (result: string | null): void => {
      host.removeTimer(timer);
      resolve(result);
    };
    const timer = host.addTimer(system.monotonicSeconds() + TIMEOUT_SECONDS, 0, () => resolve(null));
    host.watch(fd, READABLE, () => {
      const count = host.read(fd, buffer, 0, 4096);
      if (count === EAGAIN) return;
      if (count < 0 || text.length > ANSWER_MOST_BYTES) finish(null);
      else if (count === 0) finish(text);
      // The section is ASCII.
      else text += String.fromCharCode.apply(null, new Uint8Array(buffer, 0, count) as unknown as number[]);
    });
  });
}

function parseAnswer(text: string): LoadSection | string {
  const body = text.indexOf("\r\n\r\n");
  if (!text.startsWith("HTTP/1.1 200 ") || body < 0) return "loadcalc has no answer";
  try {
    const section = JSON.parse(text.slice(body + 4)) as LoadSection | null;
    const isWhole =
      section !== null &&
      [section.load1, section.load5, section.load15, section.runnable, section.threads].every(
        (value) => typeof value === "number",
      );
    return isWhole ? section : "loadcalc has no load yet";
  } catch {
    return "loadcalc's answer is not JSON";
  }
}

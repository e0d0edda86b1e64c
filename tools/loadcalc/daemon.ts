/** The life of loadcalc: files, sockets, ticks, signals, the end. */
import { ToolError } from "../../lib/cli/tool.ts";
import { type ContainerChoice, openContainer } from "../../lib/container/container.ts";
import type { Recorder } from "../../lib/history/recorder.ts";
import { type HttpServer, httpServer } from "../../lib/http/server.ts";
import { EACCES, errnoText } from "../../lib/system/errno.ts";
import {
  EADDRINUSE,
  ECONNREFUSED,
  type ServiceHost,
  SIGHUP,
  SIGINT,
  SIGPIPE,
  SIGTERM,
  SIGUSR1,
} from "../../lib/system/service_host.ts";
import type { System } from "../../lib/system/system.ts";
import { watchBox } from "./black_box.ts";
import { createEndpoint } from "./endpoint.ts";
import { openRunFiles, type RunFiles } from "./run_files.ts";
import type { Sampler } from "./sampler.ts";
import type { Settings } from "./settings.ts";

export interface DaemonParts {
  readonly system: System;
  readonly host: ServiceHost;
  readonly settings: Settings;
  readonly sampler: Sampler;
  readonly version: string;
  readonly choice: ContainerChoice;
}

const BACKLOG = 128;
const COLLECT_SAMPLES = 12;
const SOCKET_MODE = 0o666;

/** Messages go to stderr or to the log file, one line each. */
interface Log {
  (text: string): void;
  reopen(): void;
}

/** Takes one sample, brings the files up to date. Gives the line of loadavg, or the document. Throws ToolError. */
export function runOnce({ system, host, settings, sampler }: DaemonParts, json: boolean): string {
  const log = (text: string) => void system.write(2, `loadcalc: ${text}\n`);
  const files = openFiles(system, host, settings, log);
  restore(files, sampler, log);
  const snapshot = sampler.sample();
  if (snapshot === null) throw new ToolError(sampler.problem ?? "no sample");
  files.write(snapshot.loadavg, sampler.stateText(), snapshot.stateKey);
  return json ? `${JSON.stringify(snapshot.document)}\n` : snapshot.loadavg;
}

/** Runs until a signal ends it. Throws ToolError when it must not start. */
export async function runDaemon(parts: DaemonParts): Promise<number> {
  const { system, host, settings, sampler } = parts;
  const log = openLog(system, host, settings.log);
  // A reader of our messages that goes away is no reason to end.
  host.watchSignal(SIGPIPE, () => {});
  const files = openFiles(system, host, settings, log);
  let recorder: Recorder | null = null;
  const server = httpServer({
    host,
    monotonicSeconds: () => system.monotonicSeconds(),
    realtimeSeconds: () => system.realtimeSeconds(),
    answer: createEndpoint({
      system,
      version: parts.version,
      metricNames: settings.metricNames,
      snapshot: () => sampler.snapshot,
      alarms: () => recorder?.alarms() ?? null,
    }),
    hostNames: [system.names().nodename.toLowerCase(), ...settings.hostNames],
    log,
  });
  const sockets = openSockets(parts, server, log);
  sockets.open();
  restore(files, sampler, log);

  const box = watchBox(host, settings.runDirectory, () => openContainer(system, parts.choice));
  const step = sampleLoop(parts, files, log, () => {
    if (sampler.snapshot !== null) box.sample(sampler.snapshot.document);
    recorder?.tick();
  });
  step.now();
  if (settings.daemonize) {
    const result = host.daemonize();
    if (result < 0) throw new ToolError(`cannot go to the background: ${errnoText(result)}`);
  }
  // Before anybody is told that it runs: a signal that nobody watches kills.
  const ended = new Promise<string>((resolve) => {
    host.watchSignal(SIGTERM, () => resolve("SIGTERM"));
    host.watchSignal(SIGINT, () => resolve("SIGINT"));
  });
  host.watchSignal(SIGUSR1, () => log(statusText(parts, server)));
  host.watchSignal(SIGHUP, () => {
    log.reopen();
    sampler.reopen();
    sockets.open();
    log(`reopened, ${sockets.text()}`);
  });
  recorder = await startRecorder(parts, log);
  recorder?.tick();
  writePidfile(system, settings.pidfile, log);
  log(`started, ${sockets.text()}`);

  const signal = await ended;
  step.stop();
  recorder?.end();
  if (sampler.snapshot !== null) files.writeState(sampler.stateText());
  sockets.close();
  server.close();
  if (settings.pidfile !== null) system.remove(settings.pidfile);
  log(`ended by ${signal}`);
  return 0;
}

function openFiles(
  system: System,
  host: ServiceHost,
  settings: Settings,
  log: (text: string) => void,
): RunFiles {
  const files = openRunFiles(system, host, settings.runDirectory, log);
  if (files === "locked")
    throw new ToolError(`already running: another loadcalc has ${settings.runDirectory}`);
  return files;
}

function restore(files: RunFiles, sampler: Sampler, log: (text: string) => void): void {
  const text = files.readState();
  if (text === null) return;
  const why = sampler.restore(text);
  if (why !== null) log(`the saved state is not used: ${why}`);
}

/** History and thresholds, where they are asked for; their code is not even loaded else. After daemonize: a lock stays with its process. */
async function startRecorder(
  { system, settings, choice }: DaemonParts,
  log: (text: string) => void,
): Promise<Recorder | null> {
  const { history, thresholds } = settings;
  if (history === "" && thresholds === null) return null;
  if (history === null && thresholds === null && !mayHaveVolume(system)) return null;
  const { hasHistoryVolume, openRecorder, readRules } = await import("../../lib/history/recorder.ts");
  const { DEFAULT_DIRECTORY } = await import("../../lib/history/writer.ts");
  const directory = history ?? (hasHistoryVolume(system, choice) ? DEFAULT_DIRECTORY : "");
  const { historyBytes, historyDays, historyFreeBytes } = settings;
  return openRecorder(system, {
    history:
      directory === ""
        ? null
        : {
            directory,
            ...(historyBytes === null ? {} : { maxBytes: historyBytes }),
            ...(historyDays === null ? {} : { maxDays: historyDays }),
            ...(historyFreeBytes === null ? {} : { minFreeBytes: historyFreeBytes }),
          },
    rules: thresholds === null ? null : readRules(system, thresholds, log),
    program: settings.exec,
    choice,
    log,
  });
}

/** Cheap: most containers have no such directory. */
function mayHaveVolume(system: System): boolean {
  return typeof system.stat("/var/log/procg") !== "number";
}

/** A sample at each ideal tick. A sampler that fails is told once and tried again at the next. */
function sampleLoop(
  { system, host, sampler }: DaemonParts,
  files: RunFiles,
  log: Log,
  afterSample: () => void,
) {
  let timer = -1;
  let told: string | null = null;
  let isStopped = false;
  let count = 0;
  const now = (): void => {
    const snapshot = sampler.sample();
    if (snapshot !== null) files.write(snapshot.loadavg, sampler.stateText(), snapshot.stateKey);
    const { problem } = sampler;
    if (problem !== told) log(problem ?? "samples are taken again");
    told = problem;
    afterSample();
    // What the start has left behind; then once a minute, when the sampler has let its container go, which is full of closures.
    if (count++ % COLLECT_SAMPLES === 0) host.collectGarbage();
    if (!isStopped)
      timer = host.addTimer(Math.max(sampler.nextTickSeconds(), system.monotonicSeconds()), 0, now);
  };
  return {
    now,
    stop() {
      isStopped = true;
      if (timer >= 0) host.removeTimer(timer);
    },
  };
}

/** Sockets that could not be had are tried again on SIGHUP. */
function openSockets({ system, host, settings, sampler }: DaemonParts, server: HttpServer, log: Log) {
  let unix = -1;
  let tcp = -1;
  const { listen, socket } = settings;
  const wanted =
    listen !== null && (settings.listenIsExplicit || !sampler.sharesHostNetwork()) ? listen : null;
  if (listen !== null && wanted === null) log("the network is the host's: no TCP port without --listen");

  const openUnix = (path: string): void => {
    let fd = host.listenUnix(path, SOCKET_MODE, BACKLOG);
    if (fd === EADDRINUSE) {
      const peer = host.connectUnix(path);
      if (peer >= 0) {
        host.close(peer);
        throw new ToolError(`already running: ${path} is served`);
      }
      // Only a socket that nobody serves any more is taken away.
      if (peer === ECONNREFUSED && isSocket(system, path)) {
        system.remove(path);
        fd = host.listenUnix(path, SOCKET_MODE, BACKLOG);
      }
    }
    if (fd < 0) {
      log(`${path}: ${errnoText(fd)}`);
      return;
    }
    unix = fd;
    server.serve(fd, false);
  };

  const openTcp = (address: string, port: number): void => {
    const fd = host.listenTcp(address, port, BACKLOG);
    if (fd < 0) {
      log(`${address}:${port}: ${errnoText(fd)}`);
      return;
    }
    tcp = fd;
    server.serve(fd, true);
  };

  return {
    open() {
      // The file may have been taken away, by whoever empties /run.
      if (unix >= 0 && socket !== null && !isSocket(system, socket)) {
        server.stopServing(unix);
        host.close(unix);
        unix = -1;
      }
      if (socket !== null && unix < 0) openUnix(socket);
      if (wanted !== null && tcp < 0) openTcp(wanted.address, wanted.port);
    },
    text() {
      const places: string[] = [];
      if (unix >= 0) places.push(`${socket}`);
      if (tcp >= 0 && wanted !== null) {
        const address = wanted.address.includes(":") ? `[${wanted.address}]` : wanted.address;
        places.push(`http://${address}:${host.localPort(tcp)}/`);
      }
      return places.length === 0 ? "serving nowhere" : `serving ${places.join(" and ")}`;
    },
    close() {
      if (unix >= 0 && socket !== null) system.remove(socket);
      for (const fd of [unix, tcp]) {
        if (fd < 0) continue;
        server.stopServing(fd);
        host.close(fd);
      }
    },
  };
}

function isSocket(system: System, path: string): boolean {
  const status = system.lstat(path);
  return typeof status !== "number" && (status.mode & 0o170000) === 0o140000;
}

function openLog(system: System, host: ServiceHost, path: string | null): Log {
  let fd = 2;
  const reopen = (): void => {
    if (path === null) return;
    const opened = host.openLog(path, 0o644);
    if (opened < 0) {
      if (fd === 2) throw new ToolError(`${path}: ${errnoText(opened)}`);
      return;
    }
    if (fd !== 2) host.close(fd);
    fd = opened;
  };
  reopen();
  const log = (text: string): void => {
    const stamp = fd === 2 ? "" : `${new Date(system.realtimeSeconds() * 1000).toISOString()} `;
    system.write(fd, `${stamp}loadcalc: ${text}\n`);
  };
  return Object.assign(log, { reopen });
}

function writePidfile(system: System, path: string | null, log: Log): void {
  if (path === null) return;
  const result = system.writeFileAtomic(path, `${system.pid}\n`, 0o644);
  if (result < 0) log(`${path}: ${errnoText(result)}${result === EACCES ? " (no pidfile)" : ""}`);
}

function statusText({ system, sampler }: DaemonParts, server: HttpServer): string {
  const { snapshot } = sampler;
  if (snapshot === null) return `no sample: ${sampler.problem ?? "not yet"}`;
  const { load } = snapshot.document;
  const age = (system.monotonicSeconds() - snapshot.monotonicSeconds).toFixed(1);
  const { clients, requests, refused, dropped } = server.counts;
  return (
    `load ${snapshot.loadavg.trim()}, sample ${age} s ago, ${load?.samples ?? 0} samples, ` +
    `${load?.missedPeriods ?? 0} missed; ${clients} clients, ${requests} requests, ${refused} refused, ${dropped} dropped`
  );
}

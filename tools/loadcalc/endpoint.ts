/** The paths that loadcalc serves. Every answer comes from the last snapshot and is kept until the next one: asking costs no sampling. */

import { dockerMetric } from "../../lib/container/docker_metric.ts";
import type { ContainerDocument } from "../../lib/container/document.ts";
import {
  METRIC_TYPES,
  type MetricFormat,
  type MetricNames,
  renderMetrics,
} from "../../lib/container/openmetrics.ts";
import { type HttpRequest, queryValue } from "../../lib/http/request.ts";
import { makeResponse, makeTextResponse, type Response } from "../../lib/http/response.ts";
import { LOAD_PERIOD_SECONDS } from "../../lib/loadavg/fixed_point.ts";
import type { AlarmState } from "../../lib/sampler/alarm.ts";
import { alarmMetrics, alarmsDocument } from "../../lib/sampler/alarm_document.ts";
import type { System } from "../../lib/system/system.ts";
import type { Snapshot } from "./sampler.ts";

export interface EndpointOptions {
  readonly system: System;
  readonly version: string;
  readonly metricNames: MetricNames;
  readonly snapshot: () => Snapshot | null;
  /** States of the threshold rules; null: none are watched. */
  readonly alarms?: () => readonly AlarmState[] | null;
}

export type Endpoint = (request: HttpRequest) => Response | Promise<Response>;

/** A sample older than this is not the truth any more. */
const STALE_SECONDS = 3 * LOAD_PERIOD_SECONDS;

const JSON_TYPE = "application/json; charset=utf-8";

/** The page may load nothing from anywhere and talk to nobody but us. */
const PAGE_HEADERS =
  "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n";

interface Kept {
  readonly response: Response;
  readonly notModified: Response | null;
  readonly etag: string;
  /** Of the snapshot, which itself is not kept: nobody may ever ask this again. */
  readonly seq: number;
  readonly second: number;
}

export function createEndpoint(options: EndpointOptions): Endpoint {
  const { system, version, metricNames, snapshot } = options;
  const alarms = () => options.alarms?.() ?? null;
  const kept = new Map<string, Kept>();
  const now = () => system.realtimeSeconds();
  const started = Math.floor(now());

  /** Made anew for another snapshot, and otherwise once a second at most: an answer tells the age of its sample. */
  const serve = (
    key: string,
    type: string,
    ifNoneMatch: string,
    render: (document: ContainerDocument, ageSeconds: number) => string,
  ): Response => {
    const current = snapshot();
    if (current === null) return makeTextResponse(503, "no sample yet", now());
    const second = Math.floor(system.monotonicSeconds());
    let found = kept.get(key);
    if (found === undefined || found.seq !== current.document.seq || found.second !== second) {
      const age = Math.max(0, system.monotonicSeconds() - current.monotonicSeconds);
      const stale = age > STALE_SECONDS;
      const etag = `"${started}-${current.document.seq}${stale ? "-stale" : ""}"`;
      const body = render(stale ? { ...current.document, stale } : current.document, age);
      const headers = `ETag: ${etag}\r\n`;
      found = {
        response: makeResponse(200, type, body, now(), headers),
        notModified: makeResponse(304, "", "", now(), headers),
        etag,
        seq: current.document.seq,
        second,
      };
      kept.set(key, found);
    }
    return found.notModified !== null && ifNoneMatch === found.etag ? found.notModified : found.response;
  };

  const health = (): Response => {
    const current = snapshot();
    const age = current === null ? null : system.monotonicSeconds() - current.monotonicSeconds;
    const isWell = age !== null && age <= STALE_SECONDS;
    const body = {
      status: isWell ? "ok" : "stale",
      sampleAgeMs: age === null ? null : Math.round(age * 1000),
    };
    return makeResponse(isWell ? 200 : 503, JSON_TYPE, `${JSON.stringify(body)}\n`, now());
  };

  const page = async (): Promise<Response> => {
    const found = kept.get("/");
    if (found !== undefined) return found.response;
    const { pageText } = await import("./page.ts");
    const response = makeResponse(200, "text/html; charset=utf-8", pageText, now(), PAGE_HEADERS);
    kept.set("/", { response, notModified: null, etag: "", seq: 0, second: 0 });
    return response;
  };

  return (request) => {
    const { ifNoneMatch } = request;
    switch (request.path) {
      case "/v1/metrics.json": {
        const compat = queryValue(request.query, "compat");
        if (compat === "docker-metric") {
          return serve(
            "docker",
            JSON_TYPE,
            ifNoneMatch,
            (document) => `${JSON.stringify(dockerMetric(document))}\n`,
          );
        }
        if (compat !== null) return makeTextResponse(400, "compat: only docker-metric", now());
        return serve("json", JSON_TYPE, ifNoneMatch, (document) => `${JSON.stringify(document)}\n`);
      }
      case "/v1/load":
        return serve("load", JSON_TYPE, ifNoneMatch, (document) => `${JSON.stringify(document.load)}\n`);
      case "/metrics": {
        const format: MetricFormat = request.accept.includes("application/openmetrics-text")
          ? "openmetrics"
          : "text";
        return serve(format, METRIC_TYPES[format], "", (document, ageSeconds) =>
          withAlarms(renderMetrics(document, { format, names: metricNames, version, ageSeconds }), alarms()),
        );
      }
      case "/v1/alerts": {
        const states = alarms();
        if (states === null)
          return makeTextResponse(404, "no thresholds are watched: --thresholds FILE", now());
        return makeResponse(200, JSON_TYPE, `${JSON.stringify(alarmsDocument(states))}\n`, now());
      }
      case "/healthz":
        return health();
      case "/version": {
        const body = { name: "procg", version, schema: "procg.container/v1" };
        return makeResponse(200, JSON_TYPE, `${JSON.stringify(body)}\n`, now());
      }
      case "/":
        return page();
      default:
        return makeTextResponse(
          404,
          "not here; there are / /v1/metrics.json /v1/load /v1/alerts /metrics /healthz /version",
          now(),
        );
    }
  };
}

/** OpenMetrics ends with a line of its own: before it. */
function withAlarms(text: string, states: readonly AlarmState[] | null): string {
  if (states === null || states.length === 0) return text;
  const end = "# EOF\n";
  const hasEnd = text.endsWith(end);
  return `${hasEnd ? text.slice(0, -end.length) : text}${alarmMetrics(states)}${hasEnd ? end : ""}`;
}

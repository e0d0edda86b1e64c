/** The lines of uptime, as procps-ng prints them. */
import type { LocalTime } from "../../lib/system/system.ts";
import { uptimePretty, uptimeText } from "../../lib/units/uptime_text.ts";
import type { UptimeModel } from "./collect.ts";

export function renderUptime(model: UptimeModel, now: LocalTime): string {
  return ` ${clock(now)} up ${upText(model)}, ${usersText(model.users.count)},  load average: ${loads(model, ", ")}\n`;
}

export function renderPretty(model: UptimeModel): string {
  const seconds = model.uptimeSeconds.value;
  return `up ${seconds === null ? "-" : uptimePretty(seconds)}\n`;
}

/** Local time of the start, rounded to the second. */
export function renderSince(model: UptimeModel, localTime: (seconds: number) => LocalTime): string {
  const seconds = model.uptimeSeconds.value;
  if (seconds === null) return "-\n";
  const start = localTime(Math.floor(Math.floor(model.nowSeconds) - seconds + 0.5));
  return `${start.year}-${two(start.month)}-${two(start.day)} ${clock(start)}\n`;
}

/** epoch uptime users load1 load5 load15 */
export function renderRaw(model: UptimeModel): string {
  const seconds = model.uptimeSeconds.value;
  const users = model.users.count;
  const uptime = seconds === null ? "-" : seconds.toFixed(6);
  return `${Math.floor(model.nowSeconds)} ${uptime} ${users ?? "-"} ${loads(model, " ")}\n`;
}

function upText(model: UptimeModel): string {
  const seconds = model.uptimeSeconds.value;
  return seconds === null ? "-" : uptimeText(seconds);
}

function usersText(users: number | null): string {
  if (users === null) return "? users";
  return `${String(users).padStart(2)} ${users === 1 ? "user" : "users"}`;
}

function loads(model: UptimeModel, separator: string): string {
  const { load } = model.load;
  if (load === null) return ["-", "-", "-"].join(separator);
  return [load.load1, load.load5, load.load15].map((value) => value.toFixed(2)).join(separator);
}

function clock(time: LocalTime): string {
  return `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

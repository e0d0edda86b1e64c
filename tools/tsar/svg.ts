/** Charts as one SVG document, one below the other; no script, no font, no link. Pure. */
import type { RawValue } from "../../lib/sampler/module.ts";
import type { Series } from "./plot.ts";
import { formatValue } from "./table.ts";

const WIDTH = 900;
const HEIGHT = 140;
const LEFT = 70;
const TOP = 24;
const BOTTOM = 18;

/** @param seconds wall clock of each value */
export function svgText(
  series: readonly Series[],
  seconds: readonly number[],
  first: string,
  last: string,
): string {
  const total = Math.max(1, series.length) * HEIGHT;
  const charts = series.map((one, index) => chart(one, seconds, index * HEIGHT, first, last)).join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" font-family="sans-serif" font-size="11">\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n${charts}</svg>\n`
  );
}

function chart(series: Series, seconds: readonly number[], y: number, first: string, last: string): string {
  const known = series.values.filter((value): value is number => value !== null);
  const most = known.reduce((a, b) => Math.max(a, b), 0);
  const least = known.reduce((a, b) => Math.min(a, b), 0);
  const bottom = y + HEIGHT - BOTTOM;
  const label = (text: string, x: number, at: number, anchor: string): string =>
    `<text x="${x}" y="${at}" text-anchor="${anchor}" fill="#333">${escaped(text)}</text>\n`;
  const lines = pathOf(series.values, seconds, y + TOP, bottom, least, most);
  return (
    label(series.title, LEFT, y + 16, "start") +
    label(known.length === 0 ? "unknown" : formatValue(most, false).trim(), LEFT - 6, y + TOP + 8, "end") +
    label(known.length === 0 ? "" : formatValue(least, false).trim(), LEFT - 6, bottom, "end") +
    `<path d="M${LEFT} ${y + TOP}V${bottom}H${WIDTH - 10}" fill="none" stroke="#bbb"/>\n` +
    (lines === "" ? "" : `<path d="${lines}" fill="none" stroke="#1f6fb4" stroke-width="1.3"/>\n`) +
    label(first, LEFT, bottom + 13, "start") +
    label(last, WIDTH - 10, bottom + 13, "end")
  );
}

/** A line that is broken where the value is unknown; a single point becomes a dash. */
function pathOf(
  values: readonly RawValue[],
  seconds: readonly number[],
  top: number,
  bottom: number,
  least: number,
  most: number,
): string {
  const start = seconds[0] ?? 0;
  const span = (seconds[seconds.length - 1] ?? 0) - start || 1;
  const range = most - least || 1;
  let path = "";
  let isDown = false;
  values.forEach((value, index) => {
    if (value === null) {
      isDown = false;
      return;
    }
    const x = LEFT + (((seconds[index] ?? start) - start) / span) * (WIDTH - LEFT - 10);
    const y = bottom - ((value - least) / range) * (bottom - top);
    path += `${isDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}${isDown ? "" : "h1"}`;
    isDown = true;
  });
  return path;
}

/** Mount points and interfaces may be called anything; control characters are no XML. */
function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  let out = "";
  for (const char of text) out += char < " " ? "?" : (names[char] ?? char);
  return out;
}

/** How long a machine has been up, in the words of `uptime`. Seconds may have a fraction; it is cut. */

/** "19 min", " 1:05", "1 day,  1:00", "400 days, 3 min": what stands after "up ". Days have no upper bound. */
export function uptimeText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const days = Math.floor(minutes / MINUTES_PER_DAY);
  const hour = Math.floor(minutes / 60) % 24;
  const minute = minutes % 60;
  const dayText = days === 0 ? "" : `${days} ${days === 1 ? "day" : "days"}, `;
  if (hour === 0) return `${dayText}${minute} min`;
  return `${dayText}${String(hour).padStart(2)}:${String(minute).padStart(2, "0")}`;
}

/**
 * `uptime -p` after "up ": "1 week, 2 hours, 0 minutes". 1 takes the singular; parts that are 0 are left out, minutes stay.
 * A year has 365 days, a decade 10 years. cli-compat section 1, rule 4: right where procps 4.0 is wrong at full units.
 */
export function uptimePretty(seconds: number): string {
  let rest = Math.floor(seconds / 60);
  const parts: string[] = [];
  for (const [name, minutes] of PARTS) {
    const count = Math.floor(rest / minutes);
    rest -= count * minutes;
    if (count > 0 || minutes === 1) parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
  }
  return parts.join(", ");
}

const MINUTES_PER_DAY = 24 * 60;

const PARTS: readonly (readonly [string, number])[] = [
  ["decade", 10 * 365 * MINUTES_PER_DAY],
  ["year", 365 * MINUTES_PER_DAY],
  ["week", 7 * MINUTES_PER_DAY],
  ["day", MINUTES_PER_DAY],
  ["hour", 60],
  ["minute", 1],
];

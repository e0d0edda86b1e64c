/**
 * printf("%.Nf") of C: exact ties go to the even digit (0.25 -> "0.2", 0.75 -> "0.8"), where toFixed always goes up.
 * For |value| * 10^digits below 2^53.
 */
export function fixed(value: number, digits: number): string {
  // A tie has to be k / 2^(digits+1) with k odd, anything else that looks like one is not exactly representable.
  const halves = value * 2 ** (digits + 1);
  if (halves % 2 !== 1 && halves % 2 !== -1) return value.toFixed(digits);
  const scale = 10 ** digits;
  const below = Math.floor(value * scale);
  if (value * scale - below !== 0.5) return value.toFixed(digits);
  const rounded = (below % 2 === 0 ? below : below + 1) / scale;
  return `${value < 0 && rounded === 0 ? "-" : ""}${rounded.toFixed(digits)}`;
}

/** Each guest boots, runs its case and powers off; else this says what it printed last. */
import { describe, expect, it } from "vitest";
import { chosenGuests } from "./guests.ts";
import { guestResults, SKIP } from "./results.ts";

describe.skipIf(SKIP !== undefined).each(chosenGuests())("guest $name", (guest) => {
  it("boots, runs the case and powers off", () => {
    const { verdict, console } = guestResults(guest);
    expect(verdict.problem ?? "").toBe("");
    // What a scenario could not do it says in a line of its own.
    expect(console.match(/^guest: (?!rc 0|end at|\S+ at \d|no v1 ).*$/gm) ?? []).toEqual([]);
  });
});

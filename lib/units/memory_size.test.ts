import { expect, test } from "vitest";
import { scaleHuman } from "./memory_size.ts";
import { FREE_HUMAN } from "./testing/free_human.ts";

test("free -h and free -h --si, as procps-ng 4.0.2 printed MemTotal", () => {
  for (const [kib, iec, si] of FREE_HUMAN) {
    expect([kib, scaleHuman(kib * 1024, false), scaleHuman(kib * 1024, true)]).toEqual([kib, iec, si]);
  }
  expect(FREE_HUMAN.length).toBeGreaterThan(200);
});

test("9.96 GiB is 9Gi: 10.0Gi is too long", () => {
  expect(scaleHuman(9.96 * 2 ** 30, false)).toBe("9Gi");
  expect(scaleHuman(9.94 * 2 ** 30, false)).toBe("9.9Gi");
  expect(scaleHuman(0, false)).toBe("0B");
  expect(scaleHuman(999, false)).toBe("999B");
  expect(scaleHuman(1000, false)).toBe("1.0Ki");
});

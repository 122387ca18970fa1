import { expect, it } from "vitest";
import { computeRetryDelay } from "./backoff";

const longest = (attempt: number): number => computeRetryDelay(attempt, () => 1);

it("the wait may double from half a second up to fifteen", () => {
  expect([0, 1, 2, 5, 50].map(longest)).toEqual([500, 1000, 2000, 15_000, 15_000]);
});

it("the jitter is full: any part of it, down to nothing", () => {
  expect(computeRetryDelay(5, () => 0)).toBe(0);
  expect(computeRetryDelay(5, () => 0.5)).toBe(7500);
});

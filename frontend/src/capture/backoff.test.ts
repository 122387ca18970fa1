import { expect, it } from "vitest";
import { computeRetryDelay } from "./backoff";

const longest = (attempt: number): number => computeRetryDelay(attempt, () => 1);

it("the delay doubles from 0.5 s to 15 s", () => {
  expect([0, 1, 2, 5, 50].map(longest)).toEqual([500, 1000, 2000, 15_000, 15_000]);
});

it("the jitter is full", () => {
  expect(computeRetryDelay(5, () => 0)).toBe(0);
  expect(computeRetryDelay(5, () => 0.5)).toBe(7500);
});

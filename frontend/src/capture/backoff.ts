const FIRST_SECONDS = 0.5;
const LONGEST_SECONDS = 15;

/** Full jitter: anywhere between nothing and the doubling cap, so that a class does not return in step. */
export function waitBeforeRetry(attempt: number, random: () => number = Math.random): number {
  const cap = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(attempt, 10));
  return random() * cap * 1000;
}

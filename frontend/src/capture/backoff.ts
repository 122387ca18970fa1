const BASE_BACKOFF_S = 0.5;
const MAX_BACKOFF_S = 15;

/** Full jitter: anywhere between nothing and the doubling cap, so that a class does not return in step. */
export function computeRetryDelay(attempt: number, random: () => number = Math.random): number {
  const cap = Math.min(MAX_BACKOFF_S, BASE_BACKOFF_S * 2 ** Math.min(attempt, 10));
  return random() * cap * 1000;
}

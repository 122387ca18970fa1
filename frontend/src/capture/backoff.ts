const BASE_BACKOFF_S = 0.5;
const MAX_BACKOFF_S = 15;

/**
 * Full jitter, so that the clients of a class do not reconnect simultaneously. Returns
 * milliseconds.
 */
export function computeRetryDelay(attempt: number, random: () => number = Math.random): number {
  const cap = Math.min(MAX_BACKOFF_S, BASE_BACKOFF_S * 2 ** Math.min(attempt, 10));
  return random() * cap * 1000;
}

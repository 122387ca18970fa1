/** One press of a button, one request: repeated presses are dropped, lost replies asked for again. */
import { createKey } from "../idempotency-key";

const DOUBLE_PRESS_MS = 800;

interface Press {
  signature: string;
  endedMs: number;
}

const running = new Set<string>();
/** Keys of requests whose reply did not arrive: the next press repeats the same request. */
const unanswered = new Map<string, string>();
let latest: Press | null = null;

/**
 * Runs `send` with the key of this press. The same press while it runs, or right after it, never
 * settles: its handler has nothing more to do.
 */
export async function sendOnce<T>(
  signature: string,
  send: (key: string) => Promise<T>,
  isAnswered: (error: unknown) => boolean,
): Promise<T> {
  if (running.has(signature) || isRepeated(signature)) return new Promise<T>(() => undefined);
  const key = unanswered.get(signature) ?? createKey();
  running.add(signature);
  unanswered.set(signature, key);
  try {
    const result = await send(key);
    unanswered.delete(signature);
    latest = { signature, endedMs: performance.now() };
    return result;
  } catch (error) {
    if (isAnswered(error)) unanswered.delete(signature);
    throw error;
  } finally {
    running.delete(signature);
  }
}

function isRepeated(signature: string): boolean {
  return latest?.signature === signature && performance.now() - latest.endedMs < DOUBLE_PRESS_MS;
}

/** For tests. */
export function forgetPresses(): void {
  running.clear();
  unanswered.clear();
  latest = null;
}

import { ApiProblem } from "../api/http";
import type { EventRequest } from "../api/schema";
import { createKey } from "../idempotency-key";

interface Waiting {
  event: EventRequest;
  atMs: number;
}

const BATCH_DELAY_MS = 800;
const RETRY_DELAY_MS = 5_000;
const MAX_BATCH_SIZE = 50;

/** Sends events in batches; retries while offline. */
export class EventQueue {
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending = false;

  /** `keepalive`: send although the page is closed. */
  constructor(readonly send: (events: EventRequest[], keepalive?: boolean) => Promise<unknown>) {}

  push(event: EventRequest): void {
    this.#waiting.push({ event: { ...event, key: createKey() }, atMs: performance.now() });
    this.#schedule(BATCH_DELAY_MS);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#sending || this.#waiting.length === 0) return;
    this.#sending = true;
    const batch = this.#waiting.slice(0, MAX_BATCH_SIZE);
    const done = await this.#run(batch);
    this.#sending = false;
    if (done) this.#waiting.splice(0, batch.length);
    if (this.#waiting.length) this.#schedule(done ? 0 : RETRY_DELAY_MS);
  }

  /**
   * Sends everything queued when the page is closed. Events may be sent twice; their keys make
   * that idempotent.
   */
  sendBeforeUnload(): void {
    for (let at = 0; at < this.#waiting.length; at += MAX_BATCH_SIZE)
      void this.#run(this.#waiting.slice(at, at + MAX_BATCH_SIZE), true);
  }

  /** Whether the batch was accepted or refused permanently. */
  async #run(batch: Waiting[], keepalive = false): Promise<boolean> {
    try {
      await (keepalive
        ? this.send(batch.map(toEventRequest), true)
        : this.send(batch.map(toEventRequest)));
      return true;
    } catch (error) {
      const status = error instanceof ApiProblem ? error.status : 0;
      return status >= 400 && status < 500 && status !== 429;
    }
  }

  #schedule(waitMs: number): void {
    this.#timer ??= setTimeout(() => void this.flush(), waitMs);
  }
}

function toEventRequest({ event, atMs }: Waiting): EventRequest {
  return { ...event, ago_ms: Math.max(0, Math.round(performance.now() - atMs)) };
}

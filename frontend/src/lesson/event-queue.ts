import { ApiProblem } from "../api/http";
import type { EventRequest } from "../api/schema";
import { computeAge, type Entry, Outbox } from "../page/outbox";
import { SIGNED_IN_AGAIN_EVENT } from "../page/page-events";
import { listenToPage } from "../page/page-person";

type Waiting = Entry<EventRequest>;

const BATCH_DELAY_MS = 800;
const RETRY_DELAY_MS = 5_000;
const MAX_BATCH_SIZE = 50;
const INVALID_STATUS = 400;

/**
 * Sends events in batches. They wait in this browser until the server has stored or refused them:
 * while offline, signed out, and after the page was closed.
 */
export class EventQueue {
  #outbox: Outbox<EventRequest>;
  #waiting: Waiting[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending = false;

  /** `keepalive`: send although the page is closed. */
  constructor(
    readonly send: (events: EventRequest[], keepalive?: boolean) => Promise<unknown>,
    session = "",
  ) {
    this.#outbox = new Outbox(`${session}.event`);
    this.#waiting = this.#outbox.list();
    if (this.#waiting.length) this.#schedule(BATCH_DELAY_MS);
    listenToPage(SIGNED_IN_AGAIN_EVENT, () => void this.flush());
  }

  push(event: EventRequest): void {
    this.#waiting.push(this.#outbox.put(event));
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
    if (done) for (const entry of this.#waiting.splice(0, batch.length)) this.#outbox.remove(entry);
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

  /**
   * Whether every event was accepted or refused permanently. An invalid event is refused alone:
   * the server refuses its whole batch, which is then sent in halves.
   */
  async #run(batch: Waiting[], keepalive = false): Promise<boolean> {
    try {
      await (keepalive
        ? this.send(batch.map(toEventRequest), true)
        : this.send(batch.map(toEventRequest)));
      return true;
    } catch (error) {
      if (!(error instanceof ApiProblem && error.isFinal)) return false;
      if (error.status !== INVALID_STATUS || batch.length === 1) return true;
      const half = Math.ceil(batch.length / 2);
      const isFirstDone = await this.#run(batch.slice(0, half), keepalive);
      return isFirstDone && (await this.#run(batch.slice(half), keepalive));
    }
  }

  #schedule(waitMs: number): void {
    this.#timer ??= setTimeout(() => void this.flush(), waitMs);
  }
}

function toEventRequest({ key, value, atMs }: Waiting): EventRequest {
  return { ...value, key, ago_ms: computeAge(atMs) };
}

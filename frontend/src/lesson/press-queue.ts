import { ApiProblem } from "../api/http";
import type { AnswerRequest, GradedAnswer, HintAnswerEnum } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import { computeAge, type Entry, Outbox } from "../page/outbox";
import { SIGNED_IN_AGAIN_EVENT } from "../page/page-events";
import { listenToPage } from "../page/page-person";

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 15_000;

export type Press =
  | { kind: "answer"; answer: AnswerRequest }
  | { kind: "hint"; hint_id: number | string; answer: HintAnswerEnum }
  | { kind: "ask"; step_id: number }
  | { kind: "leave" };

export interface Graded {
  answer: AnswerRequest;
  graded: GradedAnswer;
}

interface Waiter {
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  onWaiting: (error: unknown) => void;
}

type Api = Pick<SessionApi, "submitAnswer" | "answerHint" | "requestHint" | "leave">;

/**
 * Sends what a learner pressed, one after the other. Each waits in this browser, with its idempotency
 * key, until the server has counted or refused it.
 */
export class PressQueue {
  /** Called for answers of an earlier page, which nobody waits for. */
  onLate: (press: Press, result: unknown) => void = () => undefined;
  #outbox: Outbox<Press>;
  #waiting: Entry<Press>[];
  #waiters = new Map<string, Waiter>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #sending = false;

  constructor(
    readonly api: Api,
    session = "",
  ) {
    this.#outbox = new Outbox(`${session}.press`);
    this.#waiting = this.#outbox.list();
    listenToPage(SIGNED_IN_AGAIN_EVENT, () => this.sendNow());
    if ("addEventListener" in globalThis)
      globalThis.addEventListener("online", () => this.sendNow());
  }

  /** Answers that were pressed and have no result yet. */
  get waiting(): Press[] {
    return this.#waiting.map(({ value }) => value);
  }

  /** Resolves with the server's result; `onWaiting` is called where that takes longer. */
  add<T>(press: Press, onWaiting: (error: unknown) => void = () => undefined): Promise<T> {
    const entry = this.#outbox.put(press);
    this.#waiting.push(entry);
    return new Promise<T>((resolve, reject) => {
      this.#waiters.set(entry.key, {
        resolve: resolve as (result: unknown) => void,
        reject,
        onWaiting,
      });
      this.sendNow();
    });
  }

  sendNow(): void {
    clearTimeout(this.#timer);
    this.#retryMs = FIRST_RETRY_MS;
    void this.#drain();
  }

  /** Drops answers that the learner took back before they were sent. */
  drop(matches: (press: Press) => boolean): void {
    for (const entry of this.#waiting.filter(({ value }) => matches(value))) this.#remove(entry);
  }

  async #drain(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#waiting[0] && (await this.#sendFirst(this.#waiting[0])));
    } finally {
      this.#sending = false;
    }
  }

  /** Whether the server decided about the entry. */
  async #sendFirst(entry: Entry<Press>): Promise<boolean> {
    const waiter = this.#waiters.get(entry.key);
    try {
      const result = await this.#send(entry);
      this.#remove(entry);
      if (waiter) waiter.resolve(result);
      else this.onLate(entry.value, result);
    } catch (error) {
      if (!(error instanceof ApiProblem && error.isFinal)) {
        waiter?.onWaiting(error);
        this.#timer = setTimeout(() => void this.#drain(), this.#retryMs);
        this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
        return false;
      }
      this.#remove(entry);
      waiter?.reject(error);
    }
    return true;
  }

  #send({ key, atMs, value }: Entry<Press>): Promise<unknown> {
    if (value.kind === "hint") return this.api.answerHint(value.hint_id, value.answer, key);
    if (value.kind === "ask") return this.api.requestHint(value.step_id, key);
    if (value.kind === "leave") return this.api.leave(key);
    return this.api.submitAnswer({ ...value.answer, key, ago_ms: computeAge(atMs) });
  }

  #remove(entry: Entry<Press>): void {
    this.#outbox.remove(entry);
    this.#waiters.delete(entry.key);
    this.#waiting = this.#waiting.filter(({ key }) => key !== entry.key);
  }
}

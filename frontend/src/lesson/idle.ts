/** Tells when a person has done nothing in the page for a while, and when they are back. Pure. */
export class IdleWatch {
  #lastMs: number;
  #idle = false;

  constructor(
    nowMs: number,
    readonly idleAfterMs = 90_000,
  ) {
    this.#lastMs = nowMs;
  }

  /** Something was done: "returned" if the person had been idle. */
  active(nowMs: number): "returned" | null {
    const wasIdle = this.#idle;
    this.#lastMs = nowMs;
    this.#idle = false;
    return wasIdle ? "returned" : null;
  }

  /** Looked at from time to time: "idle" once, when it has been long enough. */
  check(nowMs: number): "idle" | null {
    if (this.#idle || nowMs - this.#lastMs < this.idleAfterMs) return null;
    this.#idle = true;
    return "idle";
  }
}

/** Detects inactivity and the return from it. */
export class IdleWatch {
  #lastMs: number;
  #idle = false;

  constructor(
    nowMs: number,
    readonly idleAfterMs = 90_000,
  ) {
    this.#lastMs = nowMs;
  }

  /** Records activity; "returned" after idleness. */
  active(nowMs: number): "returned" | null {
    const wasIdle = this.#idle;
    this.#lastMs = nowMs;
    this.#idle = false;
    return wasIdle ? "returned" : null;
  }

  /** Polled; returns "idle" once after `idleAfterMs`. */
  check(nowMs: number): "idle" | null {
    if (this.#idle || nowMs - this.#lastMs < this.idleAfterMs) return null;
    this.#idle = true;
    return "idle";
  }
}

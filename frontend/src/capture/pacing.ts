/**
 * Frame pacing: at most the target rate, one frame in flight, and none while the socket has
 * buffered data.
 */

export const MAX_BUFFERED_BYTES = 1024;

export interface DropCounts {
  busy: number;
  hidden: number;
}

export class FramePacer {
  #intervalMs: number;
  #dueMs = 0;
  #inFlight = false;
  #drops: DropCounts = { busy: 0, hidden: 0 };

  constructor(targetFps: number) {
    this.#intervalMs = computeInterval(targetFps);
  }

  setTarget(targetFps: number): void {
    this.#intervalMs = computeInterval(targetFps);
  }

  /** Whether a frame may be captured now; call done() afterwards. */
  take(nowMs: number, bufferedBytes: number): boolean {
    if (nowMs < this.#dueMs) return false;
    // From now, not from the due time, so that frames are never closer than the interval.
    this.#dueMs = nowMs + this.#intervalMs;
    if (this.#inFlight || bufferedBytes > MAX_BUFFERED_BYTES) {
      this.#drops.busy += 1;
      return false;
    }
    this.#inFlight = true;
    return true;
  }

  /** The frame was sent or dropped. */
  done(): void {
    this.#inFlight = false;
  }

  /** Counts frames that were due while the page was hidden. */
  addHidden(milliseconds: number): void {
    this.#drops.hidden += Math.floor(milliseconds / this.#intervalMs);
  }

  /** Returns and resets the drop counts. */
  collectDrops(): DropCounts {
    const drops = this.#drops;
    this.#drops = { busy: 0, hidden: 0 };
    return drops;
  }
}

function computeInterval(targetFps: number): number {
  return 1000 / Math.min(Math.max(targetFps, 0.05), 30);
}

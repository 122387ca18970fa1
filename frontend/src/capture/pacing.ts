/**
 * When may the next frame be taken? At the pace the server wishes, one frame in flight,
 * and never into a socket that has not yet passed on the former one.
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

  /** True once for each frame to be taken; the caller then owns the one place in flight. */
  take(nowMs: number, bufferedBytes: number): boolean {
    if (nowMs < this.#dueMs) return false;
    // From now, not from when it was due: two frames never come closer than the pace.
    this.#dueMs = nowMs + this.#intervalMs;
    if (this.#inFlight || bufferedBytes > MAX_BUFFERED_BYTES) {
      this.#drops.busy += 1;
      return false;
    }
    this.#inFlight = true;
    return true;
  }

  /** The frame was handed to the socket, or came to nothing. */
  done(): void {
    this.#inFlight = false;
  }

  /** Counts frames that were due while the page could not be seen. */
  addHidden(milliseconds: number): void {
    this.#drops.hidden += Math.floor(milliseconds / this.#intervalMs);
  }

  /** The drops since the last call. */
  collectDrops(): DropCounts {
    const drops = this.#drops;
    this.#drops = { busy: 0, hidden: 0 };
    return drops;
  }
}

function computeInterval(targetFps: number): number {
  return 1000 / Math.min(Math.max(targetFps, 0.05), 30);
}

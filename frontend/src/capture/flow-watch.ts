import { gettext } from "../text";
import type { Flow } from "./camera-status";

/** "On" needs a frame that the server accepted within this time, or three frame intervals. */
const MAX_GAP_MS = 8_000;

/** Watches whether frames arrive at the server. */
export class FlowWatch {
  /** When the server last accepted a frame, or frames could first have been sent. */
  #sinceMs = 0;
  #flows = false;
  #sentMs = 0;
  #encodingMs = 0;
  #accepted = 0;

  /** Call when frames can be sent again. */
  restart(): void {
    this.#sinceMs = performance.now();
    this.#flows = false;
  }

  /** A new connection counts from zero. */
  resetCount(): void {
    this.#accepted = 0;
  }

  handleSent(encodingMs: number): void {
    this.#sentMs = performance.now();
    this.#encodingMs = encodingMs;
  }

  handleAck(accepted: number): void {
    if (accepted <= this.#accepted) return;
    this.restart();
    this.#accepted = accepted;
    this.#flows = true;
  }

  compute(isMuted: boolean, fps: number): Flow {
    const gapMs = Math.max(MAX_GAP_MS, 3000 / fps, 2 * this.#encodingMs);
    if (isMuted || performance.now() - this.#sinceMs > gapMs) return "stalled";
    return this.#flows ? "flowing" : "waiting";
  }

  formatStall(isMuted: boolean): string {
    return isMuted || this.#sentMs <= this.#sinceMs
      ? gettext(
          "The camera sends no picture. Look for its cover or switch, and close other programs that use it. Or stop the camera and use it again.",
        )
      : gettext(
          "The school's computer does not take the pictures now. Your answers are saved. Go on, or stop the camera.",
        );
  }
}

/** Calls back for each video frame; by timer without requestVideoFrameCallback. */
export class FrameLoop {
  #running = 0;

  start(video: HTMLVideoElement, onFrame: (nowMs: number) => void): void {
    this.stop();
    const run = this.#running;
    const again = (): void => {
      if (run !== this.#running) return;
      schedule(video, () => {
        if (run !== this.#running) return;
        onFrame(performance.now());
        again();
      });
    };
    again();
  }

  stop(): void {
    this.#running += 1;
  }
}

const FALLBACK_INTERVAL_MS = 50;

function schedule(video: HTMLVideoElement, then: () => void): void {
  if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(then);
  else setTimeout(then, FALLBACK_INTERVAL_MS);
}

/** Calls back for each video frame; by timer without requestVideoFrameCallback. */
export class FrameLoop {
  #runId = 0;

  start(video: HTMLVideoElement, onFrame: (nowMs: number) => void): void {
    this.stop();
    const runId = this.#runId;
    const scheduleNext = (): void => {
      if (runId !== this.#runId) return;
      schedule(video, () => {
        if (runId !== this.#runId) return;
        onFrame(performance.now());
        scheduleNext();
      });
    };
    scheduleNext();
  }

  stop(): void {
    this.#runId += 1;
  }
}

const FALLBACK_INTERVAL_MS = 50;

function schedule(video: HTMLVideoElement, callback: () => void): void {
  if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(callback);
  else setTimeout(callback, FALLBACK_INTERVAL_MS);
}

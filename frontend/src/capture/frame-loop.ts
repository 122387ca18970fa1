const FALLBACK_INTERVAL_MS = 50;
const MAX_SILENCE_MS = 1_000;

/** Calls back for each video frame; by timer without requestVideoFrameCallback. */
export class FrameLoop {
  #runId = 0;

  start(video: HTMLVideoElement, onFrame: (nowMs: number) => void): void {
    const runId = ++this.#runId;
    const run = (): void => {
      if (runId !== this.#runId) return;
      if ("requestVideoFrameCallback" in video) wait(video, () => runId !== this.#runId, next);
      else setTimeout(next, FALLBACK_INTERVAL_MS);
    };
    const next = (): void => {
      if (runId !== this.#runId) return;
      onFrame(performance.now());
      run();
    };
    run();
  }

  stop(): void {
    this.#runId += 1;
  }
}

/** Some browsers do not call back for a video outside the page: a timer looks for new frames. */
function wait(video: HTMLVideoElement, isOver: () => boolean, callback: () => void): void {
  const shownAt = video.currentTime;
  const timer = setInterval(() => {
    const isNew = video.currentTime !== shownAt;
    if (!isNew && !isOver()) return;
    clearInterval(timer);
    video.cancelVideoFrameCallback(id);
    callback();
  }, MAX_SILENCE_MS);
  const id = video.requestVideoFrameCallback(() => {
    clearInterval(timer);
    callback();
  });
}

import type { CaptureTicket } from "../api/schema";
import type { Connection } from "./connection";
import type { FrameEncoder, MessageBuilder } from "./frame-encoder";
import { FrameLoop } from "./frame-loop";
import { type DropCounts, FramePacer } from "./pacing";
import type { Welcome } from "./protocol";

const MIN_FPS = 0.25;
const MAX_FAILURES = 3;

export interface SenderOptions {
  video: HTMLVideoElement;
  connection: () => Connection;
  /** Whether frames may be taken now. */
  isAllowed: () => boolean;
  onSent: (encodingMs: number) => void;
  /** Called after repeated failures of the encoder. */
  onBroken: () => void;
}

/** Takes frames of a video at the wanted rate, encodes and sends them. */
export class FrameSender {
  encoder: FrameEncoder | null = null;
  fps = 1;
  #options: SenderOptions;
  #pacer = new FramePacer(1);
  #loop = new FrameLoop();
  #size = { width: 320, height: 240, maxBytes: 96 * 1024 };
  #seq = 0;
  /** Limit after the server closed with 4429 (too fast). */
  #maxFps = Infinity;
  /** Incremented to drop the frame that is being encoded. */
  #generation = 0;
  #failures = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop.start(this.#options.video, (nowMs) => this.#handleFrame(nowMs));
  }

  stop(): void {
    this.#generation += 1;
    this.#loop.stop();
  }

  closeEncoder(): void {
    this.encoder?.close();
    this.encoder = null;
    this.#failures = 0;
  }

  handleWelcome(welcome: Welcome, ticket: CaptureTicket): void {
    this.#generation += 1;
    this.#seq = welcome.next_seq;
    this.#size = {
      width: ticket.width,
      height: ticket.height,
      maxBytes: Math.min(welcome.max_frame_bytes, ticket.max_frame_bytes),
    };
    this.setTarget(Math.min(welcome.target_fps, ticket.max_fps));
  }

  setTarget(fps: number): void {
    this.fps = Math.min(fps, this.#maxFps);
    this.#pacer.setTarget(this.fps);
  }

  limitRate(): void {
    this.#maxFps = Math.max(MIN_FPS, this.fps / 2);
    this.setTarget(this.#maxFps);
  }

  resetLimit(): void {
    this.#maxFps = Infinity;
  }

  addHidden(milliseconds: number): void {
    this.#pacer.addHidden(milliseconds);
  }

  collectDrops(): DropCounts {
    return this.#pacer.collectDrops();
  }

  #handleFrame(nowMs: number): void {
    const connection = this.#options.connection();
    if (!connection.open || !this.encoder || !this.#options.isAllowed()) return;
    if (this.#pacer.take(nowMs, connection.bufferedBytes)) void this.#send(this.encoder, nowMs);
  }

  async #send(encoder: FrameEncoder, capturedMs: number): Promise<void> {
    const generation = this.#generation;
    const build = await this.#encode(encoder);
    this.#pacer.done();
    // Paused, stopped or reconnected while encoding: drop the frame.
    const connection = this.#options.connection();
    if (!build || generation !== this.#generation || !connection.open) return;
    const focused = document.hasFocus();
    const header = { seq: this.#seq++, capturedMs, visible: !document.hidden, focused };
    if (connection.sendFrame(build(header))) this.#options.onSent(performance.now() - capturedMs);
  }

  async #encode(encoder: FrameEncoder): Promise<MessageBuilder | null> {
    try {
      const build = await encoder.make(this.#options.video, this.#size);
      this.#failures = 0;
      return build;
    } catch {
      if (encoder === this.encoder && ++this.#failures >= MAX_FAILURES) this.#options.onBroken();
      return null;
    }
  }
}

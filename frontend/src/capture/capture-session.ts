import type { CaptureTicket } from "../api/schema";
import { loadReader, type OpenReader, ScoreFrameEncoder } from "../device/device-frames";
import { emit } from "../dom";
import { gettext } from "../text";
import { Camera, CameraError, formatCameraProblem } from "./camera";
import { type CameraStatus, computeStatus } from "./camera-status";
import { Connection, type ConnectionStatus } from "./connection";
import { type CaptureMode, type FrameEncoder, JpegFrameEncoder } from "./frame-encoder";
import { FrameLoop } from "./frame-loop";
import { createJpegEncoder, type JpegEncoder } from "./jpeg";
import { FramePacer } from "./pacing";
import type { ClientMessage, ServerMessage } from "./protocol";

const DROP_REPORT_INTERVAL_MS = 5_000;
const HIDDEN_GRACE_MS = 2_000;
const MIN_FPS = 0.25;

/**
 * Camera capture of one lesson, from preview to stop. Emits "change", and "reading" and "hint" for
 * server messages. The track is stopped while paused or while the page is hidden, so that the
 * camera's LED is off.
 */
export class CaptureSession extends EventTarget {
  message = "";
  canTakeOver = false;
  /** The server closed the connection permanently: session ended or consent withdrawn. */
  wasStoppedByServer = false;
  readonly video = document.createElement("video");

  #camera = new Camera(() => this.#handleCameraLost());
  #connection: Connection;
  #pacer = new FramePacer(1);
  #loop = new FrameLoop();
  #mode: CaptureMode = "frames";
  #encoder: FrameEncoder | null = null;
  #opening: Promise<boolean> | null = null;
  #size = { width: 320, height: 240, maxBytes: 96 * 1024 };
  #isWanted = false;
  #isPaused = false;
  #showsReadings = true;
  #seq = 0;
  #fps = 1;
  /** Limit after the server closed with 4429 (too fast). */
  #maxFps = Infinity;
  #generation = 0;
  #hiddenAtMs: number | null = null;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  #reporter: ReturnType<typeof setInterval> | undefined;

  constructor(
    ticket: (mode: CaptureMode) => Promise<CaptureTicket>,
    readonly createJpegs: () => JpegEncoder = createJpegEncoder,
    readonly openReader: OpenReader = loadReader,
  ) {
    super();
    this.video.muted = true;
    this.video.playsInline = true;
    this.#connection = new Connection({
      ticket: () => ticket(this.#mode),
      onState: (report) => this.#handleConnection(report),
      onMessage: (message, given) => this.#handleMessage(message, given),
      onTooFast: () => this.#reduceFps(),
    });
    document.addEventListener("visibilitychange", this.#handleVisibility);
    globalThis.addEventListener("pagehide", this.#handlePageHide);
  }

  get status(): CameraStatus {
    return computeStatus({
      live: this.#camera.live,
      wanted: this.#isWanted,
      paused: this.#isPaused,
      linkOpen: this.#connection.open,
    });
  }

  get stream(): MediaStream | null {
    return this.#camera.stream;
  }

  get mode(): CaptureMode {
    return this.#mode;
  }

  /** Selects the capture mode; stops what runs in the other mode. */
  choose(mode: CaptureMode): void {
    if (mode === this.#mode) return;
    this.stop();
    this.#closeEncoder();
    this.#mode = mode;
    this.#changed();
  }

  /**
   * Prepares the encoder; in scores mode this downloads the models. Resolves to false on failure;
   * nothing is sent then.
   */
  prepare(): Promise<boolean> {
    if (this.#encoder) return Promise.resolve(true);
    if (this.#mode === "scores") this.#opening ??= this.#openReader();
    else this.#encoder = new JpegFrameEncoder(this.createJpegs);
    return this.#opening ?? Promise.resolve(true);
  }

  /** Opens the camera without connecting or sending. */
  async preview(): Promise<boolean> {
    return this.#openCamera();
  }

  async start(): Promise<void> {
    this.#isWanted = true;
    this.#isPaused = this.wasStoppedByServer = this.canTakeOver = false;
    this.message = "";
    this.#maxFps = Infinity;
    this.#connection.start();
    this.#reporter ??= setInterval(() => this.#reportDrops(), DROP_REPORT_INTERVAL_MS);
    const prepared = this.prepare();
    if (!this.#encoder && !(await prepared)) this.stop(this.message);
    // Stopped or paused in the meantime.
    if (!this.#running) return;
    if (!(await this.#openCamera())) this.stop(this.message);
  }

  pause(): void {
    if (!this.#isWanted || this.#isPaused) return;
    this.#isPaused = true;
    this.#closeCamera();
    this.#connection.send({ type: "pause" });
    this.#changed();
  }

  async resume(): Promise<void> {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#changed();
    if (await this.#openCamera()) this.#connection.send({ type: "resume" });
    else this.stop(this.message);
  }

  stop(message = "", canTakeOver = false): void {
    this.#isWanted = this.#isPaused = false;
    this.#closeCamera();
    if (this.#mode === "frames") this.#closeEncoder();
    clearInterval(this.#reporter);
    this.#reporter = undefined;
    clearTimeout(this.#hiddenTimer);
    this.#connection.stop();
    this.message = message;
    this.canTakeOver = canTakeOver;
    this.#changed();
  }

  /** Stops and removes all listeners. */
  dispose(): void {
    this.stop();
    this.#closeEncoder();
    document.removeEventListener("visibilitychange", this.#handleVisibility);
    globalThis.removeEventListener("pagehide", this.#handlePageHide);
  }

  /** Resets `wasStoppedByServer` after the page has fetched the reason. */
  acknowledgeServerStop(): void {
    this.wasStoppedByServer = false;
    this.#changed();
  }

  showReadings(on: boolean): void {
    this.#showsReadings = on;
    this.#connection.send({ type: "show_readings", on });
  }

  send(message: ClientMessage): boolean {
    return this.#connection.send(message);
  }

  async #openCamera(): Promise<boolean> {
    try {
      const stream = await this.#camera.open();
      if (document.hidden) this.#camera.stop();
      else if (stream) this.#startFrames(stream);
      if (stream) this.message = "";
      this.#changed();
      return true;
    } catch (error) {
      this.message = formatCameraProblem(error instanceof CameraError ? error.problem : "unknown");
      this.#changed();
      return false;
    }
  }

  #startFrames(stream: MediaStream): void {
    if (this.video.srcObject !== stream) this.video.srcObject = stream;
    void this.video.play().catch(() => undefined);
    if (!this.#isWanted || !this.#encoder) return;
    this.#loop.start(this.video, (nowMs) => this.#handleFrame(nowMs));
  }

  #closeCamera(): void {
    this.#generation += 1;
    this.#loop.stop();
    this.#camera.stop();
    this.video.srcObject = null;
  }

  #handleFrame(nowMs: number): void {
    if (!this.#connection.open || this.#isPaused || document.hidden || !this.#encoder) return;
    if (this.#pacer.take(nowMs, this.#connection.bufferedBytes))
      void this.#sendFrame(this.#encoder, nowMs);
  }

  async #sendFrame(maker: FrameEncoder, capturedMs: number): Promise<void> {
    const generation = this.#generation;
    const outgoing = await maker.make(this.video, this.#size);
    this.#pacer.done();
    // Paused, stopped or reconnected while encoding: drop the frame.
    if (!outgoing || generation !== this.#generation || !this.#connection.open) return;
    const focused = document.hasFocus();
    const header = { seq: this.#seq++, capturedMs, visible: !document.hidden, focused };
    this.#connection.sendFrame(outgoing(header));
  }

  get #running(): boolean {
    return this.#isWanted && !this.#isPaused;
  }

  async #openReader(): Promise<boolean> {
    try {
      const reader = await this.openReader();
      if (this.#mode === "scores")
        this.#encoder = new ScoreFrameEncoder(reader, () => this.#handleReaderFailure());
      else reader.close();
    } catch {
      this.message = gettext(
        "This device cannot analyse pictures itself. Nothing was sent. Continue without the camera, or choose another option.",
      );
      this.#changed();
    }
    this.#opening = null;
    return this.#encoder !== null;
  }

  #closeEncoder(): void {
    this.#encoder?.close();
    this.#encoder = null;
  }

  #handleReaderFailure(): void {
    this.stop(gettext("The analysis on this device stopped working. The camera is off."));
    this.#closeEncoder();
  }

  #handleMessage(message: ServerMessage, ticket: CaptureTicket): void {
    if (message.type === "welcome") this.#handleWelcome(message, ticket);
    else if (message.type === "rate") this.#setTargetFps(message.target_fps);
    else if (message.type === "reading" || message.type === "hint")
      emit(this, message.type, message);
  }

  #handleWelcome(welcome: ServerMessage & { type: "welcome" }, ticket: CaptureTicket): void {
    this.#generation += 1;
    this.#seq = welcome.next_seq;
    this.#size = {
      width: ticket.width,
      height: ticket.height,
      maxBytes: Math.min(welcome.max_frame_bytes, ticket.max_frame_bytes),
    };
    this.#setTargetFps(Math.min(welcome.target_fps, ticket.max_fps));
    if (this.#isPaused) this.#connection.send({ type: "pause" });
    if (document.hidden) this.#connection.send({ type: "visibility", visible: false });
    if (!this.#showsReadings) this.#connection.send({ type: "show_readings", on: false });
  }

  #setTargetFps(fps: number): void {
    this.#fps = Math.min(fps, this.#maxFps);
    this.#pacer.setTarget(this.#fps);
  }

  #reduceFps(): void {
    this.#maxFps = Math.max(MIN_FPS, this.#fps / 2);
    this.#setTargetFps(this.#maxFps);
  }

  #handleConnection(report: ConnectionStatus): void {
    if (!this.#isWanted) return;
    if (report.state === "stopped") {
      this.wasStoppedByServer = true;
      this.stop(report.message, report.canTakeOver);
      return;
    }
    // Keep the message while reconnecting.
    if (report.state !== "connecting") this.message = report.message;
    this.#changed();
  }

  #handleCameraLost(): void {
    this.stop(formatCameraProblem("gone"));
  }

  #reportDrops(): void {
    const drops = this.#pacer.collectDrops();
    if (drops.busy || drops.hidden) this.#connection.send({ type: "client_drops", ...drops });
  }

  #handleVisibility = (): void => {
    clearTimeout(this.#hiddenTimer);
    this.#connection.send({ type: "visibility", visible: !document.hidden });
    if (document.hidden) {
      this.#hiddenAtMs = performance.now();
      this.#hiddenTimer = setTimeout(() => this.#handleHiddenTimeout(), HIDDEN_GRACE_MS);
      return;
    }
    if (this.#hiddenAtMs !== null && this.#isWanted && !this.#isPaused)
      this.#pacer.addHidden(performance.now() - this.#hiddenAtMs);
    this.#hiddenAtMs = null;
    if (this.#isWanted && !this.#isPaused) void this.#reopenCamera();
  };

  #handleHiddenTimeout(): void {
    this.#closeCamera();
    this.#changed();
  }

  async #reopenCamera(): Promise<void> {
    if (!(await this.#openCamera())) this.stop(this.message);
  }

  #handlePageHide = (): void => this.stop();

  #changed(): void {
    emit(this, "change");
  }
}

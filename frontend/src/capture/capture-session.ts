import type { CaptureTicket } from "../api/schema";
import { loadReader, type OpenReader, ScoreFrameEncoder } from "../device/device-frames";
import { emit } from "../dom";
import { saveCameraId } from "../page/browser-settings";
import { gettext } from "../text";
import { Camera, CameraError } from "./camera";
import { formatCameraProblem } from "./camera-problems";
import { type CameraStatus, computeStatus } from "./camera-status";
import { Connection, type ConnectionStatus } from "./connection";
import { FlowWatch } from "./flow-watch";
import { type CaptureMode, JpegFrameEncoder } from "./frame-encoder";
import { FrameSender } from "./frame-sender";
import { createJpegEncoder, type JpegEncoder } from "./jpeg";
import type { ClientMessage, ServerMessage } from "./protocol";

const CHECK_INTERVAL_MS = 1_000;
const DROP_REPORT_INTERVAL_MS = 5_000;
const HIDDEN_GRACE_MS = 2_000;

/**
 * Camera capture of one lesson, from preview to stop. Emits "change", and "reading" and "hint" for
 * server messages. The track is stopped while paused or while the page is hidden, so that the
 * camera's LED is off.
 */
export class CaptureSession extends EventTarget {
  canTakeOver = false;
  /** The server closed the connection permanently: session ended or consent withdrawn. */
  wasStoppedByServer = false;
  readonly video = document.createElement("video");

  readonly camera = new Camera(
    () => this.stop(formatCameraProblem("gone")),
    () => this.#restartFlow(),
  );
  #connection: Connection;
  #flow = new FlowWatch();
  #frames = new FrameSender({
    video: this.video,
    connection: () => this.#connection,
    isAllowed: () => !this.#isPaused && !document.hidden && !this.camera.muted,
    onSent: (encodingMs) => this.#flow.handleSent(encodingMs),
    onBroken: () => this.#handleEncoderFailure(),
  });
  #mode: CaptureMode = "frames";
  #message = "";
  #opening: Promise<boolean> | null = null;
  #isWanted = false;
  #isPaused = false;
  #showsReadings = true;
  #shownStatus: CameraStatus = "off";
  #hiddenAtMs: number | null = null;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  #timers: ReturnType<typeof setInterval>[] = [];

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
      onTooFast: () => this.#frames.limitRate(),
    });
    document.addEventListener("visibilitychange", this.#handleVisibility);
    globalThis.addEventListener("pagehide", this.#handlePageHide);
  }

  get status(): CameraStatus {
    return computeStatus({
      live: this.camera.live,
      wanted: this.#isWanted,
      paused: this.#isPaused,
      linkOpen: this.#connection.open,
      flow: this.#flow.compute(this.camera.muted, this.#frames.fps),
    });
  }

  /** What the learner should know or do; empty without a problem. */
  get message(): string {
    return this.status === "stalled" ? this.#flow.formatStall(this.camera.muted) : this.#message;
  }

  get mode(): CaptureMode {
    return this.#mode;
  }

  /** Selects the capture mode; stops what runs in the other mode. */
  choose(mode: CaptureMode): void {
    if (mode === this.#mode) return;
    this.stop();
    this.#frames.closeEncoder();
    this.#mode = mode;
    this.#changed();
  }

  /**
   * Prepares the encoder; in scores mode this downloads the models. Resolves to false on failure;
   * nothing is sent then.
   */
  prepare(): Promise<boolean> {
    if (this.#frames.encoder) return Promise.resolve(true);
    if (this.#mode === "scores") this.#opening ??= this.#openReader();
    else this.#frames.encoder = new JpegFrameEncoder(this.createJpegs);
    return this.#opening ?? Promise.resolve(true);
  }

  /** Opens the camera without connecting or sending. */
  async preview(): Promise<boolean> {
    return this.#openCamera();
  }

  /** Previews another camera and remembers the choice on this device. */
  selectCamera(id: string): Promise<boolean> {
    saveCameraId(id);
    this.#closeCamera();
    return this.preview();
  }

  async start(): Promise<void> {
    this.#isWanted = true;
    this.#isPaused = this.wasStoppedByServer = this.canTakeOver = false;
    this.#message = "";
    this.#frames.resetLimit();
    this.#connection.start();
    if (!this.#timers.length)
      this.#timers = [
        setInterval(() => this.#reportDrops(), DROP_REPORT_INTERVAL_MS),
        setInterval(() => this.#checkStatus(), CHECK_INTERVAL_MS),
      ];
    const prepared = this.prepare();
    if (!this.#frames.encoder && !(await prepared)) this.stop(this.#message);
    // Stopped or paused in the meantime.
    if (!this.#running) return;
    if (!(await this.#openCamera())) this.stop(this.#message);
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
    else this.stop(this.#message);
  }

  stop(message = "", canTakeOver = false): void {
    this.#isWanted = this.#isPaused = false;
    this.#closeCamera();
    if (this.#mode === "frames") this.#frames.closeEncoder();
    this.#timers.splice(0).forEach(clearInterval);
    clearTimeout(this.#hiddenTimer);
    this.#connection.stop();
    this.#message = message;
    this.canTakeOver = canTakeOver;
    this.#changed();
  }

  /** Stops and removes all listeners. */
  dispose(): void {
    this.stop();
    this.#frames.closeEncoder();
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
      const stream = await this.camera.open();
      if (document.hidden) this.camera.stop();
      else if (stream) this.#startFrames(stream);
      if (stream) this.#message = "";
      this.#restartFlow();
      return true;
    } catch (error) {
      this.#message = formatCameraProblem(error instanceof CameraError ? error.problem : "unknown");
      this.#changed();
      return false;
    }
  }

  #startFrames(stream: MediaStream): void {
    if (this.video.srcObject !== stream) this.video.srcObject = stream;
    void this.video.play().catch(() => undefined);
    if (this.#isWanted && this.#frames.encoder) this.#frames.start();
  }

  #closeCamera(): void {
    this.#frames.stop();
    this.camera.stop();
    this.video.srcObject = null;
  }

  get #running(): boolean {
    return this.#isWanted && !this.#isPaused;
  }

  async #openReader(): Promise<boolean> {
    try {
      const reader = await this.openReader();
      if (this.#mode === "scores") this.#frames.encoder = new ScoreFrameEncoder(reader);
      else reader.close();
    } catch {
      this.#message = gettext(
        "This device cannot analyse pictures itself. Nothing was sent. Continue without the camera, or choose another option.",
      );
      this.#changed();
    }
    this.#opening = null;
    return this.#frames.encoder !== null;
  }

  #handleEncoderFailure(): void {
    this.stop(
      this.#mode === "scores"
        ? gettext("The analysis on this device stopped working. The camera is off.")
        : gettext(
            "This browser cannot read the camera picture, so the camera is off. Reload the page or use another browser. Or go on without the camera.",
          ),
    );
    this.#frames.closeEncoder();
  }

  #handleMessage(message: ServerMessage, ticket: CaptureTicket): void {
    if (message.type === "welcome") this.#handleWelcome(message, ticket);
    else if (message.type === "rate") this.#frames.setTarget(message.target_fps);
    else if (message.type === "ack") {
      this.#flow.handleAck(message.accepted);
      this.#checkStatus();
    } else if (message.type === "reading" || message.type === "hint")
      emit(this, message.type, message);
  }

  #handleWelcome(welcome: ServerMessage & { type: "welcome" }, ticket: CaptureTicket): void {
    this.#flow.resetCount();
    this.#frames.handleWelcome(welcome, ticket);
    if (this.#isPaused) this.#connection.send({ type: "pause" });
    if (document.hidden) this.#connection.send({ type: "visibility", visible: false });
    if (!this.#showsReadings) this.#connection.send({ type: "show_readings", on: false });
  }

  #handleConnection(report: ConnectionStatus): void {
    if (!this.#isWanted) return;
    if (report.state === "stopped") {
      this.wasStoppedByServer = true;
      this.stop(report.message, report.canTakeOver);
      return;
    }
    // Keep the message while reconnecting.
    if (report.state !== "connecting") this.#message = report.message;
    this.#restartFlow();
  }

  /** Frames can be sent from now on. */
  #restartFlow(): void {
    this.#flow.restart();
    this.#changed();
  }

  /** Reports a status that changed by acknowledgements or their absence. */
  #checkStatus(): void {
    if (this.status !== this.#shownStatus) this.#changed();
  }

  #reportDrops(): void {
    const drops = this.#frames.collectDrops();
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
      this.#frames.addHidden(performance.now() - this.#hiddenAtMs);
    this.#hiddenAtMs = null;
    if (this.#isWanted && !this.#isPaused) void this.#reopenCamera();
  };

  #handleHiddenTimeout(): void {
    this.#closeCamera();
    this.#changed();
  }

  async #reopenCamera(): Promise<void> {
    if (!(await this.#openCamera())) this.stop(this.#message);
  }

  #handlePageHide = (): void => this.stop();

  #changed(): void {
    this.#shownStatus = this.status;
    emit(this, "change");
  }
}

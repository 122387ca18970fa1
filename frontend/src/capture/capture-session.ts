import { announce } from "../dom";
import type { CaptureTicket } from "../api/schema";
import { Camera, CameraError, cameraWords } from "./camera";
import { Connection, type LinkReport } from "./connection";
import { DeviceFrames, loadReader, type OpenReader } from "../device/device-frames";
import { gettext } from "../text";
import { FrameLoop } from "./frame-loop";
import { type CaptureMode, type FrameMaker, PictureFrames } from "./frame-maker";
import { type JpegMaker, openJpegMaker } from "./jpeg";
import { FramePacer } from "./pacing";
import type { ClientMessage, ServerMessage } from "./protocol";
import { type Sign, signFor } from "./sign";

const REPORT_EVERY_MS = 5_000;
const HIDDEN_GRACE_MS = 2_000;
const SLOWEST_FPS = 0.25;

/**
 * The camera of one lesson, from the preview to the stop. Tells of every change by a
 * "change" event, and of the server's words by "reading" and "hint".
 *
 * The camera runs only while its sign can be seen: pausing or leaving the window ends the
 * track, so that the camera's own lamp goes out; coming back opens it again.
 */
export class CaptureSession extends EventTarget {
  words = "";
  canTakeOver = false;
  /** The server refused for good (closed lesson, withdrawn consent): ask it why. */
  stoppedByServer = false;
  readonly video = document.createElement("video");

  #camera = new Camera(() => this.#cameraGone());
  #connection: Connection;
  #pacer = new FramePacer(1);
  #loop = new FrameLoop();
  #mode: CaptureMode = "frames";
  #maker: FrameMaker | null = null;
  #opening: Promise<boolean> | null = null;
  #size = { width: 320, height: 240, maxBytes: 96 * 1024 };
  #wanted = false;
  #paused = false;
  #readings = true;
  #seq = 0;
  #fps = 1;
  /** The server said that frames came too fast: whatever it asks for later, no more than this. */
  #mostFps = Infinity;
  #generation = 0;
  #hiddenAtMs: number | null = null;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  #reporter: ReturnType<typeof setInterval> | undefined;

  constructor(
    ticket: (mode: CaptureMode) => Promise<CaptureTicket>,
    readonly openJpegs: () => JpegMaker = openJpegMaker,
    readonly openReader: OpenReader = loadReader,
  ) {
    super();
    this.video.muted = true;
    this.video.playsInline = true;
    this.#connection = new Connection({
      ticket: () => ticket(this.#mode),
      onState: (report) => this.#linkChanged(report),
      onMessage: (message, given) => this.#heard(message, given),
      onTooFast: () => this.#slowDown(),
    });
    document.addEventListener("visibilitychange", this.#visibilityChanged);
    globalThis.addEventListener("pagehide", this.#pageGone);
  }

  get sign(): Sign {
    return signFor({
      live: this.#camera.live,
      wanted: this.#wanted,
      paused: this.#paused,
      linkOpen: this.#connection.open,
    });
  }

  get stream(): MediaStream | null {
    return this.#camera.stream;
  }

  get readingsShown(): boolean {
    return this.#readings;
  }

  get mode(): CaptureMode {
    return this.#mode;
  }

  /** Where the pictures are read from now on. What ran in the other way is stopped first. */
  choose(mode: CaptureMode): void {
    if (mode === this.#mode) return;
    this.stop();
    this.#closeMaker();
    this.#mode = mode;
    this.#changed();
  }

  /**
   * Makes ready what turns pictures into messages. On the device that is a download the first
   * time; where it fails nothing is sent in its place.
   */
  prepare(): Promise<boolean> {
    if (this.#maker) return Promise.resolve(true);
    if (this.#mode === "scores") this.#opening ??= this.#openReader();
    else this.#maker = new PictureFrames(this.openJpegs);
    return this.#opening ?? Promise.resolve(true);
  }

  /** Opens the camera for the person alone: nothing is connected, nothing is sent. */
  async preview(): Promise<boolean> {
    return this.#openCamera();
  }

  async start(): Promise<void> {
    this.#wanted = true;
    this.#paused = this.stoppedByServer = this.canTakeOver = false;
    this.words = "";
    this.#mostFps = Infinity;
    this.#connection.start();
    this.#reporter ??= setInterval(() => this.#reportDrops(), REPORT_EVERY_MS);
    const prepared = this.prepare();
    if (!this.#maker && !(await prepared)) this.stop(this.words);
    // Stopped or paused meanwhile: the camera stays out.
    if (!this.#running) return;
    if (!(await this.#openCamera())) this.stop(this.words);
  }

  pause(): void {
    if (!this.#wanted || this.#paused) return;
    this.#paused = true;
    this.#closeCamera();
    this.#connection.send({ type: "pause" });
    this.#changed();
  }

  async resume(): Promise<void> {
    if (!this.#paused) return;
    this.#paused = false;
    this.#changed();
    if (await this.#openCamera()) this.#connection.send({ type: "resume" });
    else this.stop(this.words);
  }

  stop(words = "", canTakeOver = false): void {
    this.#wanted = this.#paused = false;
    this.#closeCamera();
    if (this.#mode === "frames") this.#closeMaker();
    clearInterval(this.#reporter);
    this.#reporter = undefined;
    clearTimeout(this.#hiddenTimer);
    this.#connection.stop();
    this.words = words;
    this.canTakeOver = canTakeOver;
    this.#changed();
  }

  /** For good: nothing of this session listens any longer. */
  dispose(): void {
    this.stop();
    this.#closeMaker();
    document.removeEventListener("visibilitychange", this.#visibilityChanged);
    globalThis.removeEventListener("pagehide", this.#pageGone);
  }

  /** The page has asked the server why: the stop is no news any longer. */
  stopUnderstood(): void {
    this.stoppedByServer = false;
    this.#changed();
  }

  showReadings(on: boolean): void {
    this.#readings = on;
    this.#connection.send({ type: "show_readings", on });
  }

  send(message: ClientMessage): boolean {
    return this.#connection.send(message);
  }

  async #openCamera(): Promise<boolean> {
    try {
      const stream = await this.#camera.open();
      if (document.hidden) this.#camera.stop();
      else if (stream) this.#takePicturesFrom(stream);
      if (stream) this.words = "";
      this.#changed();
      return true;
    } catch (error) {
      this.words = cameraWords(error instanceof CameraError ? error.problem : "unknown");
      this.#changed();
      return false;
    }
  }

  #takePicturesFrom(stream: MediaStream): void {
    if (this.video.srcObject !== stream) this.video.srcObject = stream;
    void this.video.play().catch(() => undefined);
    if (!this.#wanted || !this.#maker) return;
    this.#loop.start(this.video, (nowMs) => this.#frameDue(nowMs));
  }

  #closeCamera(): void {
    this.#generation += 1;
    this.#loop.stop();
    this.#camera.stop();
    this.video.srcObject = null;
  }

  #frameDue(nowMs: number): void {
    if (!this.#connection.open || this.#paused || document.hidden || !this.#maker) return;
    if (this.#pacer.take(nowMs, this.#connection.bufferedBytes))
      void this.#sendFrame(this.#maker, nowMs);
  }

  async #sendFrame(maker: FrameMaker, capturedMs: number): Promise<void> {
    const generation = this.#generation;
    const outgoing = await maker.make(this.video, this.#size);
    this.#pacer.done();
    // Paused, stopped or connected anew while the picture was being made: it is dropped.
    if (!outgoing || generation !== this.#generation || !this.#connection.open) return;
    const focused = document.hasFocus();
    const header = { seq: this.#seq++, capturedMs, visible: !document.hidden, focused };
    this.#connection.sendFrame(outgoing(header));
  }

  get #running(): boolean {
    return this.#wanted && !this.#paused;
  }

  async #openReader(): Promise<boolean> {
    try {
      const reader = await this.openReader();
      if (this.#mode === "scores") this.#maker = new DeviceFrames(reader, () => this.#readerGone());
      else reader.close();
    } catch {
      this.words = gettext(
        "This device cannot read pictures by itself. Nothing was sent. You can go on without the camera, or choose another way.",
      );
      this.#changed();
    }
    this.#opening = null;
    return this.#maker !== null;
  }

  #closeMaker(): void {
    this.#maker?.close();
    this.#maker = null;
  }

  #readerGone(): void {
    this.stop(gettext("The reading on this device stopped working. The camera is off."));
    this.#closeMaker();
  }

  #heard(message: ServerMessage, ticket: CaptureTicket): void {
    if (message.type === "welcome") this.#welcomed(message, ticket);
    else if (message.type === "rate") this.#pace(message.target_fps);
    else if (message.type === "reading" || message.type === "hint")
      announce(this, message.type, message);
  }

  #welcomed(welcome: ServerMessage & { type: "welcome" }, ticket: CaptureTicket): void {
    this.#generation += 1;
    this.#seq = welcome.next_seq;
    this.#size = {
      width: ticket.width,
      height: ticket.height,
      maxBytes: Math.min(welcome.max_frame_bytes, ticket.max_frame_bytes),
    };
    this.#pace(Math.min(welcome.target_fps, ticket.max_fps));
    if (this.#paused) this.#connection.send({ type: "pause" });
    if (document.hidden) this.#connection.send({ type: "visibility", visible: false });
    if (!this.#readings) this.#connection.send({ type: "show_readings", on: false });
  }

  #pace(fps: number): void {
    this.#fps = Math.min(fps, this.#mostFps);
    this.#pacer.setTarget(this.#fps);
  }

  #slowDown(): void {
    this.#mostFps = Math.max(SLOWEST_FPS, this.#fps / 2);
    this.#pace(this.#mostFps);
  }

  #linkChanged(report: LinkReport): void {
    if (!this.#wanted) return;
    if (report.state === "stopped") {
      this.stoppedByServer = true;
      this.stop(report.words, report.canTakeOver);
      return;
    }
    // The reason for waiting stays while the next try is under way.
    if (report.state !== "connecting") this.words = report.words;
    this.#changed();
  }

  #cameraGone(): void {
    this.stop(cameraWords("gone"));
  }

  #reportDrops(): void {
    const drops = this.#pacer.takeDrops();
    if (drops.busy || drops.hidden) this.#connection.send({ type: "client_drops", ...drops });
  }

  #visibilityChanged = (): void => {
    clearTimeout(this.#hiddenTimer);
    this.#connection.send({ type: "visibility", visible: !document.hidden });
    if (document.hidden) {
      this.#hiddenAtMs = performance.now();
      this.#hiddenTimer = setTimeout(() => this.#hiddenTooLong(), HIDDEN_GRACE_MS);
      return;
    }
    if (this.#hiddenAtMs !== null && this.#wanted && !this.#paused)
      this.#pacer.wasHidden(performance.now() - this.#hiddenAtMs);
    this.#hiddenAtMs = null;
    if (this.#wanted && !this.#paused) void this.#openAgain();
  };

  #hiddenTooLong(): void {
    this.#closeCamera();
    this.#changed();
  }

  async #openAgain(): Promise<void> {
    if (!(await this.#openCamera())) this.stop(this.words);
  }

  #pageGone = (): void => this.stop();

  #changed(): void {
    announce(this, "change");
  }
}

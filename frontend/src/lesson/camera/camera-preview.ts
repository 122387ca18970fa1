import {
  classifyLight,
  computeMeanLuma,
  formatLightAdvice,
  type Light,
} from "../../capture/brightness";
import type { CaptureSession } from "../../capture/capture-session";
import { formatModeAfterStart } from "../../capture/mode-text";
import { button, element, emit, quietButton, replaceContent } from "../../dom";
import { icon } from "../../icons";
import { gettext } from "../../text";

const LIGHT_CHECK_INTERVAL_MS = 700;
const SAMPLE_PX = { width: 32, height: 24 };

/** `<camera-preview>`: local preview with light advice. Emits "start", "without" and "back". */
export class CameraPreview extends HTMLElement {
  capture: CaptureSession | null = null;
  #video = element("video", { playsinline: true, muted: true, autoplay: true });
  #coach = element("p", { class: "coach", role: "status", "data-testid": "coach" });
  #ready = element("p", { class: "note", role: "status", "data-testid": "device-ready" });
  #stage = element("div", { class: "preview-stage" });
  #start = button(gettext("Start with the camera"), () => emit(this, "start"), {
    "data-testid": "preview-start",
  });
  #retry = button(gettext("Try the camera again"), () => void this.#open(), {
    "data-testid": "preview-again",
  });
  #timer: ReturnType<typeof setInterval> | undefined;
  #light: Light | null = null;

  connectedCallback(): void {
    this.#video.muted = true;
    this.#video.setAttribute("aria-label", gettext("Your camera picture"));
    const without = (): void => emit(this, "without");
    const back = (): void => emit(this, "back");
    const mode = this.capture?.mode ?? "frames";
    this.#ready.hidden = true;
    replaceContent(
      this,
      element("h1", {}, gettext("Check your camera")),
      element("p", {}, gettext("Only you see this picture. Nothing is sent yet.")),
      element("p", { "data-testid": "preview-mode" }, formatModeAfterStart(mode)),
      this.#stage,
      this.#coach,
      this.#ready,
      element(
        "div",
        { class: "row" },
        this.#start,
        this.#retry,
        quietButton(gettext("Continue without the camera"), without, "preview-without"),
        quietButton(gettext("Choose another option"), back, "preview-back"),
      ),
    );
    void this.#open();
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
    this.#video.srcObject = null;
  }

  async #open(): Promise<void> {
    this.#show("starting");
    const opened = (await this.capture?.preview()) ?? false;
    if (!this.isConnected) return;
    if (!opened) this.#showProblem();
    else if (await this.#prepare()) this.#showPicture();
  }

  /** Shows the preview; in scores mode "start" waits for the models. */
  async #prepare(): Promise<boolean> {
    const capture = this.capture;
    if (!capture || capture.mode === "frames") return true;
    this.#showPicture();
    this.#start.disabled = true;
    this.#showReady(
      gettext("Your device is getting ready. The first time this can take a minute."),
    );
    const ready = await capture.prepare();
    if (!this.isConnected) return false;
    if (ready) this.#showReady(gettext("Your device is ready."));
    else this.#handlePrepareFailure();
    return ready;
  }

  #showReady(text: string): void {
    this.#ready.hidden = false;
    replaceContent(this.#ready, icon("device"), " ", text);
  }

  #handlePrepareFailure(): void {
    clearInterval(this.#timer);
    const text = this.capture?.message ?? "";
    this.capture?.stop(text);
    this.#showProblem();
    this.#ready.hidden = true;
  }

  #showPicture(): void {
    this.#video.srcObject = this.capture?.stream ?? null;
    this.#show("ready");
    this.#light = null;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#checkLight(), LIGHT_CHECK_INTERVAL_MS);
  }

  #show(state: "starting" | "ready" | "problem"): void {
    this.#start.hidden = state === "problem";
    this.#start.disabled = state === "starting";
    this.#retry.hidden = state !== "problem";
    this.#stage.dataset["state"] = state;
    if (state === "ready") replaceContent(this.#stage, this.#video, buildOval());
    if (state !== "starting") return;
    replaceContent(this.#stage, element("p", {}, gettext("The camera is starting.")));
    replaceContent(this.#coach, gettext("Your browser may ask if it may use the camera."));
  }

  #showProblem(): void {
    this.#show("problem");
    replaceContent(this.#stage, icon("camera-off"));
    replaceContent(this.#coach, icon("notice"), element("span", {}, this.capture?.message ?? ""));
    if (document.activeElement === document.body) this.#retry.focus();
  }

  #checkLight(): void {
    if (this.capture?.status !== "preview") {
      clearInterval(this.#timer);
      this.#showProblem();
      return;
    }
    const light = measureLight(this.#video);
    if (!light || light === this.#light) return;
    this.#light = light;
    replaceContent(this.#coach, icon(light), element("span", {}, formatLightAdvice(light)));
  }
}

function buildOval(): HTMLElement {
  const text = gettext("Keep your face inside this line.");
  return element("div", { class: "oval", "aria-hidden": "true", title: text });
}

/** Measured on a thumbnail of the image's middle, which is discarded. */
function measureLight(video: HTMLVideoElement): Light | null {
  const canvas = document.createElement("canvas");
  canvas.width = SAMPLE_PX.width;
  canvas.height = SAMPLE_PX.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context || !video.videoWidth) return null;
  const [x, y] = [video.videoWidth / 4, video.videoHeight / 6];
  const [w, h] = [video.videoWidth / 2, (video.videoHeight * 2) / 3];
  context.drawImage(video, x, y, w, h, 0, 0, SAMPLE_PX.width, SAMPLE_PX.height);
  return classifyLight(
    computeMeanLuma(context.getImageData(0, 0, SAMPLE_PX.width, SAMPLE_PX.height).data),
  );
}

customElements.define("camera-preview", CameraPreview);

import { classifyLight, formatLightAdvice, type Light } from "../../capture/brightness";
import { getDevices, listCameras } from "../../capture/camera";
import { formatCameraProblem } from "../../capture/camera-problems";
import type { CaptureSession } from "../../capture/capture-session";
import { formatModeAfterStart } from "../../capture/mode-text";
import { button, element, emit, quietButton, replaceContent } from "../../dom";
import { icon } from "../../icons";
import { gettext, interpolate } from "../../text";

const LIGHT_CHECK_INTERVAL_MS = 700;
const MAX_WAIT_MS = 6_000;
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
  #select: HTMLSelectElement = element("select", {
    onchange: () => void this.#open(this.#select.value),
  });
  #picker: HTMLElement = element(
    "label",
    { class: "field", hidden: true, "data-testid": "camera-picker" },
    element("span", {}, gettext("Camera")),
    this.#select,
  );
  #timer: ReturnType<typeof setInterval> | undefined;
  #light: Light | null = null;
  /** When the video last had a picture, or was started. */
  #pictureMs = 0;

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
      this.#picker,
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
    getDevices()?.addEventListener?.("devicechange", this.#handleDeviceChange);
    void this.#open();
  }

  disconnectedCallback(): void {
    getDevices()?.removeEventListener?.("devicechange", this.#handleDeviceChange);
    clearInterval(this.#timer);
    this.#video.srcObject = null;
  }

  /** Opens the camera with this id, else the one used before. */
  async #open(id?: string): Promise<void> {
    clearInterval(this.#timer);
    this.#show("starting");
    const opened = await (id === undefined
      ? this.capture?.preview()
      : this.capture?.selectCamera(id));
    if (!this.isConnected) return;
    void this.#listCameras();
    if (!opened) this.#showProblem();
    else if (await this.#prepare()) this.#showPicture();
  }

  #handleDeviceChange = (): void => {
    if (this.#stage.dataset["state"] === "problem") void this.#open();
    else void this.#listCameras();
  };

  /** The browser tells the names of cameras after it has opened one. */
  async #listCameras(): Promise<void> {
    const cameras = (await listCameras()) ?? [];
    const options = cameras.map(({ deviceId, label }, at) => {
      const name = label || interpolate(gettext("Camera %(number)s"), { number: at + 1 });
      const selected = deviceId === this.capture?.camera.id;
      return element("option", { value: deviceId, selected }, name);
    });
    replaceContent(this.#select, ...options);
    this.#picker.hidden = cameras.length < 2;
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
    else this.#handleFailure(capture.message);
    return ready;
  }

  #showReady(text: string): void {
    this.#ready.hidden = false;
    replaceContent(this.#ready, icon("device"), " ", text);
  }

  #handleFailure(text: string): void {
    clearInterval(this.#timer);
    this.capture?.stop(text);
    this.#showProblem();
    this.#ready.hidden = true;
  }

  #showPicture(): void {
    this.#video.srcObject = this.capture?.camera.stream ?? null;
    this.#show("ready");
    this.#light = null;
    this.#pictureMs = performance.now();
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
    if (document.hidden) return;
    if (this.capture?.status !== "preview") {
      clearInterval(this.#timer);
      if (this.capture?.message) this.#showProblem();
      else void this.#open(); // the page was hidden
      return;
    }
    const light = this.capture.camera.muted ? null : measureLight(this.#video);
    if (light) this.#pictureMs = performance.now();
    else if (performance.now() - this.#pictureMs > MAX_WAIT_MS)
      this.#handleFailure(formatCameraProblem("no_picture"));
    if (!light || light === this.#light) return;
    this.#light = light;
    const image = icon(light === "empty" ? "camera-off" : light);
    replaceContent(this.#coach, image, element("span", {}, formatLightAdvice(light)));
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
  return classifyLight(context.getImageData(0, 0, SAMPLE_PX.width, SAMPLE_PX.height).data);
}

customElements.define("camera-preview", CameraPreview);

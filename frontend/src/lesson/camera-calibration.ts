import type { Baseline } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import type { CameraStatus } from "../capture/camera-status";
import { element, replaceContent } from "../dom";
import { formatTime, gettext, interpolate } from "../text";

const POLL_INTERVAL_MS = 3_000;

export type CalibrationState = "off" | "paused" | "learning" | "calm" | "known" | "forgotten";

export interface CalibrationInputs {
  sign: CameraStatus;
  ready: boolean;
  /** The learner started a calibration. */
  calm: boolean;
  /** The learner deleted the calibration. */
  forgot: boolean;
}

export function computeCalibrationState({
  sign,
  ready,
  calm,
  forgot,
}: CalibrationInputs): CalibrationState {
  if (ready) return "known";
  if (sign === "off" || sign === "preview") return "off";
  if (sign === "paused") return "paused";
  if (calm) return "calm";
  return forgot ? "forgotten" : "learning";
}

/** Progress as text without numbers. */
export function formatProgress(share: number): string {
  if (share <= 0) return gettext("Nothing has been recorded yet. Take your time.");
  if (share < 0.5) return gettext("Started.");
  if (share < 1) return gettext("More than half is done.");
  return gettext("Almost done. One moment.");
}

/** `<camera-calibration>`: state of the learner's neutral baseline, with start and delete. */
export class CameraCalibration extends HTMLElement {
  api: SessionApi | null = null;
  /** Retention in days. */
  keptDays = 0;
  #sign: CameraStatus = "off";
  #knownIds: Baseline | null = null;
  #calm = false;
  #forgot = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #sentence = element("p", { role: "status", tabindex: "-1", "data-testid": "calibration-status" });
  #progress = element("progress", { max: 1, "aria-label": gettext("Calibration progress") });
  #more = element("p", { class: "small soft" });
  #buttons = element("div", { class: "row" });
  #kept = element("ul");
  #details = element("details", { "data-testid": "camera-calibration" });

  connectedCallback(): void {
    replaceContent(
      this.#details,
      element("summary", {}, gettext("Calibrate the camera")),
      element(
        "p",
        {},
        gettext(
          "Faces differ. So your face is compared only with how it usually looks. The computer needs about half a minute to measure this.",
        ),
      ),
      this.#sentence,
      this.#progress,
      this.#more,
      this.#buttons,
      element(
        "details",
        { class: "small" },
        element("summary", {}, gettext("What is saved, and for how long")),
        this.#kept,
      ),
    );
    replaceContent(this, this.#details);
    this.#details.addEventListener("toggle", () => void this.#ask());
    this.#timer = setInterval(() => {
      if (this.#calm || (this.#details.open && !this.#knownIds?.ready)) void this.#ask();
    }, POLL_INTERVAL_MS);
    this.#render();
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  set sign(sign: CameraStatus) {
    if (sign === this.#sign) return;
    this.#sign = sign;
    if (sign === "off") this.#calm = false;
    this.#render();
    if (this.#details.open) void this.#ask();
  }

  async #ask(): Promise<void> {
    if (document.hidden || !this.#details.open) return;
    const known = await this.api?.getBaseline().catch(() => null);
    if (!known || !this.isConnected) return;
    const done = known.ready && this.#calm;
    this.#knownIds = known;
    if (known.ready) this.#calm = this.#forgot = false;
    this.#render();
    if (done) this.#showStatus(gettext("Done. The camera is calibrated."));
  }

  /** Deletes the baseline; with `calm` a calibration starts. */
  async #forget(calm: boolean): Promise<void> {
    try {
      await this.api?.resetBaseline();
    } catch {
      this.#showStatus(gettext("That did not work and nothing was changed. Please try again."));
      return;
    }
    if (this.#knownIds) this.#knownIds = { ...this.#knownIds, ready: false, gathered_seconds: 0 };
    this.#calm = calm;
    this.#forgot = !calm;
    this.#render();
  }

  #stop(): void {
    this.#calm = false;
    this.#render();
    this.#showStatus(
      gettext("Stopped. You do not need to do this: it also happens while you work."),
    );
  }

  #render(): void {
    const held = this.#buttons.contains(document.activeElement);
    const rest = computeCalibrationState({
      sign: this.#sign,
      ready: this.#knownIds?.ready ?? false,
      calm: this.#calm,
      forgot: this.#forgot,
    });
    this.dataset["rest"] = rest;
    this.#showStatus(this.#words(rest));
    this.#progress.hidden = !this.#calm;
    this.#progress.value = this.#share;
    this.#more.textContent = this.#moreWords(rest);
    this.#more.hidden = !this.#more.textContent;
    replaceContent(this.#buttons, ...this.#offered(rest));
    replaceContent(this.#kept, ...this.#keptWords().map((words) => element("li", {}, words)));
    // The focused button was removed.
    if (held && !this.#buttons.contains(document.activeElement)) this.#sentence.focus();
  }

  get #share(): number {
    const { gathered_seconds = 0, needed_seconds = 0 } = this.#knownIds ?? {};
    return needed_seconds ? Math.min(1, gathered_seconds / needed_seconds) : 0;
  }

  #words(rest: CalibrationState): string {
    switch (rest) {
      case "off":
        return gettext("The camera is off. Turn it on to calibrate it.");
      case "paused":
        return gettext("The camera is paused. Calibration continues when the camera is on.");
      case "learning":
        return gettext(
          "The camera is being calibrated while you work. You do not need to do anything.",
        );
      case "calm":
        return formatProgress(this.#share);
      case "forgotten":
        return gettext("Deleted.");
      case "known":
        return interpolate(gettext("Calibrated at %(time)s. Valid until %(end)s."), {
          time: formatTime(this.#knownIds?.from_at ?? ""),
          end: formatTime(this.#knownIds?.expires_at ?? ""),
        });
    }
  }

  #moreWords(rest: CalibrationState): string {
    if (rest === "calm")
      return gettext(
        "Sit comfortably, look at the page, and rest or read. You cannot do anything wrong, and you can stop at any time.",
      );
    if (rest === "forgotten" && this.#sign !== "off")
      return gettext(
        "While the camera is on, it is calibrated again. If you do not want this, stop the camera, or choose “My face does not show how I am doing” in My preferences.",
      );
    return "";
  }

  #offered(rest: CalibrationState): HTMLElement[] {
    const seeing = !["off", "preview", "paused"].includes(this.#sign);
    if (this.#calm) return [button("calibration-stop", gettext("Stop"), () => this.#stop())];
    const begin = button(
      "calibration-start",
      rest === "known" ? gettext("Calibrate again") : gettext("Calibrate now"),
      () => void this.#forget(true),
    );
    const forget = button(
      "calibration-reset",
      gettext("Delete the calibration"),
      () => void this.#forget(false),
    );
    return [...(seeing ? [begin] : []), ...(rest === "known" ? [forget] : [])];
  }

  #keptWords(): string[] {
    const hours = this.#knownIds?.lasts_hours;
    return [
      gettext("Average positions of brows, mouth, eyes and head. No picture."),
      gettext("It is used in this lesson only."),
      hours
        ? interpolate(gettext("It is valid for %(hours)s hours."), { hours })
        : gettext("It is valid for some hours."),
      interpolate(
        gettext(
          "It is deleted when you delete the calibration or withdraw consent, and otherwise after %(days)s days.",
        ),
        { days: this.keptDays },
      ),
      gettext("It is never shared with your teacher or used in class results."),
    ];
  }

  /** Screen readers announce changes only. */
  #showStatus(words: string): void {
    if (this.#sentence.textContent !== words) this.#sentence.textContent = words;
  }
}

function button(hook: string, words: string, then: () => void): HTMLElement {
  const attributes = { type: "button", class: "quiet", onclick: then, "data-testid": hook };
  return element("button", attributes, words);
}

customElements.define("camera-calibration", CameraCalibration);

declare global {
  interface HTMLElementTagNameMap {
    "camera-calibration": CameraCalibration;
  }
}

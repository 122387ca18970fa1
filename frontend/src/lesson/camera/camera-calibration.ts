import type { Baseline } from "../../api/schema";
import type { SessionApi } from "../../api/sessions";
import type { CameraStatus } from "../../capture/camera-status";
import { element, quietButton, replaceContent } from "../../dom";
import { formatTime, gettext, interpolate } from "../../text";

const POLL_INTERVAL_MS = 3_000;

export type CalibrationState =
  "off" | "paused" | "waiting" | "learning" | "calm" | "known" | "forgotten";

export interface CalibrationInputs {
  status: CameraStatus;
  ready: boolean;
  /** The learner started a calibration. */
  isCalibrating: boolean;
  /** The learner deleted the calibration. */
  wasReset: boolean;
}

export function computeCalibrationState({
  status,
  ready,
  isCalibrating,
  wasReset,
}: CalibrationInputs): CalibrationState {
  if (ready) return "known";
  if (status === "off" || status === "preview") return "off";
  if (status === "paused") return "paused";
  if (status === "stalled" || status === "reconnecting") return "waiting";
  if (isCalibrating) return "calm";
  return wasReset ? "forgotten" : "learning";
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
  #status: CameraStatus = "off";
  #baseline: Baseline | null = null;
  #isCalibrating = false;
  #wasReset = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #sentence = element("p", { role: "status", tabindex: "-1", "data-testid": "calibration-status" });
  #progress = element("progress", { max: 1, "aria-label": gettext("Calibration progress") });
  #help = element("p", { class: "small soft" });
  #buttons = element("div", { class: "row" });
  #retention = element("ul");
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
      this.#help,
      this.#buttons,
      element(
        "details",
        { class: "small" },
        element("summary", {}, gettext("What is saved, and for how long")),
        this.#retention,
      ),
    );
    replaceContent(this, this.#details);
    this.#details.addEventListener("toggle", () => void this.#poll());
    this.#timer = setInterval(() => {
      if (this.#isCalibrating || (this.#details.open && !this.#baseline?.ready)) void this.#poll();
    }, POLL_INTERVAL_MS);
    this.#render();
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
  }

  set status(status: CameraStatus) {
    if (status === this.#status) return;
    this.#status = status;
    if (status === "off") this.#isCalibrating = false;
    this.#render();
    if (this.#details.open) void this.#poll();
  }

  async #poll(): Promise<void> {
    if (document.hidden || !this.#details.open) return;
    const baseline = await this.api?.getBaseline().catch(() => null);
    if (!baseline || !this.isConnected) return;
    const isDone = baseline.ready && this.#isCalibrating;
    this.#baseline = baseline;
    if (baseline.ready) this.#isCalibrating = this.#wasReset = false;
    this.#render();
    if (isDone) this.#showStatus(gettext("Done. The camera is calibrated."));
  }

  /** Deletes the baseline; with `calm` a calibration starts. */
  async #reset(isCalibrating: boolean): Promise<void> {
    try {
      await this.api?.resetBaseline();
    } catch {
      this.#showStatus(gettext("That did not work and nothing was changed. Please try again."));
      return;
    }
    if (this.#baseline) this.#baseline = { ...this.#baseline, ready: false, gathered_seconds: 0 };
    this.#isCalibrating = isCalibrating;
    this.#wasReset = !isCalibrating;
    this.#render();
  }

  #stop(): void {
    this.#isCalibrating = false;
    this.#render();
    this.#showStatus(
      gettext("Stopped. You do not need to do this: it also happens while you work."),
    );
  }

  #render(): void {
    const hadFocus = this.#buttons.contains(document.activeElement);
    const state = computeCalibrationState({
      status: this.#status,
      ready: this.#baseline?.ready ?? false,
      isCalibrating: this.#isCalibrating,
      wasReset: this.#wasReset,
    });
    this.dataset["calibration"] = state;
    this.#showStatus(this.#formatState(state));
    this.#progress.hidden = !this.#isCalibrating;
    this.#progress.value = this.#share;
    this.#help.textContent = this.#formatHelp(state);
    this.#help.hidden = !this.#help.textContent;
    replaceContent(this.#buttons, ...this.#buildButtons(state));
    replaceContent(
      this.#retention,
      ...this.#listRetention().map((text) => element("li", {}, text)),
    );
    // The focused button was removed.
    if (hadFocus && !this.#buttons.contains(document.activeElement)) this.#sentence.focus();
  }

  get #share(): number {
    const { gathered_seconds = 0, needed_seconds = 0 } = this.#baseline ?? {};
    return needed_seconds ? Math.min(1, gathered_seconds / needed_seconds) : 0;
  }

  #formatState(state: CalibrationState): string {
    switch (state) {
      case "off":
        return gettext("The camera is off. Turn it on to calibrate it.");
      case "paused":
        return gettext("The camera is paused. Calibration continues when the camera is on.");
      case "waiting":
        return gettext("No picture arrives. Calibration continues when the camera works again.");
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
          time: formatTime(this.#baseline?.from_at ?? ""),
          end: formatTime(this.#baseline?.expires_at ?? ""),
        });
    }
  }

  #formatHelp(state: CalibrationState): string {
    if (state === "calm")
      return gettext(
        "Sit comfortably, look at the page, and rest or read. You cannot do anything wrong, and you can stop at any time.",
      );
    if (state === "forgotten" && this.#status !== "off")
      return gettext(
        "While the camera is on, it is calibrated again. If you do not want this, stop the camera, or choose “My face does not show how I am doing” in My preferences.",
      );
    return "";
  }

  #buildButtons(state: CalibrationState): HTMLElement[] {
    const isSeeing = !["off", "preview", "paused"].includes(this.#status);
    if (this.#isCalibrating)
      return [quietButton(gettext("Stop"), () => this.#stop(), "calibration-stop")];
    const start = state === "known" ? gettext("Calibrate again") : gettext("Calibrate now");
    const reset = gettext("Delete the calibration");
    return [
      ...(isSeeing ? [quietButton(start, () => void this.#reset(true), "calibration-start")] : []),
      ...(state === "known"
        ? [quietButton(reset, () => void this.#reset(false), "calibration-reset")]
        : []),
    ];
  }

  #listRetention(): string[] {
    const hours = this.#baseline?.lasts_hours;
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
  #showStatus(text: string): void {
    if (this.#sentence.textContent !== text) this.#sentence.textContent = text;
  }
}

customElements.define("camera-calibration", CameraCalibration);

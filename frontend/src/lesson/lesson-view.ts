import { DEFAULT_PROFILE } from "../api/profile";
import type {
  Consent,
  EventRequest,
  GradedAnswer,
  Hint,
  HintAnswerEnum,
  Profile,
  Session,
  Step,
  TimingEnum,
} from "../api/schema";
import type { SessionApi } from "../api/sessions";
import type { CaptureSession } from "../capture/capture-session";
import type { CameraStatus } from "../capture/camera-status";
import { formatMode } from "../capture/mode-text";
import type { HintMessage, Reading } from "../capture/protocol";
import { element, emit, replaceContent } from "../dom";
import { icon } from "../icons";
import { describeLanguage, gettext } from "../text";
import type { CameraCalibration } from "./camera/camera-calibration";
import type { LiveReading } from "./camera/live-reading";
import type { EventQueue } from "./event-queue";
import { formatGuardianState, isRefusedByGuardian } from "./consent/guardian-text";
import { HintController } from "./hints/hint-controller";
import { IdleWatch } from "./idle";
import type { PressQueue } from "./press-queue";
import { formatOpenUntil } from "./lesson-welcome";
import { canWithdraw } from "./consent/permissions";

const IDLE_CHECK_MS = 10_000;

/**
 * `<lesson-view>`: the lesson with camera status, reading, hints and exits. Emits "use" (start the
 * camera) and "leave"; "withdrawing" and "erased" bubble from inside.
 */
export class LessonView extends HTMLElement {
  session: Session | null = null;
  consent: Consent | null = null;
  /** Null where the camera is not used. */
  capture: CaptureSession | null = null;
  api: SessionApi | null = null;
  events: EventQueue | null = null;
  presses: PressQueue | null = null;
  profile: Profile = DEFAULT_PROFILE;
  startAt = 0;

  #status = element("camera-status");
  #message = element("p", { class: "camera-message", role: "status" });
  #mode = element("p", { class: "camera-mode", "data-testid": "camera-mode" });
  #guardian = element("div", { role: "status", "data-testid": "guardian-part" });
  #closing = element("p", { class: "small", role: "status", "data-testid": "open-until" });
  #takeOver = element("button", { type: "button", class: "quiet" }, gettext("Use the camera here"));
  #step = element("lesson-step");
  #rating = element("step-rating");
  #hintController: HintController | null = null;
  #hintLink = element("a", { href: "#hint", class: "hint-below", hidden: true });
  #reading: LiveReading | null = null;
  #calibration: CameraCalibration | null = null;
  #idle = new IdleWatch(performance.now());
  #abort = new AbortController();

  connectedCallback(): void {
    const presses = this.presses;
    if (!this.session || !this.consent || !this.api || !presses) return;
    this.#hintController = new HintController(this.api, this.profile, presses);
    void this.#hintController.loadHints();
    this.#step.submit = (answer, onWaiting) => presses.add({ kind: "answer", answer }, onWaiting);
    this.#step.findWaiting = (stepId) => findWaitingAnswer(presses, stepId);
    this.#step.draftPrefix = `answer.${this.session.id}.`;
    this.#hintController.place.language = this.session.lesson.language;
    this.#step.place = this.#hintController.place;
    presses.onLate = (press, result) => {
      if (press.kind === "answer")
        this.#step.showLate(press.answer.step_id, press.answer.answer, result as GradedAnswer);
      if (press.kind === "ask") this.#hintController?.showLate(result as Hint);
    };
    presses.sendNow();
    this.#step.easy = this.profile.reading_level === "easy";
    this.#step.language = this.session.lesson.language;
    this.#step.results = new Map(this.session.progress.map((own) => [own.step_id, own]));
    this.#step.steps = this.session.lesson.steps;
    this.#step.startAt = this.startAt;
    this.#listen();
    replaceContent(
      this,
      this.#buildBar(),
      this.#buildNotices(),
      this.#buildGrid(),
      this.#renderActions(),
    );
    this.#renderCapture();
  }

  disconnectedCallback(): void {
    this.#abort.abort();
    this.#hintController?.setOwnConnection(false);
  }

  #listen(): void {
    const { signal } = this.#abort;
    const on = (name: string, then: (detail: unknown) => void): void =>
      this.addEventListener(name, (event) => then((event as CustomEvent).detail), { signal });
    on("pause", () => this.capture?.pause());
    on("resume", () => void this.capture?.resume());
    on("stop", () => this.capture?.stop());
    on("step", (detail) => this.#stepOpened((detail as { step: Step }).step));
    on("self-report", (detail) => this.#record("self_report", (detail as { value: string }).value));
    on("show-readings", (detail) => this.capture?.showReadings((detail as { on: boolean }).on));
    on("hint-answer", (detail) =>
      this.#hintController?.answer(detail as { hint_id: number; answer: HintAnswerEnum }),
    );
    on("hint-timing", (detail) => {
      const { hint_id, timing } = detail as { hint_id: number; timing: TimingEnum };
      void this.#hintController?.rateTiming(hint_id, timing);
    });
    on("hints-again", () => void this.#hintController?.resume());
    on("profile-changed", (detail) => (this.profile = (detail as { profile: Profile }).profile));
    on("hint-wanted", (detail) => this.#requestHint((detail as { step: Step }).step));
    on("hint-shown", (detail) => this.#updateHintLink((detail as { isShown: boolean }).isShown));
    on("show-easier", () => this.#step.showEasy(true));
    on("finish", () => emit(this, "leave", { isFinished: true }));
    on("step-changed", () => emit(this, "reload-steps"));
    this.#takeOver.addEventListener("click", () => void this.capture?.start(), { signal });
    this.#listenToCapture(signal);
    this.#watchIdle(signal);
  }

  #listenToCapture(signal: AbortSignal): void {
    this.capture?.addEventListener("change", () => this.#renderCapture(), { signal });
    this.capture?.addEventListener(
      "reading",
      (event) => this.#showReading((event as CustomEvent<Reading>).detail),
      { signal },
    );
    this.capture?.addEventListener(
      "hint",
      (event) => this.#hintController?.show((event as CustomEvent<HintMessage>).detail),
      { signal },
    );
  }

  /** A reading can arrive after a pause. */
  #showReading(reading: Reading): void {
    if (["on", "starting"].includes(this.capture?.status ?? "")) this.#reading?.show(reading);
  }

  #buildBar(): HTMLElement {
    const title = element(
      "h1",
      { class: "bar-title", ...describeLanguage(this.session?.lesson.language ?? "") },
      this.session?.lesson.title ?? "",
    );
    return element("div", { class: "lesson-bar" }, title, this.#hintLink, this.#status);
  }

  /** Updates the view after the guardian has answered. */
  consentChanged(consent: Consent): void {
    this.consent = consent;
    this.#renderGuardian(
      consent.state === "granted" ? gettext("Your guardian allowed the camera.") : null,
    );
    this.#renderCapture();
  }

  /** Shows the steps as their author has changed them. */
  stepsChanged(session: Session): void {
    this.session = session;
    this.#step.replaceSteps(session.lesson.steps);
  }

  /** Updates the view after the teacher has changed the closing time. */
  sessionChanged(session: Session): void {
    const isSame = session.closes_at === this.session?.closes_at;
    this.session = session;
    if (!isSame) this.#renderClosing();
  }

  #renderClosing(): void {
    const closesAt = this.session?.closes_at ?? null;
    this.#closing.textContent = closesAt === null ? "" : formatOpenUntil(closesAt);
  }

  #renderGuardian(message: string | null = null): void {
    const text = message ?? (this.consent && formatGuardianState(this.consent));
    const note = text && element("p", { class: "note" }, icon("notice"), " ", text);
    replaceContent(this.#guardian, note);
  }

  #buildNotices(): HTMLElement {
    this.#renderGuardian();
    this.#renderClosing();
    return element(
      "div",
      { class: "notices" },
      this.#guardian,
      this.#closing,
      this.#mode,
      this.#message,
      this.#takeOver,
    );
  }

  #buildGrid(): HTMLElement {
    if (this.capture) {
      this.#reading = element("live-reading", { hidden: !this.consent?.granted.own_view });
      this.#calibration = element("camera-calibration");
      this.#calibration.api = this.api;
      this.#calibration.keptDays = this.session?.kept_days ?? 0;
    }
    return element(
      "div",
      { class: "lesson-grid" },
      element("div", { class: "lesson-main" }, this.#step),
      element(
        "aside",
        { class: "lesson-side", "aria-label": gettext("You and this lesson") },
        this.#rating,
        this.#hintController?.settings,
        this.#reading,
        this.#calibration,
      ),
    );
  }

  #renderActions(): HTMLElement {
    const withdraw = element("withdraw-consent");
    withdraw.api = this.api;
    const leave = (): void => emit(this, "leave");
    const attributes = { type: "button", class: "quiet", onclick: leave, "data-testid": "leave" };
    return element(
      "section",
      { class: "way-out", "aria-label": gettext("Leave or withdraw consent") },
      element("button", attributes, gettext("Leave the lesson")),
      this.consent && canWithdraw(this.consent) ? withdraw : null,
    );
  }

  #renderCapture(): void {
    const sign = this.capture?.status ?? "off";
    this.#status.toggleAttribute("offer-camera", this.#canOfferCamera());
    if (sign !== "on") this.#reading?.showPlaceholder(sign);
    this.#status.setAttribute("state", sign);
    this.#renderCalibration(sign);
    // Screen readers announce changes only.
    const message = this.capture?.message ?? "";
    if (this.#message.textContent !== message) this.#message.textContent = message;
    this.#mode.hidden = sign !== "on" && sign !== "starting";
    this.#mode.textContent = formatMode(this.capture?.mode ?? "frames");
    this.#takeOver.hidden = !this.capture?.canTakeOver;
    this.#hintController?.setOwnConnection(sign === "off" && !this.capture?.wasStoppedByServer);
    if (this.capture?.wasStoppedByServer) emit(this, "ask-server");
  }

  #renderCalibration(sign: CameraStatus): void {
    if (!this.#calibration) return;
    this.#calibration.status = sign;
    this.#calibration.hidden =
      !this.session?.policy.face_evidence_in_hints ||
      !this.consent?.granted.capture ||
      this.profile.expressions_do_not_fit;
  }

  #canOfferCamera(): boolean {
    const permitted = this.session?.policy.inference ?? false;
    return (
      permitted &&
      !this.profile.no_camera &&
      this.consent?.state !== "pending_guardian" &&
      !(this.consent && isRefusedByGuardian(this.consent)) &&
      !this.capture?.canTakeOver
    );
  }

  #requestHint(step: Step): void {
    this.#record("hint_asked");
    void this.#hintController?.requestHint(step);
  }

  /** Link in the bar to a hint below the step. */
  #updateHintLink(isShown: boolean): void {
    this.#hintLink.textContent = gettext("New hint below");
    this.#hintLink.hidden = !isShown;
  }

  #stepOpened(step: Step): void {
    this.#rating.clear();
    this.#hintController?.place.setStep(step.id);
    this.events?.push({ kind: "step_opened", step_id: step.id, value: null });
  }

  #record(kind: EventRequest["kind"], value: string | null = null, seconds?: number): void {
    const step_id = this.#step.current?.id ?? null;
    this.events?.push({ kind, step_id, value, ...(seconds ? { seconds } : {}) });
  }

  #watchIdle(signal: AbortSignal): void {
    const active = (): void => {
      const change = this.#idle.active(performance.now());
      if (change) this.#record(change);
    };
    for (const name of ["pointerdown", "pointermove", "keydown", "scroll"])
      document.addEventListener(name, active, { signal, passive: true });
    const timer = setInterval(() => {
      const idle = this.#idle.check(performance.now());
      if (idle) this.#record(idle, null, this.#idle.idleAfterMs / 1000);
    }, IDLE_CHECK_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }
}

function findWaitingAnswer(presses: PressQueue, stepId: number): string | null {
  const found = presses.waiting.findLast(
    (press) => press.kind === "answer" && press.answer.step_id === stepId,
  );
  return found?.kind === "answer" ? found.answer.answer : null;
}

customElements.define("lesson-view", LessonView);

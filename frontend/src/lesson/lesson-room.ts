import { DEFAULT_PROFILE } from "../api/profile";
import type { Consent, EventRequest, Profile, Session, Step } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import type { CaptureSession } from "../capture/capture-session";
import { modeWords } from "../capture/mode-words";
import type { HintAnswer, HintMessage, Reading } from "../capture/protocol";
import { announce, element, focusHeading, replaceContent } from "../dom";
import { icon } from "../icons";
import { gettext } from "../text";
import { RoomHints } from "./room-hints";
import type { EventQueue } from "./event-queue";
import { guardianSaidNo, guardianWords } from "./guardian-words";
import { IdleWatch } from "./idle";
import { canWithdraw } from "./stages";

const IDLE_CHECK_MS = 10_000;

/**
 * `<lesson-room>`: the lesson itself, with the sign, the reading, the hints and the ways out.
 * Tells "use" (the camera, please), "leave" and, from inside it, "withdrawing" and "erased".
 */
export class LessonRoom extends HTMLElement {
  session: Session | null = null;
  consent: Consent | null = null;
  capture: CaptureSession | null = null;
  api: SessionApi | null = null;
  events: EventQueue | null = null;
  profile: Profile = DEFAULT_PROFILE;
  startAt = 0;

  #sign = element("camera-sign");
  #words = element("p", { class: "camera-words", role: "status" });
  #mode = element("p", { class: "camera-mode", "data-testid": "camera-mode" });
  #guardian = element("div", { role: "status", "data-testid": "guardian-part" });
  #takeOver = element("button", { type: "button", class: "quiet" }, gettext("Use the camera here"));
  #step = element("lesson-step");
  #how = element("how-is-it");
  #hints: RoomHints | null = null;
  #hintBelow = element("a", { href: "#hint", class: "hint-below", hidden: true });
  #reading = element("live-reading");
  #rest = element("face-at-rest");
  #idle = new IdleWatch(performance.now());
  #ending = new AbortController();

  connectedCallback(): void {
    if (!this.session || !this.consent || !this.api || !this.capture) return;
    this.#hints = new RoomHints(this.api, this.capture, this.profile);
    void this.#hints.catchUp();
    this.#step.ask = this.api.submitAnswer;
    this.#step.easy = this.profile.reading_level === "easy";
    this.#step.steps = this.session.lesson.steps;
    this.#step.startAt = this.startAt;
    this.#listen();
    replaceContent(this, this.#bar(), this.#notice(), this.#grid(), this.#wayOut());
    this.#captureChanged();
  }

  disconnectedCallback(): void {
    this.#ending.abort();
    this.#hints?.keepOwnLink(false);
  }

  focusTitle(): void {
    focusHeading(this);
  }

  #listen(): void {
    const { signal } = this.#ending;
    const on = (name: string, then: (detail: unknown) => void): void =>
      this.addEventListener(name, (event) => then((event as CustomEvent).detail), { signal });
    on("pause", () => this.capture?.pause());
    on("resume", () => void this.capture?.resume());
    on("stop", () => this.capture?.stop());
    on("step", (detail) => this.#stepOpened((detail as { step: Step }).step));
    on("self-report", (detail) => this.#record("self_report", (detail as { value: string }).value));
    on("show-readings", (detail) => this.capture?.showReadings((detail as { on: boolean }).on));
    on("hint-answer", (detail) =>
      this.#hints?.answer(detail as { hint_id: number; answer: HintAnswer }),
    );
    on("hints-again", () => void this.#hints?.again());
    on("profile-changed", (detail) => (this.profile = (detail as { profile: Profile }).profile));
    on("hint-wanted", (detail) => this.#wantHint((detail as { step: Step }).step));
    on("hint-there", (detail) => this.#markHint((detail as { there: boolean }).there));
    on("show-easier", () => this.#step.showEasy(true));
    on("finish", () => announce(this, "leave"));
    this.#takeOver.addEventListener("click", () => void this.capture?.start(), { signal });
    this.#listenToCapture(signal);
    this.#watchIdleness(signal);
  }

  #listenToCapture(signal: AbortSignal): void {
    this.capture?.addEventListener("change", () => this.#captureChanged(), { signal });
    this.capture?.addEventListener(
      "reading",
      (event) => this.#reading.show((event as CustomEvent<Reading>).detail),
      { signal },
    );
    this.capture?.addEventListener(
      "hint",
      (event) => this.#hints?.show((event as CustomEvent<HintMessage>).detail),
      { signal },
    );
  }

  #bar(): HTMLElement {
    const title = element("h1", { class: "bar-title" }, this.session?.lesson.title ?? "");
    return element("div", { class: "lesson-bar" }, title, this.#hintBelow, this.#sign);
  }

  /** A guardian has answered: the words change in place, and the camera may be offered. */
  consentChanged(consent: Consent): void {
    this.consent = consent;
    this.#tellOfGuardian(consent.state === "granted" ? gettext("Your guardian said yes.") : null);
    this.#captureChanged();
  }

  #tellOfGuardian(news: string | null = null): void {
    const words = news ?? (this.consent && guardianWords(this.consent));
    const note = words && element("p", { class: "note" }, icon("notice"), " ", words);
    replaceContent(this.#guardian, note);
  }

  #notice(): HTMLElement {
    this.#tellOfGuardian();
    return element(
      "div",
      { class: "notices" },
      this.#guardian,
      this.#mode,
      this.#words,
      this.#takeOver,
    );
  }

  #grid(): HTMLElement {
    this.#reading.hidden = !this.consent?.granted.own_view;
    this.#rest.api = this.api;
    this.#rest.keptDays = this.session?.kept_days ?? 0;
    return element(
      "div",
      { class: "room-grid" },
      element("div", { class: "room-main" }, this.#step, this.#hints?.place),
      element(
        "aside",
        { class: "room-side", "aria-label": gettext("You and this lesson") },
        this.#how,
        this.#hints?.settings,
        this.#reading,
        this.#rest,
      ),
    );
  }

  #wayOut(): HTMLElement {
    const withdraw = element("withdraw-consent");
    withdraw.api = this.api;
    const leave = (): void => announce(this, "leave");
    const attributes = { type: "button", class: "quiet", onclick: leave, "data-testid": "leave" };
    return element(
      "section",
      { class: "way-out", "aria-label": gettext("Leave or take back") },
      element("button", attributes, gettext("Leave the lesson")),
      this.consent && canWithdraw(this.consent) ? withdraw : null,
    );
  }

  #captureChanged(): void {
    const sign = this.capture?.sign ?? "off";
    this.#sign.toggleAttribute("offer-camera", this.#mayOfferCamera());
    if (sign !== "on") this.#reading.waitFor(sign);
    this.#sign.setAttribute("state", sign);
    this.#rest.sign = sign;
    this.#rest.hidden = !this.consent?.granted.capture || this.profile.expressions_do_not_fit;
    this.#words.textContent = this.capture?.words ?? "";
    this.#mode.hidden = sign === "off";
    this.#mode.textContent = modeWords(this.capture?.mode ?? "frames");
    this.#takeOver.hidden = !this.capture?.canTakeOver;
    this.#hints?.keepOwnLink(sign === "off" && !this.capture?.stoppedByServer);
    this.#hints?.linkChanged();
    if (this.capture?.stoppedByServer) announce(this, "ask-server");
  }

  #mayOfferCamera(): boolean {
    const permitted = this.session?.policy.inference ?? false;
    return (
      permitted &&
      !this.profile.no_camera &&
      this.consent?.state !== "pending_guardian" &&
      !(this.consent && guardianSaidNo(this.consent)) &&
      !this.capture?.canTakeOver
    );
  }

  #wantHint(step: Step): void {
    this.#record("hint_asked");
    void this.#hints?.ask(step);
  }

  /** A steady word in the bar, so that a hint below a long step is found without looking for it. */
  #markHint(there: boolean): void {
    this.#hintBelow.textContent = gettext("A hint is below");
    this.#hintBelow.hidden = !there;
  }

  #stepOpened(step: Step): void {
    this.#how.clear();
    this.#hints?.place.atStep(step.id);
    this.events?.push({ kind: "step_opened", step_id: step.id, value: null });
  }

  #record(kind: EventRequest["kind"], value: string | null = null, seconds?: number): void {
    const step_id = this.#step.current?.id ?? null;
    this.events?.push({ kind, step_id, value, ...(seconds ? { seconds } : {}) });
  }

  #watchIdleness(signal: AbortSignal): void {
    const active = (): void => {
      const back = this.#idle.active(performance.now());
      if (back) this.#record(back);
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

customElements.define("lesson-room", LessonRoom);

declare global {
  interface HTMLElementTagNameMap {
    "lesson-room": LessonRoom;
  }
}

import { ApiProblem } from "../api/http";
import { DEFAULT_PROFILE, getProfile } from "../api/profile";
import type { Consent, Profile, Session } from "../api/schema";
import { SessionApi } from "../api/sessions";
import { CaptureSession } from "../capture/capture-session";
import type { CaptureMode } from "../capture/frame-encoder";
import { element, focusHeading, replaceContent } from "../dom";
import { getLastStep, saveLastStep } from "../page/browser-settings";
import { askBeforeLeaving } from "../page/drafts";
import { buildErrorPanel } from "../page/error-panel";
import { OTHER_PERSON_EVENT, SIGNED_OUT_EVENT } from "../page/page-events";
import { gettext } from "../text";
import type { Participation } from "./camera/camera-question";
import type { ConsentDecision } from "./consent/consent-form";
import { isCameraPermitted, selectMode } from "./consent/permissions";
import { EventQueue } from "./event-queue";
import { buildLessonEnd } from "./lesson-end";
import { PressQueue } from "./press-queue";
import { computeFirstStage, computeNextStage, type Stage } from "./stages";

const SESSION_POLL_INTERVAL_MS = 30_000;
const CLOSING_DELAY_MS = 500;

/** `<lesson-page session="ID">`: a student's lesson from welcome to end. */
class LessonPage extends HTMLElement {
  #api = new SessionApi(this.getAttribute("session") ?? "");
  #events = new EventQueue(this.#api.sendEvents, this.#api.sessionId);
  #presses = new PressQueue(this.#api, this.#api.sessionId);
  #capture = new CaptureSession((mode) => this.#api.createTicket(mode));
  #session: Session | null = null;
  #consent: Consent | null = null;
  #profile: Profile = DEFAULT_PROFILE;
  #timer: ReturnType<typeof setInterval> | undefined;
  #closingTimer: ReturnType<typeof setTimeout> | undefined;
  #title = document.title;
  #stopAsking: () => void = () => undefined;

  connectedCallback(): void {
    this.#listen();
    this.#capture.addEventListener("change", () => this.#updateTitle());
    this.#timer = setInterval(() => void this.#pollSession(), SESSION_POLL_INTERVAL_MS);
    globalThis.addEventListener("pagehide", () => this.#events.sendBeforeUnload());
    document.addEventListener(OTHER_PERSON_EVENT, this.#stopForOther);
    document.addEventListener(SIGNED_OUT_EVENT, this.#stopForOther);
    this.#stopAsking = askBeforeLeaving(() => this.#hasUnsent());
    void this.#load();
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#closingTimer);
    this.#capture.dispose();
    document.removeEventListener(OTHER_PERSON_EVENT, this.#stopForOther);
    document.removeEventListener(SIGNED_OUT_EVENT, this.#stopForOther);
    this.#stopAsking();
  }

  #hasUnsent(): boolean {
    const question = this.querySelector("step-question");
    return this.#presses.waiting.length > 0 || (question?.hasUnsentText ?? false);
  }

  /** Nobody else's face may reach the record of this person. */
  #stopForOther = (): void => this.#capture.stop();

  #listen(): void {
    const on = (name: string, then: (detail: never) => void): void =>
      this.addEventListener(name, (event) => then((event as CustomEvent).detail as never));
    on("step", ({ at }: { at: number }) => saveLastStep(this.#session?.id ?? "", at));
    on("begin", () => this.#afterWelcome());
    on("choose", ({ way }: { way: Participation }) => this.#choose(way));
    on("back", () => this.#show("question"));
    on("agree", (decision: ConsentDecision) => void this.#agree(decision));
    on("start", () => this.#startWithCamera());
    on("without", () => this.#withoutCamera());
    on("use", () => this.#useCamera());
    on("leave", () => void this.#leave());
    on("withdrawing", () => this.#capture.stop());
    on("erased", ({ consent }: { consent: Consent }) => this.#erased(consent));
    on("profile-changed", ({ profile }: { profile: Profile }) => (this.#profile = profile));
    on("reload-steps", () => void this.#reloadSteps());
    on("ask-server", () => void this.#handleServerStop());
  }

  async #load(): Promise<void> {
    try {
      [this.#session, this.#consent, this.#profile] = await Promise.all([
        this.#api.getSession(),
        this.#api.getConsent(),
        getProfile(),
      ]);
      this.#scheduleClosing();
      this.#show(computeFirstStage(this.#session), false);
    } catch (error) {
      replaceContent(
        this,
        buildErrorPanel(error, () => void this.#load()),
      );
    }
  }

  #show(stage: Stage, moveFocus = true): void {
    if (this.#session && this.#consent)
      this.#capture.choose(selectMode(this.#session, this.#consent));
    const node = this.#buildStage(stage);
    if (node) replaceContent(this, node);
    this.closest("body")?.classList.toggle("in-lesson", stage === "lesson");
    if (moveFocus) focusHeading(this.querySelector("lesson-step") ?? this);
    globalThis.scrollTo(0, 0);
  }

  #buildStage(stage: Stage): HTMLElement | null {
    const [session, consent] = [this.#session, this.#consent];
    if (!session || !consent) return null;
    switch (stage) {
      case "welcome":
        return Object.assign(element("lesson-welcome"), { session });
      case "question":
        return Object.assign(element("camera-question"), { session });
      case "preview":
        return Object.assign(element("camera-preview"), { capture: this.#capture });
      case "ended":
        return buildLessonEnd(session, "ended");
      case "lesson":
        return this.#buildLessonView(session, consent);
    }
  }

  #buildLessonView(session: Session, consent: Consent): HTMLElement {
    const [capture, api, events] = [this.#capture, this.#api, this.#events];
    const [startAt, profile] = [getLastStep(session.id), this.#profile];
    const [view, presses] = [element("lesson-view"), this.#presses];
    return Object.assign(view, {
      session,
      consent,
      capture,
      api,
      events,
      presses,
      startAt,
      profile,
    });
  }

  #afterWelcome(): void {
    if (this.#session && this.#consent)
      this.#show(computeNextStage(this.#session, this.#consent, this.#profile));
  }

  #choose(way: Participation): void {
    if (way === "without") this.#withoutCamera();
    else this.#askConsent(way === "device" ? "scores" : "frames");
  }

  #askConsent(mode: CaptureMode): void {
    this.#capture.choose(mode);
    const research = this.#session?.policy.research ?? false;
    const form = Object.assign(element("consent-form"), { consent: this.#consent, mode, research });
    replaceContent(this, form);
    focusHeading(this);
    globalThis.scrollTo(0, 0);
  }

  async #agree({ grants, read }: ConsentDecision): Promise<void> {
    try {
      this.#consent = await this.#api.grantConsent(this.#consent, grants, read);
      this.#show(isCameraPermitted(this.#consent) ? "preview" : "lesson");
    } catch (error) {
      await this.#handleConsentError(error);
    }
  }

  async #handleConsentError(error: unknown): Promise<void> {
    if (error instanceof ApiProblem && error.reason === "session_ended") {
      await this.#pollSession();
      return;
    }
    if (error instanceof ApiProblem && error.status === 409) {
      this.#consent = await this.#api.getConsent();
      this.#askConsent(this.#capture.mode);
    }
    const text =
      error instanceof ApiProblem && error.status === 409
        ? gettext("The text has changed. Please read it again.")
        : gettext("That did not work. You have not agreed to anything. Please try again.");
    this.querySelector("consent-form")?.showProblem(text);
  }

  #startWithCamera(): void {
    void this.#capture.start();
    this.#show("lesson");
  }

  #withoutCamera(): void {
    this.#capture.stop();
    this.#show("lesson");
  }

  #useCamera(): void {
    if (this.#consent) this.#show(isCameraPermitted(this.#consent) ? "preview" : "question");
  }

  async #leave(): Promise<void> {
    this.#capture.stop();
    await this.#events.flush();
    await this.#api.leave().catch(() => undefined);
    if (this.#session) replaceContent(this, buildLessonEnd(this.#session, "left"));
    this.closest("body")?.classList.remove("in-lesson");
    focusHeading(this);
  }

  #erased(consent: Consent): void {
    this.#consent = consent;
    this.#show("lesson");
  }

  async #reloadSteps(): Promise<void> {
    const session = await this.#api.getSession().catch(() => null);
    if (!session) return;
    this.#session = session;
    this.querySelector("lesson-view")?.stepsChanged(session);
  }

  /** Fetches why the server stopped the camera: consent withdrawn elsewhere or session ended. */
  async #handleServerStop(): Promise<void> {
    await this.#pollSession();
    const consent = await this.#api.getConsent().catch(() => null);
    const changed = consent !== null && consent.epoch !== this.#consent?.epoch;
    if (changed) this.#consent = consent;
    this.#capture.acknowledgeServerStop();
    if (changed && this.querySelector("lesson-view")) this.#show("lesson");
  }

  /** Checks whether the session has ended or its policy has changed. */
  async #pollSession(): Promise<void> {
    try {
      const session = await this.#api.getSession();
      const ended = session.state === "ended" && this.#session?.state !== "ended";
      this.#session = session;
      if (!ended) {
        this.querySelector("lesson-view")?.sessionChanged(session);
        this.#scheduleClosing();
        await this.#pollGuardian();
        return;
      }
      this.#capture.stop();
      this.#show("ended");
    } catch {
      // Retried at the next poll.
    }
  }

  /** Polls at the closing time where it comes before the next poll. */
  #scheduleClosing(): void {
    clearTimeout(this.#closingTimer);
    const closesAt = this.#session?.closes_at;
    if (!closesAt) return;
    const inMs = Date.parse(closesAt) - Date.now() + CLOSING_DELAY_MS;
    if (inMs > 0 && inMs < SESSION_POLL_INTERVAL_MS)
      this.#closingTimer = setTimeout(() => void this.#pollSession(), inMs);
  }

  /** Checks whether the guardian has answered. */
  async #pollGuardian(): Promise<void> {
    if (this.#consent?.state !== "pending_guardian") return;
    const consent = await this.#api.getConsent();
    if (consent.state === "pending_guardian") return;
    this.#consent = consent;
    this.querySelector("lesson-view")?.consentChanged(consent);
  }

  /** Shows the camera status in the tab's title. */
  #updateTitle(): void {
    document.title = this.#capture.camera.live
      ? `● ${gettext("Camera on")} – ${this.#title}`
      : this.#title;
  }
}

customElements.define("lesson-page", LessonPage);

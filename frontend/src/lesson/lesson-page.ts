import { ApiProblem } from "../api/http";
import { DEFAULT_PROFILE, getProfile } from "../api/profile";
import type { Consent, Profile, Session } from "../api/schema";
import { SessionApi } from "../api/sessions";
import type { CaptureSession } from "../capture/capture-session";
import type { CaptureMode } from "../capture/frame-encoder";
import { element, focusHeading, replaceContent } from "../dom";
import { getLastStep, saveLastStep } from "../page/browser-settings";
import { askBeforeLeaving } from "../page/drafts";
import { buildErrorPanel } from "../page/error-panel";
import { OTHER_PERSON_EVENT, SIGNED_OUT_EVENT } from "../page/page-events";
import { gettext } from "../text";
import type { Participation } from "./camera/camera-question";
import type { ConsentDecision } from "./consent/consent-form";
import { formatConsentProblem } from "./consent/consent-problem";
import { finishWithdrawal, finishWithdrawalLater } from "./consent/pending-withdrawal";
import { isCameraPermitted, selectMode } from "./consent/permissions";
import { EventQueue } from "./event-queue";
import { PressQueue } from "./press-queue";
import type { EndReason } from "./lesson-end";
import { loadLessonEnd } from "./load-end";
import { computeFirstStage, computeNextStage, type Stage } from "./stages";

const loadLessonPart = (): Promise<unknown> => import("./parts/lesson-part");
const loadConsentPart = (): Promise<unknown> => import("./parts/consent-part");
const SESSION_POLL_INTERVAL_MS = 30_000;
const CLOSING_DELAY_MS = 500;

/** `<lesson-page session="ID">`: a student's lesson from welcome to end. */
class LessonPage extends HTMLElement {
  #api = new SessionApi(this.getAttribute("session") ?? "");
  #events = new EventQueue(this.#api.sendEvents, this.#api.sessionId);
  #presses = new PressQueue(this.#api, this.#api.sessionId);
  /** Created when the student wants to use the camera. */
  #capture: CaptureSession | null = null;
  #mode: CaptureMode = "frames";
  #shown = 0;
  #session: Session | null = null;
  #consent: Consent | null = null;
  #profile: Profile = DEFAULT_PROFILE;
  #timer: ReturnType<typeof setInterval> | undefined;
  #closingTimer: ReturnType<typeof setTimeout> | undefined;
  #title = document.title;
  #stopAsking: () => void = () => undefined;

  connectedCallback(): void {
    this.#presses.drop(({ kind }) => kind === "leave"); // of an earlier page: the student is back
    this.#listen();
    this.#timer = setInterval(() => void this.#pollSession(), SESSION_POLL_INTERVAL_MS);
    globalThis.addEventListener("pagehide", () => this.#events.sendBeforeUnload());
    document.addEventListener(OTHER_PERSON_EVENT, this.#stopForOther);
    document.addEventListener(SIGNED_OUT_EVENT, this.#stopForOther);
    finishWithdrawalLater(this.#api, () => void this.#handleServerStop());
    this.#stopAsking = askBeforeLeaving(() => this.#hasUnsent());
    void this.#load();
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#closingTimer);
    this.#capture?.dispose();
    document.removeEventListener(OTHER_PERSON_EVENT, this.#stopForOther);
    document.removeEventListener(SIGNED_OUT_EVENT, this.#stopForOther);
    this.#stopAsking();
  }

  #hasUnsent(): boolean {
    const question = this.querySelector("step-question");
    return this.#presses.waiting.length > 0 || (question?.hasUnsentText ?? false);
  }

  /** Nobody else's face may reach the record of this person. */
  #stopForOther = (): void => this.#capture?.stop();

  #listen(): void {
    const on = (name: string, then: (detail: never) => void): void =>
      this.addEventListener(name, (event) => then((event as CustomEvent).detail as never));
    on("step", ({ at }: { at: number }) => saveLastStep(this.#session?.id ?? "", at));
    on("begin", () => this.#afterWelcome());
    on("choose", ({ way }: { way: Participation }) => this.#choose(way));
    on("back", () => void this.#show("question"));
    on("decline", () => this.#withoutCamera());
    on("agree", (decision: ConsentDecision) => void this.#agree(decision));
    on("start", () => this.#startWithCamera());
    on("without", () => this.#withoutCamera());
    on("use", () => this.#useCamera());
    on(
      "leave",
      (detail: { isFinished?: boolean } | null) =>
        void this.#leave(detail?.isFinished ? "finished" : "left"),
    );
    on("withdrawing", () => this.#capture?.stop());
    on("erased", ({ consent }: { consent: Consent }) => this.#erased(consent));
    on("profile-changed", ({ profile }: { profile: Profile }) => (this.#profile = profile));
    on("reload-steps", () => void this.#reloadSteps());
    on("ask-server", () => void this.#handleServerStop());
  }

  async #load(): Promise<void> {
    try {
      await finishWithdrawal(this.#api);
      [this.#session, this.#consent, this.#profile] = await Promise.all([
        this.#api.getSession(),
        this.#api.getConsent(),
        getProfile(),
      ]);
      this.#scheduleClosing();
      await this.#show(computeFirstStage(this.#session), false);
      // The lesson goes on where the network is lost after the welcome.
      void loadLessonPart().catch(() => undefined);
    } catch (error) {
      const panel = buildErrorPanel(error, () => void this.#load());
      replaceContent(this, panel);
    }
  }

  /** Loads the parts that a stage needs, then shows it, unless another was chosen meanwhile. */
  async #show(stage: Stage, moveFocus = true): Promise<void> {
    const number = ++this.#shown;
    try {
      const node = await this.#buildStage(stage);
      if (!node || number !== this.#shown) return;
      replaceContent(this, node);
    } catch {
      const problem = new ApiProblem(0, null, "A part of the page did not load.");
      const panel = buildErrorPanel(problem, () => void this.#show(stage));
      replaceContent(this, panel);
    }
    this.closest("body")?.classList.toggle("in-lesson", stage === "lesson");
    if (moveFocus) focusHeading(this.querySelector("lesson-step") ?? this);
    globalThis.scrollTo(0, 0);
  }

  async #buildStage(stage: Stage): Promise<HTMLElement | null> {
    const [session, consent] = [this.#session, this.#consent];
    if (!session || !consent) return null;
    if (stage !== "ended") this.#chooseMode(selectMode(session, consent));
    switch (stage) {
      case "welcome":
        return Object.assign(element("lesson-welcome"), { session });
      case "question":
        await loadConsentPart();
        return Object.assign(element("camera-question"), { session });
      case "preview": {
        const capture = await this.#openCapture();
        return Object.assign(element("camera-preview"), { capture });
      }
      case "ended":
        return loadLessonEnd(this.#api, session, "ended");
      case "lesson":
        await loadLessonPart();
        return this.#buildLessonView(session, consent);
    }
  }

  #chooseMode(mode: CaptureMode): void {
    this.#mode = mode;
    this.#capture?.choose(mode);
  }

  async #openCapture(): Promise<CaptureSession> {
    const { CaptureSession } = await import("./parts/camera-part");
    if (!this.#capture) {
      this.#capture = new CaptureSession((mode) => this.#api.createTicket(mode));
      this.#capture.addEventListener("change", () => this.#updateTitle());
    }
    this.#capture.choose(this.#mode);
    return this.#capture;
  }

  #buildLessonView(session: Session, consent: Consent): HTMLElement {
    return Object.assign(element("lesson-view"), {
      session,
      consent,
      capture: this.#capture,
      api: this.#api,
      events: this.#events,
      presses: this.#presses,
      startAt: getLastStep(session.id),
      profile: this.#profile,
    });
  }

  #afterWelcome(): void {
    if (this.#session && this.#consent)
      void this.#show(computeNextStage(this.#session, this.#consent, this.#profile));
  }

  #choose(way: Participation): void {
    if (way === "without") this.#withoutCamera();
    else this.#askConsent(way === "device" ? "scores" : "frames");
  }

  #askConsent(mode: CaptureMode): void {
    this.#chooseMode(mode);
    const research = this.#session?.policy.research ?? false;
    const form = Object.assign(element("consent-form"), { consent: this.#consent, mode, research });
    replaceContent(this, form);
    this.#moveToTop();
  }

  #moveToTop(): void {
    focusHeading(this);
    globalThis.scrollTo(0, 0);
  }

  async #agree({ grants, read }: ConsentDecision): Promise<void> {
    try {
      this.#consent = await this.#api.grantConsent(this.#consent, grants, read);
      await this.#show(isCameraPermitted(this.#consent) ? "preview" : "lesson");
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
      this.#askConsent(this.#mode);
    }
    // Where the reply was lost, the server may have stored the answer.
    const isUnknown = error instanceof ApiProblem && !error.isFinal;
    const stored = isUnknown ? await this.#api.getConsent().catch(() => null) : null;
    if (stored && isCameraPermitted(stored)) {
      this.#consent = stored;
      await this.#show("preview");
      return;
    }
    this.querySelector("consent-form")?.showProblem(
      formatConsentProblem(error, isUnknown && !stored),
    );
  }

  #startWithCamera(): void {
    void this.#capture?.start();
    void this.#show("lesson");
  }

  #withoutCamera(): void {
    this.#capture?.stop();
    void this.#show("lesson");
  }

  #useCamera(): void {
    if (this.#consent) void this.#show(isCameraPermitted(this.#consent) ? "preview" : "question");
  }

  async #leave(reason: EndReason): Promise<void> {
    this.#capture?.stop();
    const flushed = this.#events.flush();
    this.#presses.add({ kind: "leave" }).catch(() => undefined);
    if (!this.#session) return;
    replaceContent(this, await loadLessonEnd(this.#api, this.#session, reason, flushed));
    this.closest("body")?.classList.remove("in-lesson");
    this.#moveToTop();
  }

  #erased(consent: Consent): void {
    this.#consent = consent;
    void this.#show("lesson");
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
    this.#capture?.acknowledgeServerStop();
    if (changed && this.querySelector("lesson-view")) await this.#show("lesson");
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
      this.#capture?.stop();
      await this.#show("ended");
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
    document.title = this.#capture?.camera.live
      ? `● ${gettext("Camera on")} – ${this.#title}`
      : this.#title;
  }
}

customElements.define("lesson-page", LessonPage);

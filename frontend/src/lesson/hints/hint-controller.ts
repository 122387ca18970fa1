import { ApiProblem } from "../../api/http";
import { areHintsPaused, changeProfile, resumeHints } from "../../api/profile";
import type { Hint, HintAnswerEnum, Profile, Step, TimingEnum } from "../../api/schema";
import type { SessionApi } from "../../api/sessions";
import { Connection } from "../../capture/connection";
import type { HintMessage } from "../../capture/protocol";
import { element, emit, replaceContent } from "../../dom";
import { buildFormChoice } from "../../profile/form-choice";
import { gettext } from "../../text";
import type { Press, PressQueue } from "../press-queue";
import { buildPausedNote } from "./paused-hints";
import { buildRuleExplanations } from "./rule-explanations";

type Answer = { hint_id: number | string; answer: HintAnswerEnum };

/**
 * Receives hints over the camera's socket or one of its own, and shows them. Answers wait in the
 * press queue until the server has them.
 */
export class HintController {
  readonly place = element("hint-panel");
  readonly settings = element("details", {
    class: "hint-settings",
    "data-testid": "hint-settings",
  });
  #connection: Connection | null = null;
  #paused = element("div");
  #status = element("p", { role: "status", class: "small" });

  constructor(
    readonly api: SessionApi,
    readonly profile: Profile,
    readonly presses: PressQueue,
  ) {
    this.#renderSettings();
  }

  /** Shows the latest unanswered hint after a reload. */
  async loadHints(): Promise<void> {
    const [hints, isPaused] = await Promise.all([
      this.api.listHints().catch(() => []),
      areHintsPaused().catch(() => false),
    ]);
    if (isPaused) this.#setPaused(true);
    const newest = hints.at(-1);
    if (newest && !newest.answer) this.show({ type: "hint", ...newest });
  }

  show(hint: HintMessage): void {
    this.place.show(hint);
  }

  async requestHint(step: Step): Promise<void> {
    this.#status.textContent = "";
    const isWaiting = this.presses.waiting.some(
      (press) => press.kind === "ask" && press.step_id === step.id,
    );
    if (isWaiting) return;
    this.place.say("");
    try {
      const ask: Press = { kind: "ask", step_id: step.id };
      const hint = await this.presses.add<Hint>(ask, () => this.place.say(formatWaiting()));
      this.place.showRequested({ type: "hint", ...hint });
    } catch (error) {
      this.place.say(formatHintProblem(error));
    }
  }

  /** Shows a hint that an earlier page asked for. */
  showLate(hint: Hint): void {
    this.place.show({ type: "hint", ...hint });
  }

  /** Opens or closes the hints' own socket. */
  setOwnConnection(wanted: boolean): void {
    if (!wanted) {
      this.#connection?.stop();
      this.#connection = null;
    } else if (!this.#connection) {
      this.#connection = new Connection({
        ticket: () => this.api.createTicket("lesson"),
        onState: () => undefined,
        onMessage: (message) => message.type === "hint" && this.show(message),
      });
      this.#connection.start();
    }
  }

  answer(answer: Answer): void {
    if (answer.answer === "leave_me_alone") this.#setPaused(true);
    this.presses.add({ kind: "hint", ...answer }).catch(() => undefined);
  }

  /** A rating that does not arrive is not sent again: nothing depends on it. */
  async rateTiming(hintId: number | string, timing: TimingEnum): Promise<void> {
    await this.api.rateTiming(hintId, timing).catch(() => undefined);
  }

  /** Resumes hints and drops an unsent pause. */
  async resume(): Promise<void> {
    this.presses.drop((press) => press.kind === "hint" && press.answer === "leave_me_alone");
    try {
      await resumeHints();
      this.#setPaused(false);
      this.#status.textContent = gettext("Hints are on again.");
      this.place.showResumed();
    } catch {
      const text = gettext("Not saved. Please try again.");
      this.#status.textContent = text;
      this.place.say(text);
    }
  }

  #setPaused(isPaused: boolean): void {
    this.place.setPaused(isPaused);
    replaceContent(this.#paused, isPaused && buildPausedNote(() => void this.resume()));
  }

  #renderSettings(): void {
    const { hint_form, hints_muted } = this.profile;
    const mute = element("input", {
      type: "checkbox",
      checked: hints_muted,
      onchange: () => void this.#change({ hints_muted: mute.checked }),
      "data-testid": "mute-hints",
    });
    replaceContent(
      this.settings,
      element("summary", {}, gettext("Hint settings")),
      buildFormChoice(hint_form, (form) => void this.#change({ hint_form: form })),
      element(
        "label",
        { class: "tick" },
        mute,
        element("span", {}, gettext("Hints only when I ask")),
      ),
      this.#paused,
      this.#status,
      buildRuleExplanations(this.api),
    );
  }

  async #change(change: Partial<Profile>): Promise<void> {
    try {
      emit(this.settings, "profile-changed", { profile: await changeProfile(change) });
      this.#status.textContent = gettext("Saved. It applies to the next hint.");
    } catch {
      this.#status.textContent = gettext("Not saved. Please try again.");
    }
  }
}

function formatWaiting(): string {
  return gettext("The hint comes as soon as there is a connection.");
}

function formatHintProblem(error: unknown): string {
  if (error instanceof ApiProblem && error.reason === "session_ended")
    return gettext("This lesson is closed.");
  if (error instanceof ApiProblem && error.status === 429)
    return gettext("Please wait a moment, then ask again.");
  return gettext("The hint did not load. Please ask again.");
}

import { ApiProblem } from "../api/http";
import { changeProfile, areHintsPaused, resumeHints } from "../api/profile";
import type { Profile, Step } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import type { CaptureSession } from "../capture/capture-session";
import { Connection } from "../capture/connection";
import type { ClientMessage, HintAnswer, HintMessage } from "../capture/protocol";
import { emit, element, replaceContent } from "../dom";
import { buildFormChoice } from "../profile/form-choice";
import { gettext } from "../text";
import { buildPausedNote } from "./paused-hints";
import { buildRuleExplanations } from "./rule-explanations";

type Answer = { hint_id: number | string; answer: HintAnswer };

/**
 * Receives hints over the camera's socket or one of its own, shows them and sends the answers,
 * also after a lost connection.
 */
export class HintController {
  readonly place = element("hint-panel");
  readonly settings = element("details", {
    class: "hint-settings",
    "data-testid": "hint-settings",
  });
  #link: Connection | null = null;
  #pending: ClientMessage[] = [];
  #paused = element("div");
  #problem = element("p", { role: "status", class: "small" });

  constructor(
    readonly api: SessionApi,
    readonly capture: CaptureSession,
    readonly profile: Profile,
  ) {
    this.#renderSettings();
  }

  /** Shows the latest unanswered hint after a reload. */
  async loadHints(): Promise<void> {
    const [hints, alone] = await Promise.all([
      this.api.listHints().catch(() => []),
      areHintsPaused().catch(() => false),
    ]);
    if (alone) this.#setPaused(true);
    const newest = hints.at(-1);
    if (newest && !newest.answer) this.show({ type: "hint", ...newest });
  }

  show(hint: HintMessage): void {
    this.place.show(hint);
  }

  async ask(step: Step): Promise<void> {
    this.#problem.textContent = "";
    this.place.say("");
    try {
      const hint = await this.api.requestHint(step.id);
      this.place.showRequested({ type: "hint", ...hint });
    } catch (error) {
      const busy = error instanceof ApiProblem && error.status === 429;
      this.place.say(
        busy
          ? gettext("Please wait a moment, then ask again.")
          : gettext("The hint did not load. Please ask again."),
      );
    }
  }

  /** Opens or closes the hints' own socket. */
  setOwnConnection(wanted: boolean): void {
    if (!wanted) {
      this.#link?.stop();
      this.#link = null;
    } else if (!this.#link) {
      this.#link = new Connection({
        ticket: () => this.api.createTicket("lesson"),
        onState: ({ state }) => state === "open" && this.#sendPending(),
        onMessage: (message) => message.type === "hint" && this.show(message),
      });
      this.#link.start();
    }
  }

  answer(answer: Answer): void {
    if (answer.answer === "leave_me_alone") this.#setPaused(true);
    this.#pending.push({ type: "hint_response", ...answer });
    this.#sendPending();
  }

  /** Resumes hints and drops an unsent pause. */
  async again(): Promise<void> {
    this.#pending = this.#pending.filter(
      (message) => message.type !== "hint_response" || message.answer !== "leave_me_alone",
    );
    try {
      await resumeHints();
      this.#setPaused(false);
      this.#problem.textContent = gettext("Hints are on again.");
      this.place.showResumed();
    } catch {
      const words = gettext("Not saved. Please try again.");
      this.#problem.textContent = words;
      this.place.say(words);
    }
  }

  #setPaused(alone: boolean): void {
    this.place.setPaused(alone);
    replaceContent(this.#paused, alone && buildPausedNote(() => void this.again()));
  }

  #sendPending(): void {
    while (this.#pending[0]) {
      const message = this.#pending[0];
      if (!this.#link?.send(message) && !this.capture.send(message)) return;
      this.#pending.shift();
    }
  }

  retryPending(): void {
    this.#sendPending();
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
      this.#problem,
      buildRuleExplanations(this.api),
    );
  }

  async #change(change: Partial<Profile>): Promise<void> {
    try {
      emit(this.settings, "profile-changed", { profile: await changeProfile(change) });
      this.#problem.textContent = gettext("Saved. It applies to the next hint.");
    } catch {
      this.#problem.textContent = gettext("Not saved. Please try again.");
    }
  }
}

import type { HintAnswerEnum, TimingEnum } from "../../api/schema";
import type { HintMessage } from "../../capture/protocol";
import { element, emit, replaceContent } from "../../dom";
import { gettext, interpolate } from "../../text";
import { buildHintCard } from "./hint-card";
import { buildPausedNote } from "./paused-hints";

/**
 * `<hint-panel>`: shows one hint below the step, announced without moving the focus. Requested
 * hints and hints for the current step come first; the others stay as buttons. Emits "hint-answer"
 * with {hint_id, answer}, "hint-timing" with {hint_id, timing}, "show-easier", "hints-again" and "hint-shown" with {isShown}.
 */
export class HintPanel extends HTMLElement {
  /** Language of the lesson's texts; empty: not stated. */
  language = "";
  /** Hints not shown, newest first. */
  #waiting: HintMessage[] = [];
  #shown: HintMessage | null = null;
  #knownIds = new Set<number | string>();
  #openedIds = new Set<number | string>();
  #step: number | null = null;
  #box = element("div", { "data-testid": "hint" });
  #buttons = element("div", { class: "row", "data-testid": "other-hints" });
  #paused = element("div");
  #error = element("p", { role: "status", class: "small", "data-testid": "hint-status" });
  #announcement = element("p", {
    role: "status",
    class: "visually-hidden",
    "data-testid": "hint-announcement",
  });

  connectedCallback(): void {
    replaceContent(this, this.#announcement, this.#error, this.#box, this.#buttons, this.#paused);
  }

  show(hint: HintMessage): void {
    if (this.#knownIds.has(hint.hint_id)) return;
    this.#knownIds.add(hint.hint_id);
    this.#waiting.unshift(hint);
    if (this.#isForOtherStep(hint)) this.#renderWaiting();
    else if (!this.#shown || this.#isForCurrentStep(hint)) this.#open(hint);
    else this.#renderWaiting();
  }

  /** Shows a requested hint and moves the focus to it. */
  showRequested(hint: HintMessage): void {
    const isRepeated = this.#shown !== null && isSameHint(this.#shown, hint);
    this.#knownIds.add(hint.hint_id);
    this.#waiting = [hint, ...this.#waiting.filter(({ hint_id }) => hint_id !== hint.hint_id)];
    this.#open(hint);
    if (isRepeated)
      this.say(gettext("There is no further hint for this step. This is the last one."));
    this.#box.querySelector<HTMLElement>("#hint")?.focus();
  }

  /** Sets the current step and shows a waiting hint for it. */
  setStep(step: number | null): void {
    this.#step = step;
    const waiting = this.#waiting.find(
      (hint) => !this.#openedIds.has(hint.hint_id) && this.#isForCurrentStep(hint),
    );
    if (waiting) this.#open(waiting);
    else if (this.#shown && this.#isForOtherStep(this.#shown) && !this.#hasFocus()) this.#close();
    else this.#renderWaiting();
  }

  setPaused(isPaused: boolean): void {
    const resume = (): void => emit(this, "hints-again");
    replaceContent(this.#paused, isPaused && buildPausedNote(resume));
  }

  /** Confirms that hints are resumed, in place of the button. */
  showResumed(): void {
    this.setPaused(false);
    if (this.#shown) return;
    replaceContent(this.#box, buildThanks(gettext("Hints are on again.")));
    this.#box.querySelector<HTMLElement>("[tabindex]")?.focus();
  }

  /** Shows a message in a live region next to the hint. */
  say(text: string): void {
    this.#error.textContent = text;
  }

  /** For the current step, while the shown hint is not and has no focus. */
  #isForCurrentStep({ step_id }: HintMessage): boolean {
    return (
      this.#step !== null &&
      step_id === this.#step &&
      this.#shown?.step_id !== this.#step &&
      !this.#hasFocus()
    );
  }

  /** For the content of another step; offers and questions concern no single step. */
  #isForOtherStep(hint: HintMessage): boolean {
    const { step_id } = hint;
    return isAboutContent(hint) && this.#step !== null && step_id != null && step_id !== this.#step;
  }

  #hasFocus(): boolean {
    return this.#box.contains(document.activeElement);
  }

  /** Removes the card when its step is left; it stays available there as a button. */
  #close(): void {
    if (this.#shown) this.#waiting.push(this.#shown);
    this.#announcement.textContent = "";
    this.say("");
    replaceContent(this.#box);
    this.#setShown(null);
  }

  #open(hint: HintMessage): void {
    if (this.#shown) this.#waiting.push(this.#shown);
    this.#waiting = this.#waiting.filter((other) => !isSameHint(other, hint));
    this.#openedIds.add(hint.hint_id);
    this.#setShown(hint);
    this.say("");
    const answer = (given: HintAnswerEnum): void => this.#answer(hint, given);
    const showEasier = (): void => emit(this, "show-easier");
    const rateTiming = (timing: TimingEnum): void =>
      emit(this, "hint-timing", { hint_id: hint.hint_id, timing });
    const language = isAboutContent(hint) ? this.language : "";
    const events = { answer, showEasier, rateTiming };
    replaceContent(this.#box, buildHintCard(hint, events, language));
    this.#announcement.textContent = interpolate(gettext("New hint below the step: %(title)s"), {
      title: hint.title || gettext("A hint"),
    });
  }

  #setShown(hint: HintMessage | null): void {
    this.#shown = hint;
    emit(this, "hint-shown", { isShown: hint !== null });
    this.#renderWaiting();
  }

  #renderWaiting(): void {
    const available = this.#waiting.filter((hint) => !this.#isForOtherStep(hint));
    const buttons = available.map((hint) => {
      const title = hint.title || gettext("A hint");
      const text = this.#openedIds.has(hint.hint_id)
        ? gettext("Back to: %(title)s")
        : gettext("Another hint: %(title)s");
      const open = (): void => this.showRequested(hint);
      const attributes = { type: "button", class: "plain", onclick: open };
      return element("button", attributes, interpolate(text, { title }));
    });
    replaceContent(this.#buttons, ...buttons);
  }

  #answer(hint: HintMessage, answer: HintAnswerEnum): void {
    emit(this, "hint-answer", { hint_id: hint.hint_id, answer });
    const isPause = answer === "leave_me_alone";
    this.#announcement.textContent = "";
    this.say("");
    if (isPause) this.#waiting = [];
    this.#setShown(null);
    replaceContent(this.#box, isPause ? null : buildThanks(formatThanks(hint, answer)));
    if (isPause) this.setPaused(true);
    const next = this.#waiting.findLast(
      (other) => !this.#openedIds.has(other.hint_id) && !this.#isForOtherStep(other),
    );
    if (next) this.#open(next);
    // The pressed button was removed: move the focus to its replacement.
    (isPause ? this.#paused : this.#box).querySelector<HTMLElement>("[tabindex]")?.focus();
  }
}

function isAboutContent({ kind = "hint" }: HintMessage): boolean {
  return kind === "hint" || kind === "easier";
}

/** The last hint of a step is sent again, under a new ID, when another is requested. */
function isSameHint(a: HintMessage, b: HintMessage): boolean {
  if (a.hint_id === b.hint_id) return true;
  return a.step_id === b.step_id && a.title === b.title && a.body === b.body;
}

function formatThanks({ kind }: HintMessage, answer: HintAnswerEnum): string {
  return kind === "question" && answer === "yes"
    ? gettext("Thank you. A hint comes next.")
    : gettext("Thank you.");
}

function buildThanks(text: string): HTMLElement {
  return element("p", { class: "small soft", tabindex: "-1" }, text);
}

customElements.define("hint-panel", HintPanel);

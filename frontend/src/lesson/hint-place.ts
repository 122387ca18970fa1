import type { HintAnswer, HintMessage } from "../capture/protocol";
import { announce, element, replaceContent } from "../dom";
import { gettext, interpolate } from "../text";
import { hintCard } from "./hint-card";
import { leftAloneNote } from "./left-alone";

/**
 * `<hint-place>`: where help appears, below the step; announced politely, it never takes the focus
 * and never goes by itself. One card at a time: what was asked for, or is about the step in front,
 * comes before what stands there, which stays one button away and unanswered. Tells "hint-answer"
 * with {hint_id, answer}, "show-easier", "hints-again", and "hint-there" with {there} for the bar.
 */
export class HintPlace extends HTMLElement {
  /** Beside the one that is shown, the newest first. */
  #others: HintMessage[] = [];
  #shown: HintMessage | null = null;
  #known = new Set<number | string>();
  #opened = new Set<number | string>();
  #step: number | null = null;
  #box = element("div", { "data-testid": "hint" });
  #row = element("div", { class: "row", "data-testid": "other-hints" });
  #alone = element("div");
  #trouble = element("p", { role: "status", class: "small", "data-testid": "hint-trouble" });
  #said = element("p", { role: "status", class: "visually-hidden", "data-testid": "hint-said" });

  connectedCallback(): void {
    replaceContent(this, this.#said, this.#box, this.#row, this.#alone, this.#trouble);
  }

  show(hint: HintMessage): void {
    if (this.#known.has(hint.hint_id)) return;
    this.#known.add(hint.hint_id);
    this.#others.unshift(hint);
    if (!this.#shown || this.#isForHere(hint)) this.#open(hint);
    else this.#drawOthers();
  }

  /** What somebody asked for is what they see now, and they are taken to it. */
  showAsked(hint: HintMessage): void {
    this.#known.add(hint.hint_id);
    this.#others = [hint, ...this.#others.filter(({ hint_id }) => hint_id !== hint.hint_id)];
    this.#open(hint);
    this.#box.querySelector<HTMLElement>("#hint")?.focus();
  }

  /** Another step is in front: a hint for it that waits behind one for the last step comes now. */
  atStep(step: number | null): void {
    this.#step = step;
    const own = this.#others.find(
      (hint) => !this.#opened.has(hint.hint_id) && this.#isForHere(hint),
    );
    if (this.#shown && own) this.#open(own);
  }

  /** While somebody wants to be left alone it says so, whatever card comes and goes. */
  setAlone(alone: boolean): void {
    const again = (): void => announce(this, "hints-again");
    replaceContent(this.#alone, alone && leftAloneNote(again));
  }

  /** Hints may come again: said where the button was that asked for it. */
  welcomeBack(): void {
    this.setAlone(false);
    if (this.#shown) return;
    replaceContent(this.#box, thanks(gettext("Hints may come again.")));
    this.#box.querySelector<HTMLElement>("[tabindex]")?.focus();
  }

  /** Beside the card, which stays as it is; in a region that was there before its words. */
  say(words: string): void {
    this.#trouble.textContent = words;
  }

  /** It is about the step in front, what stands there is not, and nobody is at work in that. */
  #isForHere({ step_id }: HintMessage): boolean {
    return (
      this.#step !== null &&
      step_id === this.#step &&
      this.#shown?.step_id !== this.#step &&
      !this.#box.contains(document.activeElement)
    );
  }

  #open(hint: HintMessage): void {
    if (this.#shown && this.#shown !== hint) this.#others.push(this.#shown);
    this.#others = this.#others.filter((other) => other !== hint);
    this.#opened.add(hint.hint_id);
    this.#setShown(hint);
    this.say("");
    const answer = (given: HintAnswer): void => this.#answer(hint, given);
    const showEasier = (): void => announce(this, "show-easier");
    replaceContent(this.#box, hintCard(hint, { answer, showEasier }));
    this.#said.textContent = interpolate(gettext("A hint is below the step: %(title)s"), {
      title: hint.title || gettext("A hint"),
    });
  }

  #setShown(hint: HintMessage | null): void {
    this.#shown = hint;
    announce(this, "hint-there", { there: hint !== null });
    this.#drawOthers();
  }

  #drawOthers(): void {
    const buttons = this.#others.map((hint) => {
      const title = hint.title || gettext("A hint");
      const words = this.#opened.has(hint.hint_id)
        ? gettext("Back to: %(title)s")
        : gettext("Another hint: %(title)s");
      const open = (): void => this.showAsked(hint);
      const attributes = { type: "button", class: "plain", onclick: open };
      return element("button", attributes, interpolate(words, { title }));
    });
    replaceContent(this.#row, ...buttons);
  }

  #answer(hint: HintMessage, answer: HintAnswer): void {
    announce(this, "hint-answer", { hint_id: hint.hint_id, answer });
    const leave = answer === "leave_me_alone";
    this.#said.textContent = "";
    this.say("");
    if (leave) this.#others = [];
    this.#setShown(null);
    replaceContent(this.#box, leave ? null : thanks(thanksWords(hint, answer)));
    if (leave) this.setAlone(true);
    const next = this.#others.findLast((other) => !this.#opened.has(other.hint_id));
    if (next) this.#open(next);
    // The button that was pressed is gone: the focus goes to what stands in its place.
    (leave ? this.#alone : this.#box).querySelector<HTMLElement>("[tabindex]")?.focus();
  }
}

function thanksWords({ kind }: HintMessage, answer: HintAnswer): string {
  return kind === "question" && answer === "yes"
    ? gettext("Thank you. Something that may help comes next.")
    : gettext("Thank you, noted.");
}

function thanks(words: string): HTMLElement {
  return element("p", { class: "small soft", tabindex: "-1" }, words);
}

customElements.define("hint-place", HintPlace);

declare global {
  interface HTMLElementTagNameMap {
    "hint-place": HintPlace;
  }
}

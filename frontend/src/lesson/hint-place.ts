import type { HintAnswer, HintMessage } from "../capture/protocol";
import { announce, element, replaceContent } from "../dom";
import { gettext } from "../text";

const ANSWERS: { answer: HintAnswer; words: () => string }[] = [
  { answer: "helped", words: () => gettext("That helped") },
  { answer: "not_now", words: () => gettext("Not now") },
  { answer: "not_hard", words: () => gettext("I'm fine") },
  { answer: "leave_me_alone", words: () => gettext("Leave me alone today") },
];

/** `<hint-place>`: where help appears, below the step. Tells "hint-answer" with {hint_id, answer}. */
export class HintPlace extends HTMLElement {
  #waiting: HintMessage[] = [];
  #shown: HintMessage | null = null;
  #box = element("div", { "aria-live": "polite", "data-testid": "hint" });

  connectedCallback(): void {
    replaceContent(this, this.#box);
  }

  show(hint: HintMessage): void {
    const known = [this.#shown, ...this.#waiting].some((each) => each?.hint_id === hint.hint_id);
    if (known) return;
    this.#waiting.push(hint);
    if (!this.#shown) this.#next();
  }

  #next(): void {
    this.#shown = this.#waiting.shift() ?? null;
    if (this.#shown) replaceContent(this.#box, this.#card(this.#shown));
  }

  #card(hint: HintMessage): HTMLElement {
    const answers = ANSWERS.map(({ answer, words }) => {
      const give = (): void => this.#answer(hint, answer);
      return element("button", { type: "button", class: "quiet", onclick: give }, words());
    });
    return element(
      "section",
      { class: "card hint" },
      element("h2", {}, hint.title),
      element("p", {}, hint.body),
      hint.why &&
        element("p", { class: "small soft" }, gettext("Why you see this:"), " ", hint.why),
      element("div", { class: "row" }, ...answers),
    );
  }

  #answer(hint: HintMessage, answer: HintAnswer): void {
    announce(this, "hint-answer", { hint_id: hint.hint_id, answer });
    if (answer === "leave_me_alone") this.#waiting = [];
    const thanks = element("p", { class: "small soft", tabindex: "-1" }, gettext("Thank you."));
    replaceContent(this.#box, thanks);
    thanks.focus();
    this.#next();
  }
}

customElements.define("hint-place", HintPlace);

declare global {
  interface HTMLElementTagNameMap {
    "hint-place": HintPlace;
  }
}

import type { HintAnswer, HintMessage } from "../capture/protocol";
import { announce, element, replaceContent } from "../dom";
import { gettext, interpolate } from "../text";
import { hintCard } from "./hint-card";

/**
 * `<hint-place>`: where help appears, below the step; announced politely, it never takes the focus
 * and never goes by itself. Tells "hint-answer" with {hint_id, answer}, "show-easier", and
 * "hint-there" with {there} for the sign in the bar.
 */
export class HintPlace extends HTMLElement {
  #waiting: HintMessage[] = [];
  #shown: HintMessage | null = null;
  #known = new Set<number | string>();
  #box = element("div", { "data-testid": "hint" });
  #said = element("p", { role: "status", class: "visually-hidden", "data-testid": "hint-said" });

  connectedCallback(): void {
    replaceContent(this, this.#said, this.#box);
  }

  show(hint: HintMessage): void {
    if (this.#known.has(hint.hint_id)) return;
    this.#known.add(hint.hint_id);
    this.#waiting.push(hint);
    if (!this.#shown) this.#next();
  }

  /** Who asked for the hint is taken to it. */
  focusCard(): void {
    this.#box.querySelector<HTMLElement>("#hint")?.focus();
  }

  /** Left alone since before this page was opened, and how to change that. */
  showAlone(hint: HintMessage): void {
    this.#known.add(hint.hint_id);
    replaceContent(this.#box, this.#alone(hint));
  }

  say(words: string): void {
    this.#said.textContent = "";
    replaceContent(this.#box, element("p", { class: "small", role: "status" }, words));
  }

  /** Not taken back by the server: it was decided elsewhere that this one is done with. */
  #next(): void {
    this.#shown = this.#waiting.shift() ?? null;
    announce(this, "hint-there", { there: this.#shown !== null });
    if (!this.#shown) return;
    const hint = this.#shown;
    const answer = (given: HintAnswer): void => this.#answer(hint, given);
    const showEasier = (): void => announce(this, "show-easier");
    replaceContent(this.#box, hintCard(hint, { answer, showEasier }));
    this.#said.textContent = interpolate(gettext("A hint is below the step: %(title)s"), {
      title: hint.title || gettext("A hint"),
    });
  }

  #answer(hint: HintMessage, answer: HintAnswer): void {
    announce(this, "hint-answer", { hint_id: hint.hint_id, answer });
    this.#said.textContent = "";
    if (answer === "leave_me_alone") this.#waiting = [];
    const after = answer === "leave_me_alone" ? this.#alone(hint) : thanks(answer);
    replaceContent(this.#box, after);
    this.#next();
    // The button that was pressed is gone: the focus goes to what stands in its place.
    this.#box.querySelector<HTMLElement>("[tabindex]")?.focus();
  }

  #alone(hint: HintMessage): HTMLElement {
    const again = (): void => {
      announce(this, "hint-answer", { hint_id: hint.hint_id, answer: "hints_again" });
      replaceContent(this.#box, thanks("hints_again"));
      this.#box.querySelector<HTMLElement>("[tabindex]")?.focus();
    };
    const attributes = { type: "button", class: "plain", onclick: again };
    return element(
      "div",
      { class: "small" },
      element(
        "p",
        { class: "soft", tabindex: "-1" },
        gettext("No hint comes by itself today. Asking for one still works."),
      ),
      element(
        "button",
        { ...attributes, "data-testid": "hints-again" },
        gettext("Let hints come again"),
      ),
    );
  }
}

function thanks(answer: HintAnswer): HTMLElement {
  const words =
    answer === "hints_again" ? gettext("Hints may come again.") : gettext("Thank you, noted.");
  return element("p", { class: "small soft", tabindex: "-1" }, words);
}

customElements.define("hint-place", HintPlace);

declare global {
  interface HTMLElementTagNameMap {
    "hint-place": HintPlace;
  }
}

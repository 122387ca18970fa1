import type { StepRatingShares } from "../../api/schema";
import { element, emit, replaceContent } from "../../dom";
import { icon, type IconName } from "../../icons";
import { gettext } from "../../text";

type Rating = keyof StepRatingShares;

const RATINGS: { value: Rating; icon: IconName; text: () => string }[] = [
  { value: "easy", icon: "easy", text: () => gettext("Easy") },
  { value: "fine", icon: "middling", text: () => gettext("Fine") },
  { value: "hard", icon: "steep", text: () => gettext("Hard") },
];

/** `<step-rating>`: rates the step easy, fine or hard. Emits "self-report" with {value}. */
export class StepRating extends HTMLElement {
  #thanks = element("p", { class: "small soft", role: "status", "data-testid": "rating-thanks" });
  #buttons: HTMLButtonElement[] = [];
  #title = element("h2", { class: "aside-title", id: "rating-title" });
  #resolve = false;

  connectedCallback(): void {
    this.#buttons = RATINGS.map((rating) =>
      element(
        "button",
        {
          type: "button",
          class: "quiet",
          "aria-pressed": "false",
          "data-testid": `rating-${rating.value}`,
          onclick: () => this.#select(rating.value),
        },
        icon(rating.icon),
        rating.text(),
      ),
    );
    this.#title.textContent = gettext("How is this step?");
    const group = { class: "row", role: "group", "aria-labelledby": "rating-title" };
    replaceContent(this, this.#title, element("div", group, ...this.#buttons), this.#thanks);
  }

  /** Resets for a new step; does not ask again directly after an answer. */
  clear(): void {
    this.#title.textContent = this.#resolve
      ? gettext("You can rate this step")
      : gettext("How is this step?");
    this.#resolve = false;
    for (const button of this.#buttons) button.setAttribute("aria-pressed", "false");
    this.#thanks.textContent = "";
  }

  #select(value: Rating): void {
    this.#resolve = true;
    RATINGS.forEach((rating, at) =>
      this.#buttons[at]?.setAttribute("aria-pressed", String(rating.value === value)),
    );
    this.#thanks.textContent = gettext("Thank you. You can change your answer.");
    emit(this, "self-report", { value });
  }
}

customElements.define("step-rating", StepRating);

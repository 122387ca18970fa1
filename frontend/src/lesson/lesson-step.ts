import type { Step } from "../api/types";
import { announce, element, focusHeading, replaceContent } from "../dom";
import { gettext, interpolate } from "../text";
import { renderBlocks } from "./step-text";

/**
 * `<lesson-step>`: one step in the middle, with the way back and on.
 * Tells "step" with {step, at} at each opening and "finish" after the last.
 */
export class LessonStep extends HTMLElement {
  steps: Step[] = [];
  startAt = 0;
  #at = 0;

  connectedCallback(): void {
    this.#open(Math.min(this.startAt, Math.max(this.steps.length - 1, 0)), false);
  }

  get current(): Step | undefined {
    return this.steps[this.#at];
  }

  #open(at: number, moveFocus: boolean): void {
    this.#at = at;
    const step = this.current;
    if (step) this.#draw(at, step);
    else replaceContent(this, element("p", {}, gettext("This lesson has no steps yet.")));
    if (moveFocus) focusHeading(this);
    if (step) announce(this, "step", { step, at });
  }

  #draw(at: number, step: Step): void {
    const place = interpolate(gettext("Step %(at)s of %(all)s"), {
      at: at + 1,
      all: this.steps.length,
    });
    replaceContent(
      this,
      element("p", { class: "place", "data-testid": "step-place" }, place),
      element("h2", {}, step.title),
      element("div", { class: "step-body" }, ...renderBlocks(step.body)),
      this.#ways(at),
    );
  }

  #ways(at: number): HTMLElement {
    const last = at === this.steps.length - 1;
    const back = (): void => this.#open(at - 1, true);
    const next = (): void => (last ? announce(this, "finish") : this.#open(at + 1, true));
    return element(
      "div",
      { class: "row step-ways" },
      element(
        "button",
        { type: "button", onclick: next, "data-testid": last ? "finish" : "next-step" },
        last ? gettext("Finish the lesson") : gettext("Next step"),
      ),
      at > 0 &&
        element(
          "button",
          { type: "button", class: "quiet", onclick: back, "data-testid": "previous-step" },
          gettext("Step back"),
        ),
    );
  }
}

customElements.define("lesson-step", LessonStep);

declare global {
  interface HTMLElementTagNameMap {
    "lesson-step": LessonStep;
  }
}

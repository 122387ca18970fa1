import type { AnswerRequest, GradedAnswer, Step } from "../api/schema";
import { emit, element, focusHeading, replaceContent } from "../dom";
import { gettext, interpolate } from "../text";
import { parseServerHtml } from "./step-html";
import { buildEmbed, buildPicture } from "./step-media";
import "./step-question";

/**
 * `<lesson-step>`: the current step with navigation. Emits "step" with {step, at} when one is
 * opened, "hint-wanted" with {step}, and "finish".
 */
export class LessonStep extends HTMLElement {
  steps: Step[] = [];
  startAt = 0;
  /** Show the easy version first, where a step has one. */
  easy = false;
  ask: ((answer: AnswerRequest) => Promise<GradedAnswer>) | null = null;
  #at = 0;
  #done = new Map<number, { answer: string; marked: GradedAnswer }>();
  #body = element("div");

  connectedCallback(): void {
    this.#open(Math.min(this.startAt, Math.max(this.steps.length - 1, 0)), false);
  }

  get current(): Step | undefined {
    return this.steps[this.#at];
  }

  /** Switches between the easy and the full version without moving the focus. */
  showEasy(easy: boolean): void {
    this.easy = easy;
    if (this.current) this.#renderBody(this.current);
  }

  #open(at: number, moveFocus: boolean): void {
    this.#at = at;
    const step = this.current;
    if (step) this.#render(at, step);
    else replaceContent(this, element("p", {}, gettext("This lesson has no steps yet.")));
    if (moveFocus) focusHeading(this);
    if (step) emit(this, "step", { step, at });
  }

  #render(at: number, step: Step): void {
    const place = interpolate(gettext("Step %(at)s of %(all)s"), {
      at: at + 1,
      all: this.steps.length,
    });
    this.#renderBody(step);
    replaceContent(
      this,
      element("p", { class: "place", "data-testid": "step-place" }, place),
      element("h2", {}, step.title),
      this.#body,
      step.picture && buildPicture(step.picture),
      step.embed && buildEmbed(step.embed),
      step.question && this.#question(step),
      step.hints > 0 && this.#askForHint(step),
      this.#renderActions(at),
    );
  }

  #renderBody(step: Step): void {
    const easy = this.easy && step.easy_html !== "";
    replaceContent(
      this.#body,
      step.easy_html !== "" && this.#easyToggle(easy),
      parseServerHtml(easy ? step.easy_html : step.html),
    );
  }

  #easyToggle(easy: boolean): HTMLElement {
    const toggle = (): void => {
      this.showEasy(!this.easy);
      this.#body.querySelector<HTMLElement>("button")?.focus();
    };
    const words = easy ? gettext("Show the full version") : gettext("Show the easy version");
    const attributes = {
      type: "button",
      class: "plain",
      onclick: toggle,
      "data-testid": "easier-form",
    };
    return element("p", {}, element("button", attributes, words));
  }

  #question(step: Step): HTMLElement {
    const form = element("step-question");
    form.addEventListener("answered", (event) =>
      this.#done.set(
        step.id,
        (event as CustomEvent).detail as { answer: string; marked: GradedAnswer },
      ),
    );
    return Object.assign(form, {
      question: step.question,
      stepId: step.id,
      ask: this.ask,
      done: this.#done.get(step.id) ?? null,
    });
  }

  #askForHint(step: Step): HTMLElement {
    const want = (): void => emit(this, "hint-wanted", { step });
    const attributes = {
      type: "button",
      class: "quiet",
      onclick: want,
      "data-testid": "ask-for-hint",
    };
    return element("p", {}, element("button", attributes, gettext("Give me a hint")));
  }

  #renderActions(at: number): HTMLElement {
    const last = at === this.steps.length - 1;
    const back = (): void => this.#open(at - 1, true);
    const next = (): void => (last ? emit(this, "finish") : this.#open(at + 1, true));
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
          gettext("Previous step"),
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

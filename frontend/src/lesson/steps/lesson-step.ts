import type { AnswerRequest, GradedAnswer, Step } from "../../api/schema";
import { element, emit, focusHeading, quietButton, replaceContent } from "../../dom";
import { gettext, interpolate } from "../../text";
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
  submit: ((answer: AnswerRequest) => Promise<GradedAnswer>) | null = null;
  #index = 0;
  #answers = new Map<number, { answer: string; graded: GradedAnswer }>();
  #body = element("div");

  connectedCallback(): void {
    this.#open(Math.min(this.startAt, Math.max(this.steps.length - 1, 0)), false);
  }

  get current(): Step | undefined {
    return this.steps[this.#index];
  }

  /** Switches between the easy and the full version without moving the focus. */
  showEasy(easy: boolean): void {
    this.easy = easy;
    if (this.current) this.#renderBody(this.current);
  }

  #open(index: number, moveFocus: boolean): void {
    this.#index = index;
    const step = this.current;
    if (step) this.#render(index, step);
    else replaceContent(this, element("p", {}, gettext("This lesson has no steps yet.")));
    if (moveFocus) focusHeading(this);
    if (step) emit(this, "step", { step, at: index });
  }

  #render(index: number, step: Step): void {
    const place = interpolate(gettext("Step %(at)s of %(all)s"), {
      at: index + 1,
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
      step.question && this.#buildQuestion(step),
      step.hints > 0 && this.#buildHintButton(step),
      this.#renderActions(index),
    );
  }

  #renderBody(step: Step): void {
    const easy = this.easy && step.easy_html !== "";
    replaceContent(
      this.#body,
      step.easy_html !== "" && this.#buildEasyToggle(easy),
      parseServerHtml(easy ? step.easy_html : step.html),
    );
  }

  #buildEasyToggle(easy: boolean): HTMLElement {
    const toggle = (): void => {
      this.showEasy(!this.easy);
      this.#body.querySelector<HTMLElement>("button")?.focus();
    };
    const text = easy ? gettext("Show the full version") : gettext("Show the easy version");
    const attributes = {
      type: "button",
      class: "plain",
      onclick: toggle,
      "data-testid": "easier-form",
    };
    return element("p", {}, element("button", attributes, text));
  }

  #buildQuestion(step: Step): HTMLElement {
    const form = element("step-question");
    form.addEventListener("answered", (event) =>
      this.#answers.set(
        step.id,
        (event as CustomEvent).detail as { answer: string; graded: GradedAnswer },
      ),
    );
    return Object.assign(form, {
      question: step.question,
      stepId: step.id,
      submit: this.submit,
      previous: this.#answers.get(step.id) ?? null,
    });
  }

  #buildHintButton(step: Step): HTMLElement {
    const requestHint = (): void => emit(this, "hint-wanted", { step });
    const attributes = {
      type: "button",
      class: "quiet",
      onclick: requestHint,
      "data-testid": "ask-for-hint",
    };
    return element("p", {}, element("button", attributes, gettext("Give me a hint")));
  }

  #renderActions(index: number): HTMLElement {
    const isLast = index === this.steps.length - 1;
    const goBack = (): void => this.#open(index - 1, true);
    const goOn = (): void => (isLast ? emit(this, "finish") : this.#open(index + 1, true));
    return element(
      "div",
      { class: "row step-ways" },
      element(
        "button",
        { type: "button", onclick: goOn, "data-testid": isLast ? "finish" : "next-step" },
        isLast ? gettext("Finish the lesson") : gettext("Next step"),
      ),
      index > 0 && quietButton(gettext("Previous step"), goBack, "previous-step"),
    );
  }
}

customElements.define("lesson-step", LessonStep);

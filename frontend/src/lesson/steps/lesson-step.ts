import type { GradedAnswer, Step, StepProgress } from "../../api/schema";
import { element, emit, focusHeading, quietButton, replaceContent } from "../../dom";
import { describeLanguage, gettext, interpolate } from "../../text";
import { parseServerHtml } from "./step-html";
import { buildEmbed, buildPicture } from "./step-media";
import { type SubmitAnswer } from "./step-question";
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
  submit: SubmitAnswer | null = null;
  /** Shown between the question and the navigation: hints. */
  place: HTMLElement | null = null;
  /** Names of drafts of this session begin with it. */
  draftPrefix = "";
  /** Language of the lesson's texts; empty: not stated. */
  language = "";
  /** What the server has counted before this page, by step. */
  results = new Map<number, StepProgress>();
  /** Text of an answer to a step that waits to be sent. */
  findWaiting: (stepId: number) => string | null = () => null;
  #index = 0;
  #answers = new Map<number, { answer: string; graded: GradedAnswer }>();
  #body = element("div");

  connectedCallback(): void {
    globalThis.addEventListener("popstate", this.#returnTo);
    this.#open(Math.min(this.startAt, Math.max(this.steps.length - 1, 0)), false);
  }

  disconnectedCallback(): void {
    globalThis.removeEventListener("popstate", this.#returnTo);
  }

  /** The browser's *Back* opens the step before, as long as there is one. */
  #returnTo = ({ state }: PopStateEvent): void => {
    const index = (state as { step?: number } | null)?.step;
    if (index !== undefined && index !== this.#index && this.steps[index]) this.#open(index, true);
  };

  #goTo(index: number): void {
    history.replaceState({ step: this.#index }, "");
    history.pushState({ step: index }, "");
    this.#open(index, true);
  }

  get current(): Step | undefined {
    return this.steps[this.#index];
  }

  /** Switches between the easy and the full version without moving the focus. */
  showEasy(easy: boolean): void {
    this.easy = easy;
    if (this.current) this.#renderBody(this.current);
  }

  /** Replaces the steps after their author has changed them, and stays on the same one. */
  replaceSteps(steps: Step[]): void {
    const id = this.current?.id;
    this.steps = steps;
    const index = steps.findIndex((step) => step.id === id);
    this.#open(Math.max(index, 0), false);
    if (index >= 0) this.querySelector("step-question")?.showChanged();
  }

  /** Shows the result of an answer that an earlier page gave. */
  showLate(stepId: number, answer: string, graded: GradedAnswer): void {
    this.#answers.set(stepId, { answer, graded });
    if (this.current?.id === stepId) this.querySelector("step-question")?.showLate(answer, graded);
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
      element("h2", describeLanguage(this.language), step.title),
      this.#body,
      step.picture && buildPicture(step.picture),
      step.embed && buildEmbed(step.embed),
      step.question && this.#buildQuestion(step),
      step.hints > 0 && this.#buildHintButton(step),
      this.place,
      this.#renderActions(index),
    );
    this.#rankActions();
  }

  /** One primary button: "Answer" until the answer is right, then "Next step". */
  #rankActions(): void {
    const step = this.current;
    const isRight = step && (this.#answers.get(step.id)?.graded.right ?? this.#readResult(step.id));
    const isOpen = step?.question && !isRight;
    this.querySelector(".step-ways button")?.classList.toggle("quiet", Boolean(isOpen));
  }

  #renderBody(step: Step): void {
    const easy = this.easy && step.easy_html !== "";
    replaceContent(
      this.#body,
      step.easy_html !== "" && this.#buildEasyToggle(easy),
      parseServerHtml(easy ? step.easy_html : step.html, this.language),
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
    form.addEventListener("answered", (event) => {
      const given = (event as CustomEvent).detail as { answer: string; graded: GradedAnswer };
      this.#answers.set(step.id, given);
      this.#rankActions();
    });
    return Object.assign(form, {
      question: step.question,
      language: this.language,
      stepId: step.id,
      revision: step.revision,
      draftName: `${this.draftPrefix}${step.id}`,
      waiting: this.findWaiting(step.id),
      submit: this.submit,
      previous: this.#answers.get(step.id) ?? null,
      wasRight: this.#readResult(step.id),
    });
  }

  #readResult(stepId: number): boolean | null {
    const stored = this.results.get(stepId);
    return stored?.attempts ? stored.right : null;
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
    const goBack = (): void => this.#goTo(index - 1);
    const goOn = (): void => (isLast ? emit(this, "finish") : this.#goTo(index + 1));
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

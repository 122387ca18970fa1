import { ApiProblem } from "../api/http";
import type { AnswerRequest, GradedAnswer, Question } from "../api/schema";
import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import { createKey } from "../idempotency-key";
import { gettext } from "../text";

type Ask = (answer: AnswerRequest) => Promise<GradedAnswer>;

/** `<step-question>`: form of a step's question with feedback. Keeps the answer on errors. */
export class StepQuestionForm extends HTMLElement {
  question: Question | null = null;
  stepId = 0;
  ask: Ask | null = null;
  /** Earlier answer to this step, if any. */
  done: { answer: string; marked: GradedAnswer } | null = null;

  #openedMs = performance.now();
  #feedback = element("div", { role: "status", class: "feedback", "data-testid": "feedback" });
  #button = element("button", { type: "submit", "data-testid": "answer" }, gettext("Answer"));
  #form = element("form", { novalidate: true, autocomplete: "off" });

  connectedCallback(): void {
    if (!this.question) return;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#answer();
    });
    const fields = this.question.kind === "choice" ? this.#choices() : this.#line();
    replaceContent(this.#form, fields, element("div", { class: "row" }, this.#button));
    replaceContent(this, this.#form, this.#feedback);
    if (this.done) this.#show(this.done.marked);
  }

  #choices(): HTMLElement {
    const given = this.done?.answer;
    const choices = (this.question?.choices ?? []).map((text, at) =>
      element(
        "label",
        { class: "tick" },
        element("input", {
          type: "radio",
          name: `answer-${this.stepId}`,
          value: at,
          checked: given === String(at),
        }),
        element("span", {}, text),
      ),
    );
    return element("fieldset", {}, element("legend", {}, this.question?.prompt ?? ""), ...choices);
  }

  #line(): HTMLElement {
    const number = this.question?.kind === "number";
    const input = element("input", {
      type: "text",
      name: `answer-${this.stepId}`,
      maxlength: 200,
      inputmode: number ? "decimal" : "text",
      value: this.done?.answer ?? "",
      class: number ? "short" : "",
    });
    const hint = number && element("small", {}, gettext("A number, for example 7, 1.5 or 3/4"));
    return element(
      "label",
      { class: "field" },
      element("span", {}, this.question?.prompt ?? ""),
      input,
      hint,
    );
  }

  #given(): string {
    const name = `answer-${this.stepId}`;
    const given = new FormData(this.#form).get(name);
    return typeof given === "string" ? given.trim() : "";
  }

  async #answer(): Promise<void> {
    const answer = this.#given();
    if (!answer) {
      this.#showStatus(gettext("Choose or write an answer first."));
      return;
    }
    const seconds = Math.round((performance.now() - this.#openedMs) / 1000);
    this.#button.setAttribute("aria-busy", "true");
    try {
      const marked = await this.ask?.({ step_id: this.stepId, answer, seconds, key: createKey() });
      if (!marked) return;
      this.done = { answer, marked };
      this.dispatchEvent(new CustomEvent("answered", { bubbles: true, detail: this.done }));
      this.#show(marked);
    } catch (error) {
      this.#showStatus(formatProblem(error));
    } finally {
      this.#button.removeAttribute("aria-busy");
    }
  }

  #show(marked: GradedAnswer): void {
    const usual = marked.right
      ? gettext("That is right.")
      : gettext("Not yet. Look again. You can try as often as you like.");
    this.#button.textContent = marked.right ? gettext("Answer again") : gettext("Try again");
    this.#button.classList.toggle("quiet", marked.right);
    this.#showStatus(marked.feedback || usual, marked.right);
  }

  #showStatus(words: string, right = false): void {
    replaceContent(this.#feedback, element("p", {}, icon(right ? "good" : "notice"), " ", words));
  }
}

function formatProblem(error: unknown): string {
  const status = error instanceof ApiProblem ? error.status : -1;
  if (status === 400) return gettext("Write a number, for example 7, 1.5 or 3/4.");
  if (status === 429) return gettext("Please wait a moment, then try again.");
  return gettext("Your answer was not sent. It is still here. Please try again.");
}

customElements.define("step-question", StepQuestionForm);

declare global {
  interface HTMLElementTagNameMap {
    "step-question": StepQuestionForm;
  }
}

import { ApiProblem } from "../../api/http";
import type { AnswerRequest, GradedAnswer, Question } from "../../api/schema";
import { element, replaceContent } from "../../dom";
import { icon } from "../../icons";
import { createKey } from "../../idempotency-key";
import { gettext } from "../../text";

type SubmitAnswer = (answer: AnswerRequest) => Promise<GradedAnswer>;

/** `<step-question>`: form of a step's question with feedback. Keeps the answer on errors. */
export class StepQuestionForm extends HTMLElement {
  question: Question | null = null;
  stepId = 0;
  submit: SubmitAnswer | null = null;
  /** Earlier answer to this step, if any. */
  previous: { answer: string; graded: GradedAnswer } | null = null;

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
    const fields = this.question.kind === "choice" ? this.#buildChoices() : this.#buildInput();
    replaceContent(this.#form, fields, element("div", { class: "row" }, this.#button));
    replaceContent(this, this.#form, this.#feedback);
    if (this.previous) this.#show(this.previous.graded);
  }

  #buildChoices(): HTMLElement {
    const answer = this.previous?.answer;
    const choices = (this.question?.choices ?? []).map((text, at) =>
      element(
        "label",
        { class: "tick" },
        element("input", {
          type: "radio",
          name: `answer-${this.stepId}`,
          value: at,
          checked: answer === String(at),
        }),
        element("span", {}, text),
      ),
    );
    return element("fieldset", {}, element("legend", {}, this.question?.prompt ?? ""), ...choices);
  }

  #buildInput(): HTMLElement {
    const number = this.question?.kind === "number";
    const input = element("input", {
      type: "text",
      name: `answer-${this.stepId}`,
      maxlength: 200,
      inputmode: number ? "decimal" : "text",
      value: this.previous?.answer ?? "",
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

  #readAnswer(): string {
    const name = `answer-${this.stepId}`;
    const answer = new FormData(this.#form).get(name);
    return typeof answer === "string" ? answer.trim() : "";
  }

  async #answer(): Promise<void> {
    const answer = this.#readAnswer();
    if (!answer) {
      this.#showStatus(gettext("Choose or write an answer first."));
      return;
    }
    const seconds = Math.round((performance.now() - this.#openedMs) / 1000);
    this.#button.setAttribute("aria-busy", "true");
    try {
      const graded = await this.submit?.({
        step_id: this.stepId,
        answer,
        seconds,
        key: createKey(),
      });
      if (!graded) return;
      this.previous = { answer, graded };
      this.dispatchEvent(new CustomEvent("answered", { bubbles: true, detail: this.previous }));
      this.#show(graded);
    } catch (error) {
      this.#showStatus(formatProblem(error));
    } finally {
      this.#button.removeAttribute("aria-busy");
    }
  }

  #show(graded: GradedAnswer): void {
    const usual = graded.right
      ? gettext("That is right.")
      : gettext("Not yet. Look again. You can try as often as you like.");
    this.#button.textContent = graded.right ? gettext("Answer again") : gettext("Try again");
    this.#button.classList.toggle("quiet", graded.right);
    this.#showStatus(graded.feedback || usual, graded.right);
  }

  #showStatus(text: string, right = false): void {
    replaceContent(this.#feedback, element("p", {}, icon(right ? "good" : "notice"), " ", text));
  }
}

function formatProblem(error: unknown): string {
  const status = error instanceof ApiProblem ? error.status : -1;
  if (error instanceof ApiProblem && status === 400)
    return error.fieldText("answer") ?? gettext("Write a number, for example 7, 1.5 or 3/4.");
  if (status === 409) return gettext("This lesson is closed. Your answer was not sent.");
  if (status === 429) return gettext("Please wait a moment, then try again.");
  return gettext("Your answer was not sent. It is still here. Please try again.");
}

customElements.define("step-question", StepQuestionForm);

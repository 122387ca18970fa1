import { ApiProblem } from "../../api/http";
import type { AnswerRequest, GradedAnswer, Question } from "../../api/schema";
import { element, emit, replaceContent } from "../../dom";
import { icon } from "../../icons";
import { deleteDraft, readDraft, saveDraft } from "../../page/drafts";
import { MAX_DURATION_MS } from "../../page/outbox";
import { scrollIntoView } from "../../page/scrolling";
import { describeLanguage, gettext } from "../../text";

/** `onWaiting` is called where the answer cannot be sent yet. */
export type SubmitAnswer = (
  answer: AnswerRequest,
  onWaiting: (error: unknown) => void,
) => Promise<GradedAnswer>;

/**
 * `<step-question>`: form of a step's question with feedback. Typed text is kept in this browser
 * until it is counted. Emits "answered" with {answer, graded} and "step-changed".
 */
export class StepQuestionForm extends HTMLElement {
  question: Question | null = null;
  stepId = 0;
  language = "";
  /** Whether an earlier page got a right answer counted; the answer itself is not stored. */
  wasRight: boolean | null = null;
  revision: number | null = null;
  draftName = "";
  /** An answer to this step that waits to be sent. */
  waiting: string | null = null;
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
    this.#form.addEventListener("input", () => saveDraft(this.draftName, this.#readAnswer()));
    this.#form.addEventListener("change", () => saveDraft(this.draftName, this.#readAnswer()));
    const fields = this.question.kind === "choice" ? this.#buildChoices() : this.#buildInput();
    replaceContent(this.#form, fields, element("div", { class: "row" }, this.#button));
    replaceContent(this, this.#form, this.#feedback);
    if (this.waiting !== null) this.#showWaiting(null);
    else if (this.previous) this.#show(this.previous.graded);
    else if (this.wasRight !== null)
      this.#show({ right: this.wasRight, attempts: 0, feedback: "" });
  }

  /** What to show in the form: an answer that waits, else typed text, else the last answer. */
  get #initial(): string {
    const draft = readDraft<string>(this.draftName)?.value;
    return this.waiting ?? draft ?? this.previous?.answer ?? "";
  }

  /** Whether something is typed or chosen that was not sent. */
  get hasUnsentText(): boolean {
    const answer = this.#readAnswer();
    return answer !== "" && answer !== this.previous?.answer && answer !== this.waiting;
  }

  /** Shows the result of an answer that an earlier page gave. */
  showLate(answer: string, graded: GradedAnswer): void {
    this.waiting = null;
    this.#keep(answer, graded);
  }

  /** Tells that the step was changed by its author while it was shown. */
  showChanged(): void {
    this.#showStatus(
      gettext("Your teacher has changed this question. Your answer was not counted. Answer again."),
    );
  }

  #buildChoices(): HTMLElement {
    const answer = this.#initial;
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
        element("span", describeLanguage(this.language), text),
      ),
    );
    const legend = element("legend", describeLanguage(this.language), this.question?.prompt ?? "");
    return element("fieldset", describeLanguage(this.language), legend, ...choices);
  }

  #buildInput(): HTMLElement {
    const number = this.question?.kind === "number";
    const input = element("input", {
      type: "text",
      name: `answer-${this.stepId}`,
      maxlength: 200,
      inputmode: number ? "decimal" : "text",
      value: this.#initial,
      dir: "auto",
      class: number ? "short" : "",
    });
    const hint = number && element("small", {}, gettext("A number, for example 7, 1.5 or 3/4"));
    return element(
      "label",
      { class: "field" },
      element("span", describeLanguage(this.language), this.question?.prompt ?? ""),
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
    if (this.#button.hasAttribute("aria-busy")) return;
    const answer = this.#readAnswer();
    if (!answer) {
      this.#showStatus(gettext("Choose or write an answer first."));
      return;
    }
    const openMs = Math.min(performance.now() - this.#openedMs, MAX_DURATION_MS);
    const seconds = Math.round(openMs / 1000);
    this.#button.setAttribute("aria-busy", "true");
    try {
      const graded = await this.submit?.(
        { step_id: this.stepId, answer, seconds, revision: this.revision },
        (error) => this.#showWaiting(error),
      );
      if (graded) this.#keep(answer, graded);
    } catch (error) {
      if (error instanceof ApiProblem && error.reason === "step_changed")
        emit(this, "step-changed");
      else this.#showStatus(formatProblem(error));
    } finally {
      this.#button.removeAttribute("aria-busy");
    }
  }

  #keep(answer: string, graded: GradedAnswer): void {
    deleteDraft(this.draftName);
    this.previous = { answer, graded };
    emit(this, "answered", this.previous);
    this.#show(graded);
  }

  #showWaiting(error: unknown): void {
    const isSignedOut = error instanceof ApiProblem && error.isSignedOut;
    this.#showStatus(
      isSignedOut
        ? gettext("Your answer is kept in this browser. It is sent when you are signed in again.")
        : gettext(
            "Your answer is kept in this browser. It is sent as soon as there is a connection.",
          ),
    );
  }

  #show(graded: GradedAnswer): void {
    const usual = graded.right
      ? gettext("That is right.")
      : gettext("Not yet. Look again. You can try as often as you like.");
    this.#button.textContent = graded.right ? gettext("Answer again") : gettext("Try again");
    this.#button.classList.toggle("quiet", graded.right);
    const isWritten = graded.feedback !== "";
    const text = isWritten ? graded.feedback : usual;
    this.#showStatus(text, graded.right, isWritten ? this.language : "");
  }

  #showStatus(text: string, right = false, language = ""): void {
    const sentence = element("span", describeLanguage(language), text);
    replaceContent(
      this.#feedback,
      element("p", {}, icon(right ? "good" : "notice"), " ", sentence),
    );
    scrollIntoView(this.#feedback);
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

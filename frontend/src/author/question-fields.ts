import type { QuestionDocument } from "../api/schema";
import { element, replaceContent } from "../dom";
import { gettext } from "../text";
import { buildSelect, buildTextArea, buildTextField, readValue } from "./fields";

const MIN_CHOICE_ROWS = 6;

/** Fields of a step's question, depending on its kind. */
export class QuestionFields {
  readonly node = element("fieldset", { class: "part" });
  #kind: HTMLElement;
  #details = element("div");

  constructor(readonly question: QuestionDocument | null) {
    this.#kind = buildSelect(gettext("Question"), "question-kind", question?.kind ?? "", [
      ["", gettext("none")],
      ["choice", gettext("choose one")],
      ["text", gettext("a short text")],
      ["number", gettext("a number")],
    ]);
    this.#kind.addEventListener("change", () => this.#render());
    replaceContent(this.node, this.#kind, this.#details);
    this.#render();
  }

  value(): QuestionDocument | null {
    const kind = readValue(this.node, "question-kind") as QuestionDocument["kind"] | "";
    if (kind === "") return null;
    const number = readValue(this.node, "number").replace(",", ".");
    return {
      kind,
      prompt: readValue(this.node, "prompt"),
      choices: kind === "choice" ? this.#readChoices() : [],
      accepted: kind === "text" ? lines(readValue(this.node, "accepted")) : [],
      number: kind === "number" && number !== "" ? Number(number) : null,
      tolerance:
        kind === "number" ? Number(readValue(this.node, "tolerance").replace(",", ".")) : 0,
      when_right: readValue(this.node, "when_right"),
      when_wrong: readValue(this.node, "when_wrong"),
    };
  }

  #readChoices(): { text: string; right: boolean }[] {
    const rows = [...this.#details.querySelectorAll(".choice-row")];
    return rows
      .map((row) => ({
        text: readValue(row, "choice"),
        right: row.querySelector<HTMLInputElement>("[type=checkbox]")?.checked ?? false,
      }))
      .filter((choice) => choice.text !== "");
  }

  #render(): void {
    const kind = readValue(this.node, "question-kind");
    const question = this.question;
    if (kind === "") {
      replaceContent(this.#details);
      return;
    }
    replaceContent(
      this.#details,
      buildTextField(gettext("Question text"), "prompt", question?.prompt ?? "", {
        maxlength: 500,
      }),
      ...this.#buildKindFields(kind),
      buildTextField(
        gettext("Feedback for a right answer"),
        "when_right",
        question?.when_right ?? "",
        {
          maxlength: 500,
        },
      ),
      buildTextField(
        gettext("Feedback for a wrong answer"),
        "when_wrong",
        question?.when_wrong ?? "",
        { maxlength: 500, hint: gettext("Write about the question, not about the student.") },
      ),
    );
  }

  #buildKindFields(kind: string): HTMLElement[] {
    const question = this.question;
    if (kind === "choice") return [this.#buildChoiceRows()];
    if (kind === "text")
      return [
        buildTextArea(
          gettext("Accepted answers, one per line"),
          "accepted",
          (question?.accepted ?? []).join("\n"),
          3,
          gettext("Capital letters, spaces and a final full stop are ignored."),
        ),
      ];
    return [
      buildTextField(gettext("The right number"), "number", String(question?.number ?? ""), {
        inputmode: "decimal",
        hint: gettext("Students may also write a fraction such as 3/4."),
      }),
      buildTextField(gettext("Tolerance"), "tolerance", String(question?.tolerance ?? 0), {
        inputmode: "decimal",
      }),
    ];
  }

  #buildChoiceRows(): HTMLElement {
    const choices = this.question?.choices ?? [];
    const rows = Array.from({ length: Math.max(MIN_CHOICE_ROWS, choices.length) }, (_, at) => {
      const choice = choices[at];
      const label = gettext("Choice") + ` ${at + 1}`;
      const right = element("input", { type: "checkbox", checked: choice?.right ?? false });
      return element(
        "div",
        { class: "choice-row" },
        buildTextField(label, "choice", choice?.text ?? "", { maxlength: 200 }),
        element("label", { class: "tick" }, right, element("span", {}, gettext("right"))),
      );
    });
    return element("fieldset", {}, element("legend", {}, gettext("Choices")), ...rows);
  }
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

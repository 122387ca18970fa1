import { element, replaceContent } from "../dom";
import { gettext } from "../text";
import type { QuestionDocument } from "../api/schema";
import { buildTextArea, buildSelect, buildTextField, readValue } from "./fields";

const MIN_CHOICE_ROWS = 6;

/** Fields of a step's question, depending on its kind. */
export class QuestionFields {
  readonly node = element("fieldset", { class: "part" });
  #kind: HTMLElement;
  #rest = element("div");

  constructor(readonly question: QuestionDocument | null) {
    this.#kind = buildSelect(gettext("Question"), "question-kind", question?.kind ?? "", [
      ["", gettext("none")],
      ["choice", gettext("choose one")],
      ["text", gettext("a short text")],
      ["number", gettext("a number")],
    ]);
    this.#kind.addEventListener("change", () => this.#render());
    replaceContent(this.node, this.#kind, this.#rest);
    this.#render();
  }

  value(): QuestionDocument | null {
    const kind = readValue(this.node, "question-kind") as QuestionDocument["kind"] | "";
    if (kind === "") return null;
    const number = readValue(this.node, "number").replace(",", ".");
    return {
      kind,
      prompt: readValue(this.node, "prompt"),
      choices: kind === "choice" ? this.#choices() : [],
      accepted: kind === "text" ? lines(readValue(this.node, "accepted")) : [],
      number: kind === "number" && number !== "" ? Number(number) : null,
      tolerance:
        kind === "number" ? Number(readValue(this.node, "tolerance").replace(",", ".")) : 0,
      when_right: readValue(this.node, "when_right"),
      when_wrong: readValue(this.node, "when_wrong"),
    };
  }

  #choices(): { text: string; right: boolean }[] {
    const rows = [...this.#rest.querySelectorAll(".choice-row")];
    return rows
      .map((row) => ({
        text: readValue(row, "choice"),
        right: row.querySelector<HTMLInputElement>("[type=checkbox]")?.checked ?? false,
      }))
      .filter((choice) => choice.text !== "");
  }

  #render(): void {
    const kind = readValue(this.node, "question-kind");
    const asked = this.question;
    if (kind === "") {
      replaceContent(this.#rest);
      return;
    }
    replaceContent(
      this.#rest,
      buildTextField(gettext("Question text"), "prompt", asked?.prompt ?? "", { maxlength: 500 }),
      ...this.#ofKind(kind),
      buildTextField(
        gettext("Feedback for a right answer"),
        "when_right",
        asked?.when_right ?? "",
        {
          maxlength: 500,
        },
      ),
      buildTextField(
        gettext("Feedback for a wrong answer"),
        "when_wrong",
        asked?.when_wrong ?? "",
        { maxlength: 500, hint: gettext("Write about the question, not about the student.") },
      ),
    );
  }

  #ofKind(kind: string): HTMLElement[] {
    const asked = this.question;
    if (kind === "choice") return [this.#choiceRows()];
    if (kind === "text")
      return [
        buildTextArea(
          gettext("Accepted answers, one per line"),
          "accepted",
          (asked?.accepted ?? []).join("\n"),
          3,
          gettext("Capital letters, spaces and a final full stop are ignored."),
        ),
      ];
    return [
      buildTextField(gettext("The right number"), "number", String(asked?.number ?? ""), {
        inputmode: "decimal",
        hint: gettext("Students may also write a fraction such as 3/4."),
      }),
      buildTextField(gettext("Tolerance"), "tolerance", String(asked?.tolerance ?? 0), {
        inputmode: "decimal",
      }),
    ];
  }

  #choiceRows(): HTMLElement {
    const given = this.question?.choices ?? [];
    const rows = Array.from({ length: Math.max(MIN_CHOICE_ROWS, given.length) }, (_, at) => {
      const choice = given[at];
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

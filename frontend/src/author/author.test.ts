// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { ApiProblem } from "../api/http";
import { buildHintFields, readHints } from "./hint-fields";
import { flattenProblems, listProblems } from "./problems";
import { QuestionFields } from "./question-fields";

describe("validation errors", () => {
  it("are prefixed with the field's label", () => {
    const fields = {
      title: ["This field may not be blank."],
      question: { choices: ["Mark at least one choice as right."] },
      hints: { 0: { text: ["Too long."] } },
    };
    expect(flattenProblems(fields)).toEqual([
      "Title: This field may not be blank.",
      "Question, choices: Mark at least one choice as right.",
      "Hints 1, text: Too long.",
    ]);
  });

  it("use the server's message for conflicts", () => {
    expect(listProblems(new ApiProblem(409, "conflict", "Somebody else."))).toEqual([
      "Somebody else.",
    ]);
  });
});

describe("QuestionFields", () => {
  const choose = (fields: QuestionFields, kind: string): void => {
    const select = fields.node.querySelector("select");
    if (!select) return;
    select.value = kind;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const fill = (fields: QuestionFields, name: string, value: string): void => {
    const field = fields.node.querySelector<HTMLInputElement>(`[name="${name}"]`);
    if (field) field.value = value;
  };

  it("returns null without a question", () => {
    expect(new QuestionFields(null).value()).toBeNull();
  });

  it("reads numbers with comma or point", () => {
    const fields = new QuestionFields(null);
    choose(fields, "number");
    expect(fields.value()?.number).toBeNull();
    fill(fields, "number", "1,5");
    expect(fields.value()).toMatchObject({ kind: "number", number: 1.5, tolerance: 0 });
  });

  it("omits empty choices and lines", () => {
    const choices = [
      { text: "a", right: true },
      { text: "b", right: false },
    ];
    const asked = { kind: "choice" as const, prompt: "?", choices, accepted: [], number: null };
    const rest = { tolerance: 0, when_right: "", when_wrong: "" };
    const fields = new QuestionFields({ ...asked, ...rest });
    expect(fields.value()?.choices).toEqual(choices);
    choose(fields, "text");
    fill(fields, "accepted", "one\n\n two ");
    expect(fields.value()?.accepted).toEqual(["one", "two"]);
  });
});

it("returns the hint levels that have text", () => {
  const hint = {
    level: "explanation" as const,
    text: "Why",
    simple_text: "",
    symbol: "draw" as const,
  };
  expect(readHints(buildHintFields([hint]))).toEqual([hint]);
});

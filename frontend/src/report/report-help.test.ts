// @vitest-environment jsdom
import { expect, it } from "vitest";
import type { Help, Report } from "../api/schema";
import { buildHelp, HelpSection } from "./report-help";

const help: Help = {
  rules: [
    {
      asked: false,
      title: "Signs of frustration",
      version: 1,
      withheld: null,
      learners: 0.6,
      steps: [2],
      why: [{ part: "wrong", words: "answers that were not right yet", share: 0.8 }],
      answers: { helped: 0.6, not_now: 0.2, fine: 0.2, alone: 0.2 },
    },
    {
      ...{ asked: true, title: "", version: null, withheld: null, learners: 0.8 },
      ...{ steps: [], why: [], answers: null },
    },
  ],
  silent: [{ reason: "calm", words: "Nothing asked for help.", share: 0.8 }],
};
const titles = new Map([[2, "Halves"]]);
const shown = (of: Help): HTMLElement => {
  const box = document.createElement("div");
  box.append(...buildHelp(of, titles).filter((node) => node !== null));
  return box;
};

it("lists for each hint the share, steps, reasons and answers", () => {
  const [first, second] = shown(help).querySelectorAll(".help-row");
  for (const words of ["Signs of frustration", "60%", "2. Halves", "80% or more", "20% or less"])
    expect(first?.textContent).toContain(words);
  expect(second?.textContent).toContain("Requested hints");
  expect(second?.textContent).toContain("too few answers");
});

it("explains that no hint reached enough learners", () => {
  const box = shown({ rules: [], silent: [] });
  expect(box.querySelector(".help-row, details")).toBeNull();
  expect(box.textContent).toContain("Fewer than 5");
});

it("says why nothing is shown of rules where faces may lead to hints", () => {
  const [rule, asked] = help.rules;
  if (!rule || !asked) throw new Error("rules");
  const withheld = { ...rule, withheld: "face_evidence" as const, learners: null, answers: null };
  const box = shown({ rules: [withheld, asked], silent: [] });
  const [first, second] = box.querySelectorAll(".help-row");
  expect(first?.textContent).toContain("could tell something about one student's face");
  expect(first?.querySelector("dl")).toBeNull();
  expect(second?.textContent).toContain("80% or more");
});

it("shows hints after the lesson has ended", () => {
  const part = new HelpSection();
  part.show({ help: null, state: "open", steps: [] } as unknown as Report);
  expect(part.node.textContent).toContain("when the lesson is closed");
});

it("tells versions of a rule apart", () => {
  const [first] = help.rules;
  const box = shown({ ...help, rules: [{ ...first, version: 2 } as Help["rules"][number]] });
  expect(box.querySelector("h3")?.textContent).toBe("Signs of frustration (version 2)");
});

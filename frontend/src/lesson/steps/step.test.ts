// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "../../api/http";
import type { AnswerRequest, GradedAnswer, Step } from "../../api/schema";
import type { HintPanel } from "../hints/hint-panel";
import "../hints/hint-panel";
import "./step-rating";
import "./lesson-step";

const step = (changes: Partial<Step> = {}): Step => ({
  id: 7,
  revision: 2,
  position: 1,
  title: "Halves",
  body: "",
  html: "<p><strong>Half</strong></p>",
  easy_html: "<p>easy</p>",
  picture: null,
  embed: null,
  question: { kind: "number", prompt: "Half of 3?", choices: [] },
  hints: 3,
  ...changes,
});
const byTestId = (name: string): HTMLElement =>
  document.querySelector<HTMLElement>(`[data-testid="${name}"]`) ?? document.createElement("i");
const submit = vi.fn<(answer: AnswerRequest) => Promise<GradedAnswer>>();
const mount = (...steps: Step[]): HTMLElement => {
  const node = Object.assign(document.createElement("lesson-step"), { steps, submit });
  document.body.append(node);
  return node;
};
const answerWith = async (text: string): Promise<void> => {
  const field = document.querySelector<HTMLInputElement>("input[type=text]");
  if (field) field.value = text;
  document
    .querySelector("step-question form")
    ?.dispatchEvent(new Event("submit", { cancelable: true }));
  await vi.waitFor(() => expect(byTestId("answer").hasAttribute("aria-busy")).toBe(false));
};

beforeEach(() => {
  submit.mockReset().mockResolvedValue({ right: false, attempts: 1, feedback: "" });
});

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
});

describe("LessonStep", () => {
  it("switches between the full and the easy version", () => {
    mount(step());
    expect(document.querySelector("strong")?.textContent).toBe("Half");
    byTestId("easier-form").click();
    expect(document.body.textContent).toContain("easy");
    expect(document.querySelector("strong")).toBeNull();
    byTestId("easier-form").click();
    expect(document.querySelector("strong")).not.toBeNull();
  });

  it("shows its position and emits it when opened", () => {
    const opened = vi.fn<(event: Event) => void>();
    document.body.addEventListener("step", opened, { once: true });
    mount(step(), step({ id: 8 }));
    expect(byTestId("step-place").textContent).toBe("Step 1 of 2");
    expect((opened.mock.calls[0]?.[0] as CustomEvent).detail).toMatchObject({ at: 0 });
  });

  it("loads an embed only after a click", () => {
    const embed = { url: "https://h.example/x", title: "Film", host: "h.example", sandbox: "s" };
    mount(step({ embed }));
    expect(document.querySelector("iframe")).toBeNull();
    byTestId("open-embed").click();
    const frame = document.querySelector("iframe");
    expect(frame?.getAttribute("sandbox")).toBe("s");
    expect(frame?.title).toBe("Film");
  });
});

describe("Back through steps", () => {
  const place = (): string => byTestId("step-place").textContent;
  const goBack = async (from: string): Promise<void> => {
    history.back();
    await vi.waitFor(() => expect(place()).not.toBe(from));
  };

  it("opens the steps in the order they were seen, each once", async () => {
    const opened: number[] = [];
    const node = mount(step(), step({ id: 8 }), step({ id: 9 }));
    node.addEventListener("step", (event) =>
      opened.push(((event as CustomEvent).detail as { at: number }).at),
    );
    byTestId("next-step").click();
    byTestId("next-step").click();
    byTestId("previous-step").click();
    expect(place()).toBe("Step 2 of 3");
    await goBack("Step 2 of 3");
    expect(place()).toBe("Step 3 of 3");
    await goBack("Step 3 of 3");
    await goBack("Step 2 of 3");
    expect(place()).toBe("Step 1 of 3");
    history.forward();
    await vi.waitFor(() => expect(place()).toBe("Step 2 of 3"));
    expect(opened).toEqual([1, 2, 1, 2, 1, 0, 1]);
  });

  it("keeps typed text, and moves the focus to the step", async () => {
    mount(step(), step({ id: 8 }));
    byTestId("next-step").click();
    const field = document.querySelector<HTMLInputElement>("input[type=text]");
    if (field) field.value = "12";
    field?.dispatchEvent(new Event("input", { bubbles: true }));
    await goBack("Step 2 of 2");
    expect(document.activeElement?.tagName).toBe("H2");
    byTestId("next-step").click();
    expect(document.querySelector<HTMLInputElement>("input[type=text]")?.value).toBe("12");
  });

  it("stays where the step no longer exists, and where the lesson is left", () => {
    const node = mount(step(), step({ id: 8 }));
    byTestId("next-step").click();
    const open = (at: number): boolean =>
      globalThis.dispatchEvent(new PopStateEvent("popstate", { state: { step: at } }));
    open(5);
    globalThis.dispatchEvent(new PopStateEvent("popstate", { state: null }));
    expect(place()).toBe("Step 2 of 2");
    const opened = vi.fn();
    node.addEventListener("step", opened);
    node.remove();
    open(0);
    expect(opened).not.toHaveBeenCalled();
  });
});

describe("step question", () => {
  it("keeps a wrong answer", async () => {
    mount(step());
    await answerWith("2");
    expect(submit.mock.calls[0]?.[0]).toMatchObject({ step_id: 7, answer: "2", revision: 2 });
    expect(byTestId("feedback").textContent).toContain("Not yet");
    expect(document.querySelector("input")?.value).toBe("2");
  });

  it("keeps the answer while offline", async () => {
    submit.mockRejectedValue(new ApiProblem(0, null, ""));
    mount(step());
    await answerWith("1.5");
    expect(byTestId("feedback").textContent).toContain("still here");
    expect(document.querySelector("input")?.value).toBe("1.5");
  });

  it("sends no empty answer", async () => {
    mount(step());
    await answerWith("  ");
    expect(submit).not.toHaveBeenCalled();
  });

  it("restores the feedback when a step is reopened", async () => {
    submit.mockResolvedValue({ right: true, attempts: 1, feedback: "Well seen." });
    mount(step(), step({ id: 8 }));
    await answerWith("1.5");
    byTestId("next-step").click();
    byTestId("previous-step").click();
    expect(byTestId("feedback").textContent).toContain("Well seen.");
  });
});

describe("StepRating", () => {
  it("does not ask again directly after an answer", () => {
    const how = document.createElement("step-rating");
    document.body.append(how);
    byTestId("rating-hard").click();
    how.clear();
    expect(how.querySelector("h2")?.textContent).not.toContain("?");
    how.clear();
    expect(how.querySelector("h2")?.textContent).toContain("?");
  });
});

describe("hint card", () => {
  const hint = (kind: "hint" | "question" | "tell_teacher" | "easier", symbol = "") => ({
    ...{ type: "hint" as const, hint_id: kind, title: "T", body: "b", why: "w" },
    ...{ dismissable: true, kind, symbol, form: "symbol" },
  });
  const show = (message: ReturnType<typeof hint>): HintPanel => {
    const place = document.createElement("hint-panel");
    document.body.append(place);
    place.show(message);
    return place;
  };
  const answers = (): string[] =>
    [...document.querySelectorAll<HTMLElement>("#hint .row:not([role]) button")].map(
      (button) => button.dataset["testid"] ?? "",
    );

  it("offers the answers of its kind", () => {
    show(hint("tell_teacher"));
    expect(answers()).toEqual(["hint-yes", "hint-no", "hint-leave_me_alone"]);
  });

  it("is announced without taking the focus", () => {
    const field = document.body.appendChild(document.createElement("input"));
    field.focus();
    show(hint("hint", "draw"));
    expect(document.activeElement).toBe(field);
    expect(byTestId("hint-announcement").getAttribute("role")).toBe("status");
    expect(byTestId("hint-announcement").textContent).toContain("T");
    expect(document.querySelector("#hint svg")).not.toBeNull();
  });

  it("resumes paused hints", () => {
    const wanted = vi.fn();
    document.body.addEventListener("hints-again", wanted, { once: true });
    const place = show(hint("hint"));
    byTestId("hint-leave_me_alone").click();
    expect(document.activeElement?.textContent).toContain("can still ask for one");
    place.showRequested({ ...hint("hint"), hint_id: "asked" });
    byTestId("hints-again").click();
    expect(wanted).toHaveBeenCalledOnce();
    place.showResumed();
    expect(byTestId("hints-again").isConnected).toBe(false);
    expect(document.querySelector("h2")).not.toBeNull();
  });

  it("emits show-easier", () => {
    const wanted = vi.fn();
    document.body.addEventListener("show-easier", wanted, { once: true });
    show(hint("easier"));
    byTestId("hint-easier").click();
    expect(wanted).toHaveBeenCalledOnce();
  });
});

// @vitest-environment jsdom
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import "../author/step-editor";
import { buildGroupForm } from "../groups/group-form";
import { LearnerCorrections } from "../my/learner-corrections";
import "../rules/rule-form";
import { ClosingTime } from "../report/closing-time";
import { SessionApi } from "../api/sessions";
import { element } from "../dom";
import { deleteOldDrafts } from "./drafts";
import { ASK_ONLY, FormDraft, keepServerForms } from "./form-draft";

const SOURCE = join(import.meta.dirname, "..");
const TEMPLATES = join(SOURCE, "../../fer_lms/templates");

const typeInto = (field: HTMLInputElement | HTMLTextAreaElement, text: string): void => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
const find = (selector: string): HTMLElement =>
  document.querySelector<HTMLElement>(selector) as HTMLElement;
const findInput = (selector: string): HTMLInputElement => find(selector) as HTMLInputElement;
const asksBeforeLeaving = (): boolean => {
  const event = new Event("beforeunload", { cancelable: true });
  globalThis.dispatchEvent(event);
  return event.defaultPrevented;
};
const leavePage = (): void => document.body.replaceChildren();

beforeEach(() => {
  localStorage.clear();
  leavePage();
  document.documentElement.dataset["person"] = "p1";
});

const step = {
  ...{ id: 7, revision: 3, position: 1, title: "T", body: "", easy_body: "", hints: [] },
  ...{ embed: null, question: null, picture: null },
};
const spec = {
  ...{ evidence: "stuck", action: "hint", text: "", steps: [], quiet_steps: [], learners: [] },
  ...{ groups: [], quiet_minutes: [], held_windows: 2, threshold: 0.5, minimum_coverage: 0.5 },
  ...{ cooldown_seconds: 300, max_per_lesson: 2, quiet_start_seconds: 60 },
};
const all = {
  ...{ evidence: [], actions: [], steps: [], learners: [], groups: [], sessions: [], limits: {} },
};
const api = new SessionApi("s");
const openCorrections = (): void => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  const node = new LearnerCorrections();
  node.api = api;
  document.body.append(node);
  node.show([
    { number: 0, starts: ["2026-01-01T00:00:00Z"], engagement: null, topLabel: null } as never,
  ]);
  find("[data-testid=correction-changed]").click();
};

/** Every form in which people type, and the field they type into. */
const FORMS: Record<string, { open: () => void; field: string; text?: string }> = {
  "author/step-editor.ts": {
    open: () => mount("step-editor", { api: {}, step }),
    field: "[name=body]",
  },
  "rules/rule-form.ts": {
    open: () =>
      mount("rule-form", {
        api: {},
        all,
        start: { title: "", template: "t", spec },
        draftName: "r",
      }),
    field: "[name=text]",
  },
  "groups/group-form.ts": {
    open: () =>
      document.body.append(buildGroupForm(null, [], { save, close: save }, "group.1.new")),
    field: "[name=title]",
  },
  "my/learner-corrections.ts": { open: openCorrections, field: "[name=text]" },
  "report/closing-time.ts": {
    open: () => {
      const closing = new ClosingTime(api);
      document.body.append(closing.node);
      closing.show({ state: "open", closes_at: null });
    },
    field: "[name=closes-at]",
    text: "2030-01-02T03:04",
  },
};
const save = (): void => undefined;
function mount(tag: string, values: object): void {
  document.body.append(Object.assign(document.createElement(tag), values));
}

describe.each(Object.entries(FORMS))("%s", (_file, { open, field, text = "two\nlines" }) => {
  it("keeps what was typed, and asks before leaving", () => {
    open();
    const typed = text.includes("\n") && find(field).tagName === "INPUT" ? "words" : text;
    expect(asksBeforeLeaving()).toBe(false);
    typeInto(findInput(field), typed);
    expect(asksBeforeLeaving()).toBe(true);
    leavePage();
    expect(asksBeforeLeaving()).toBe(false);
    open();
    expect(findInput(field).value).toBe(typed);
    expect(find("[data-testid=draft]").textContent).toContain("not saved yet");
    find("[data-testid=discard-draft]").click();
    expect(findInput(field).value).toBe("");
    expect(asksBeforeLeaving()).toBe(false);
    expect(localStorage.length).toBe(0);
  });
});

describe("every field for text", () => {
  const SOURCES = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .map((path) => path.replaceAll("\\", "/"));
  const TYPED =
    /buildTextField\(|buildTextArea\(|element\("textarea"|type: "(text|datetime-local|number|email|url)"/;
  /** Files whose fields belong to the form of another file, or are kept otherwise. */
  const ELSEWHERE: Record<string, string> = {
    "author/fields.ts": "builds fields for others",
    "author/hint-fields.ts": "author/step-editor.ts",
    "author/picture-fields.ts": "author/step-editor.ts",
    "author/question-fields.ts": "author/step-editor.ts",
    "lesson/steps/step-question.ts": "keeps one answer, without a note",
  };

  it("is kept by a draft", () => {
    const typed = SOURCES.filter((path) => TYPED.test(readFileSync(join(SOURCE, path), "utf8")));
    expect(typed).toContain("author/step-editor.ts");
    const unkept = typed.filter(
      (path) =>
        !(path in ELSEWHERE) &&
        !readFileSync(join(SOURCE, path), "utf8").includes("new FormDraft("),
    );
    expect(unkept).toEqual([]);
    expect(readFileSync(join(SOURCE, "lesson/steps/step-question.ts"), "utf8")).toContain(
      "saveDraft(",
    );
  });

  it("has a draft in the server's forms too", () => {
    const templates = readdirSync(TEMPLATES, { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => path.endsWith(".html") && !path.startsWith("admin/"))
      .filter((path) => path !== "rights/admin_erase.html"); // a page of the administration
    const forms = templates.flatMap((path) =>
      (readFileSync(join(TEMPLATES, path), "utf8").match(/<form[\s\S]*?<\/form>/g) ?? []).map(
        (form): [string, string] => [path, form],
      ),
    );
    const typed = forms.filter(([, form]) => /type="text"|<textarea|\{\{ form\./.test(form));
    expect(typed.length).toBeGreaterThan(3);
    expect(typed.filter(([, form]) => !form.includes("data-draft=")).map(([path]) => path)).toEqual(
      [],
    );
  });
});

describe("FormDraft", () => {
  const build = (): HTMLFormElement => {
    leavePage();
    const form = element(
      "form",
      {},
      element("input", { name: "a" }),
      element("details", {}, element("textarea", { name: "b" })),
      element("input", { type: "checkbox", value: "1" }),
      element("input", { type: "checkbox", value: "2" }),
      element("select", { name: "c" }, element("option", {}, "x"), element("option", {}, "y")),
      element("input", { type: "file", name: "f" }),
    );
    document.body.append(form);
    return form;
  };

  it("keeps boxes, choices and closed parts", () => {
    new FormDraft(build(), "f");
    typeInto(findInput("[name=b]"), "words");
    findInput("[value='2']").click();
    (find("select") as HTMLSelectElement).value = "y";
    find("select").dispatchEvent(new Event("change", { bubbles: true }));
    new FormDraft(build(), "f");
    expect(findInput("[value='2']").checked).toBe(true);
    expect(findInput("[value='1']").checked).toBe(false);
    expect((find("select") as HTMLSelectElement).value).toBe("y");
    expect((find("details") as HTMLDetailsElement).open).toBe(true);
  });

  it("deletes the draft when the form is saved or typed back", () => {
    const draft = new FormDraft(build(), "f");
    typeInto(findInput("[name=a]"), "x");
    draft.saved();
    expect([draft.isChanged, localStorage.length]).toEqual([false, 0]);
    typeInto(findInput("[name=a]"), "xy");
    typeInto(findInput("[name=a]"), "x");
    expect([draft.isChanged, localStorage.length]).toEqual([false, 0]);
  });

  it("offers the text where somebody else has saved since, and keeps it until then", () => {
    new FormDraft(build(), "f", 1);
    typeInto(findInput("[name=a]"), "mine");
    for (let reload = 0; reload < 2; reload++) {
      new FormDraft(build(), "f", 2);
      expect(findInput("[name=a]").value).toBe("");
      typeInto(findInput("[name=b]"), `typed since ${reload}`);
    }
    find("[data-testid=draft] button").click();
    expect(findInput("[name=a]").value).toBe("mine");
  });

  it("leaves nothing of another person, nor for ever", () => {
    new FormDraft(build(), "f");
    typeInto(findInput("[name=a]"), "mine");
    document.documentElement.dataset["person"] = "p2";
    new FormDraft(build(), "f");
    expect(findInput("[name=a]").value).toBe("");
    const [name = ""] = Object.keys(localStorage);
    const draft = JSON.parse(localStorage.getItem(name) ?? "") as { atMs: number };
    deleteOldDrafts();
    expect(localStorage.length).toBe(1);
    localStorage.setItem(name, JSON.stringify({ ...draft, atMs: draft.atMs - 31 * 86_400_000 }));
    deleteOldDrafts();
    expect(localStorage.length).toBe(0);
  });
});

describe("forms of the server", () => {
  const show = (draft: string): void => {
    leavePage();
    document.body.append(element("form", { "data-draft": draft }, element("input", { name: "a" })));
    keepServerForms(document);
  };
  const submit = (): void => {
    find("form").dispatchEvent(new Event("submit", { cancelable: true, bubbles: true }));
  };

  it("keep their text until a page without them answers", () => {
    show("n");
    typeInto(findInput("[name=a]"), "mine");
    submit();
    expect(asksBeforeLeaving()).toBe(false);
    show("n"); // the server refused it
    expect(findInput("[name=a]").value).toBe("mine");
    submit();
    leavePage();
    keepServerForms(document);
    show("n");
    expect(findInput("[name=a]").value).toBe("");
  });

  it("store nothing where they only ask", () => {
    show("ask");
    typeInto(findInput("[name=a]"), "mine");
    expect(asksBeforeLeaving()).toBe(true);
    expect([ASK_ONLY, localStorage.length]).toEqual(["", 0]);
  });
});

import { type Attributes, button, element, replaceContent } from "../dom";
import { icon } from "../icons";
import { confirmAction } from "../page/confirm-dialog";
import { buildErrorPanel } from "../page/error-panel";
import { forgetDraft } from "../page/form-draft";
import { gettext, interpolate } from "../text";
import { AuthorApi } from "../api/authoring";
import type { AuthoredLesson, AuthoredStep } from "../api/schema";
import { LessonHead } from "./lesson-head";
import { findStoredVersion } from "./merge";
import { buildProblemList } from "./problems";
import { nameStepDraft, type StepEditor } from "./step-editor";

/** `<lesson-author lesson="ID">`: editor of a lesson, its steps and their order. */
class LessonAuthor extends HTMLElement {
  #api = new AuthorApi(this.getAttribute("lesson") ?? "");
  #lesson: AuthoredLesson | null = null;
  #editor: StepEditor | null = null;
  #head: LessonHead | null = null;
  #steps = element("ol", { class: "step-list", "data-testid": "steps" });
  #status = element("div", { role: "status", "data-testid": "author-status" });

  connectedCallback(): void {
    this.addEventListener("saved", (event) =>
      this.#replaceStep(((event as CustomEvent).detail as { step: AuthoredStep }).step),
    );
    this.addEventListener("closed", () => this.#close());
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      this.#lesson = await this.#api.getLesson();
      this.#render(this.#lesson);
    } catch (error) {
      replaceContent(
        this,
        buildErrorPanel(error, () => void this.#load()),
      );
    }
  }

  #render(lesson: AuthoredLesson): void {
    const add = (): void => void this.#run(() => this.#add());
    const heading = element("h1", { dir: "auto" }, lesson.title);
    this.#head = new LessonHead(this.#api, lesson, (title) => (heading.textContent = title));
    replaceContent(
      this,
      element("p", { class: "soft" }, lesson.course),
      heading,
      this.#head.node,
      element("h2", {}, gettext("Steps")),
      this.#steps,
      element(
        "div",
        { class: "row" },
        button(gettext("Add a step"), add, { "data-testid": "add-step" }),
      ),
      this.#status,
      this.#buildExport(lesson),
    );
    this.#renderSteps();
  }

  #renderSteps(): void {
    const steps = this.#lesson?.steps ?? [];
    replaceContent(this.#steps, ...steps.map((step, at) => this.#buildRow(step, at, steps.length)));
  }

  #buildRow(step: AuthoredStep, at: number, all: number): HTMLElement {
    const open = this.#editor?.step?.id === step.id;
    const action = (
      label: string,
      testId: string,
      onClick: () => void,
      attributes: Attributes = {},
    ): HTMLElement =>
      element(
        "button",
        {
          type: "button",
          class: "quiet",
          onclick: onClick,
          "data-testid": testId,
          "aria-label": `${label}: ${step.title}`,
          ...attributes,
        },
        testId === "up" || testId === "down" ? icon(testId) : label,
      );
    return element(
      "li",
      { "data-step": step.id },
      element(
        "div",
        { class: "step-row" },
        element("strong", { dir: "auto" }, step.title),
        element("span", { class: "small soft" }, describeContent(step)),
        element(
          "div",
          { class: "row" },
          action(gettext("Edit"), "edit", () => this.#open(step), {
            "aria-expanded": String(open),
          }),
          action(gettext("Up"), "up", () => this.#move(step, -1), { disabled: at === 0 }),
          action(gettext("Down"), "down", () => this.#move(step, 1), { disabled: at === all - 1 }),
          action(gettext("Delete"), "delete", () => void this.#confirmDelete(step)),
        ),
      ),
      open ? this.#editor : null,
    );
  }

  #open(step: AuthoredStep): void {
    if (this.#editor?.changed) {
      this.#showStatus(gettext("The open step has unsaved changes. Save or close it first."));
      return;
    }
    this.#editor = Object.assign(element("step-editor"), {
      api: this.#api,
      step,
      hosts: this.#lesson?.embed_hosts ?? [],
      language: this.#head?.lesson.language ?? "",
    });
    this.#renderSteps();
    this.#editor.querySelector<HTMLElement>("input")?.focus();
  }

  #close(): void {
    const id = this.#editor?.step?.id;
    const isChanged = this.#editor?.changed ?? false;
    this.#editor = null;
    this.#renderSteps();
    this.#focus(id, "edit");
    if (isChanged)
      this.#showStatus(
        gettext(
          "Not saved. What you typed is kept in this browser: it is there when you open the step again.",
        ),
      );
  }

  #replaceStep(step: AuthoredStep): void {
    const steps = this.#lesson?.steps ?? [];
    const listed = steps.find((other) => other.id === step.id);
    if (listed) Object.assign(listed, step); // the buttons of its row refer to it
    const row = this.#steps.querySelector(`[data-step="${step.id}"]`);
    const title = row?.querySelector("strong");
    if (title) title.textContent = step.title;
    const what = row?.querySelector(".step-row span");
    if (what) what.textContent = describeContent(step);
  }

  async #add(): Promise<void> {
    const step = await this.#api.addStep(gettext("New step"));
    this.#lesson?.steps.push(step);
    this.#open(step);
    if (this.#editor?.step !== step) this.#renderSteps();
  }

  #move(step: AuthoredStep, offset: number): void {
    const steps = this.#lesson?.steps ?? [];
    const from = steps.indexOf(step);
    const base = steps.map((other) => other.id);
    steps.splice(from + offset, 0, ...steps.splice(from, 1));
    this.#renderSteps();
    this.#focus(step.id, offset < 0 ? "up" : "down");
    const text = gettext("%(title)s is now step %(number)s.");
    this.#showStatus(interpolate(text, { title: step.title, number: from + offset + 1 }));
    void this.#run(() =>
      this.#api.orderSteps(
        steps.map((other) => other.id),
        base,
      ),
    );
  }

  async #confirmDelete(step: AuthoredStep): Promise<void> {
    const isConfirmed = await confirmAction(this, {
      title: interpolate(gettext("Delete “%(title)s”?"), { title: step.title }),
      consequence: gettext("Its text, picture, question and hints are deleted too."),
      confirmLabel: gettext("Delete the step"),
    });
    if (isConfirmed) await this.#run(() => this.#delete(step));
  }

  async #confirmDeleteLesson(lesson: AuthoredLesson): Promise<void> {
    const isConfirmed = await confirmAction(this, {
      title: interpolate(gettext("Delete “%(title)s”?"), { title: lesson.title }),
      consequence: gettext("All its steps and rules are deleted too."),
      confirmLabel: gettext("Delete the lesson"),
    });
    if (!isConfirmed) return;
    await this.#run(async () => {
      await this.#api.deleteLesson();
      this.#head?.draft.saved();
      location.assign("/lessons/");
    });
  }

  async #delete(step: AuthoredStep): Promise<void> {
    await this.#api.deleteStep(step.id, step.revision);
    forgetDraft(nameStepDraft(step.id));
    if (this.#editor?.step?.id === step.id) this.#editor = null;
    if (this.#lesson)
      this.#lesson.steps = this.#lesson.steps.filter((other) => other.id !== step.id);
    this.#renderSteps();
    this.#showStatus(gettext("Step deleted."));
    this.querySelector<HTMLElement>('[data-testid="add-step"]')?.focus();
  }

  #buildExport(lesson: AuthoredLesson): HTMLElement {
    const remove = (): void => void this.#confirmDeleteLesson(lesson);
    return element(
      "section",
      { class: "card" },
      element("h2", {}, gettext("Export")),
      element("p", {}, gettext("The complete lesson with its pictures, as a backup or to share.")),
      element(
        "div",
        { class: "row" },
        element(
          "a",
          { class: "button quiet", href: this.#api.exportUrl, "data-testid": "export" },
          gettext("Download the lesson"),
        ),
        !lesson.held &&
          button(gettext("Delete this lesson (it has no sessions)"), remove, { class: "plain" }),
      ),
    );
  }

  #focus(id: number | undefined, testId: string): void {
    const row = this.#steps.querySelector(`[data-step="${id}"]`);
    const same = row?.querySelector<HTMLButtonElement>(`[data-testid="${testId}"]`);
    (same?.disabled ? row?.querySelector<HTMLElement>('[data-testid="edit"]') : same)?.focus();
  }

  #showStatus(text: string): void {
    replaceContent(this.#status, element("p", {}, text));
  }

  async #run(task: () => Promise<unknown>): Promise<void> {
    try {
      await task();
    } catch (error) {
      const stored = findStoredVersion(error) as AuthoredLesson | null;
      if (stored) this.#takeSteps(stored);
      const problems = buildProblemList(
        error,
        stored ? gettext("The list is up to date again.") : "",
      );
      replaceContent(this.#status, problems);
      problems.focus();
    }
  }

  /** Shows the stored steps; a step that is being edited keeps its form. */
  #takeSteps(stored: AuthoredLesson): void {
    if (!this.#lesson) return;
    const edited = this.#editor?.step;
    this.#lesson.steps = stored.steps.map((step) => (edited?.id === step.id ? edited : step));
    this.#renderSteps();
  }
}

/** Lists the parts of a step. */
function describeContent(step: AuthoredStep): string {
  const parts = [
    step.picture && gettext("picture"),
    step.embed && gettext("web page or video"),
    step.question && gettext("question"),
    step.easy_body !== "" && gettext("easy version"),
    step.hints.length > 0 && interpolate(gettext("hints: %(count)s"), { count: step.hints.length }),
  ];
  return parts.filter((part) => part).join(" · ") || gettext("text only");
}

customElements.define("lesson-author", LessonAuthor);

import { element, replaceContent } from "../dom";
import { icon } from "../icons";
import { buildErrorPanel } from "../page/error-panel";
import { gettext, interpolate } from "../text";
import { AuthorApi } from "../api/authoring";
import type { AuthoredLesson, AuthoredStep } from "../api/schema";
import { buildTextArea, buildTextField, readValue } from "./fields";
import { buildProblemList } from "./problems";
import "./step-editor";
import type { StepEditor } from "./step-editor";

/** `<lesson-author lesson="ID">`: editor of a lesson, its steps and their order. */
class LessonAuthor extends HTMLElement {
  #api = new AuthorApi(this.getAttribute("lesson") ?? "");
  #lesson: AuthoredLesson | null = null;
  #editor: StepEditor | null = null;
  #steps = element("ol", { class: "step-list", "data-testid": "steps" });
  #status = element("div", { role: "status", "data-testid": "author-status" });

  connectedCallback(): void {
    globalThis.addEventListener("beforeunload", this.#warnUnsaved);
    this.addEventListener("saved", (event) =>
      this.#replaceStep(((event as CustomEvent).detail as { step: AuthoredStep }).step),
    );
    this.addEventListener("closed", () => this.#close());
    void this.#load();
  }

  disconnectedCallback(): void {
    globalThis.removeEventListener("beforeunload", this.#warnUnsaved);
  }

  #warnUnsaved = (event: BeforeUnloadEvent): void => {
    if (this.#editor?.changed) event.preventDefault();
  };

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
    replaceContent(
      this,
      element("p", { class: "soft" }, lesson.course),
      element("h1", {}, lesson.title),
      this.#head(lesson),
      element("h2", {}, gettext("Steps")),
      this.#steps,
      element(
        "div",
        { class: "row" },
        element(
          "button",
          { type: "button", onclick: add, "data-testid": "add-step" },
          gettext("Add a step"),
        ),
      ),
      this.#status,
      this.#file(lesson),
    );
    this.#renderSteps();
  }

  #head(lesson: AuthoredLesson): HTMLElement {
    const form = element("form", { class: "card", novalidate: true });
    replaceContent(
      form,
      buildTextField(gettext("Title"), "title", lesson.title, { maxlength: 200 }),
      buildTextArea(gettext("Summary"), "summary", lesson.summary, 2),
      buildTextField(gettext("Duration in minutes"), "minutes", String(lesson.minutes), {
        inputmode: "numeric",
        class: "short",
      }),
      element(
        "button",
        { type: "submit", class: "quiet", "data-testid": "save-head" },
        gettext("Save title and summary"),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#run(() => this.#saveHead(form));
    });
    return form;
  }

  async #saveHead(form: HTMLElement): Promise<void> {
    const head = {
      title: readValue(form, "title"),
      summary: readValue(form, "summary"),
      minutes: Number(readValue(form, "minutes")) || 0,
    };
    await this.#api.updateLesson(head);
    const title = this.querySelector("h1");
    if (title) title.textContent = head.title;
    this.#showStatus(gettext("Saved."));
  }

  #renderSteps(): void {
    const steps = this.#lesson?.steps ?? [];
    replaceContent(this.#steps, ...steps.map((step, at) => this.#row(step, at, steps.length)));
  }

  #row(step: AuthoredStep, at: number, all: number): HTMLElement {
    const open = this.#editor?.step?.id === step.id;
    const button = (
      words: string,
      test: string,
      then: () => void,
      more: object = {},
    ): HTMLElement =>
      element(
        "button",
        {
          type: "button",
          class: "quiet",
          onclick: then,
          "data-testid": test,
          "aria-label": `${words}: ${step.title}`,
          ...more,
        },
        test === "up" || test === "down" ? icon(test) : words,
      );
    return element(
      "li",
      { "data-step": step.id },
      element(
        "div",
        { class: "step-row" },
        element("strong", {}, step.title),
        element("span", { class: "small soft" }, describeContent(step)),
        element(
          "div",
          { class: "row" },
          button(gettext("Edit"), "edit", () => this.#open(step), {
            "aria-expanded": String(open),
          }),
          button(gettext("Up"), "up", () => this.#move(step, -1), { disabled: at === 0 }),
          button(gettext("Down"), "down", () => this.#move(step, 1), { disabled: at === all - 1 }),
          button(gettext("Delete"), "delete", () => this.#confirmDelete(step)),
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
    });
    this.#renderSteps();
    this.#editor.querySelector<HTMLElement>("input")?.focus();
  }

  #close(): void {
    const id = this.#editor?.step?.id;
    this.#editor = null;
    this.#renderSteps();
    this.#focus(id, "edit");
  }

  #replaceStep(step: AuthoredStep): void {
    const steps = this.#lesson?.steps ?? [];
    const at = steps.findIndex((each) => each.id === step.id);
    if (at >= 0) steps[at] = step;
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

  #move(step: AuthoredStep, by: number): void {
    const steps = this.#lesson?.steps ?? [];
    const from = steps.indexOf(step);
    steps.splice(from + by, 0, ...steps.splice(from, 1));
    this.#renderSteps();
    this.#focus(step.id, by < 0 ? "up" : "down");
    const words = gettext("%(title)s is now step %(number)s.");
    this.#showStatus(interpolate(words, { title: step.title, number: from + by + 1 }));
    void this.#run(() => this.#api.orderSteps(steps.map((each) => each.id)));
  }

  #confirm(title: string, lost: string, yesWords: string, then: () => Promise<unknown>): void {
    const dialog = element("dialog", { "aria-labelledby": "delete-title" });
    const close = (): void => dialog.close();
    const yes = (): void => {
      dialog.close();
      void this.#run(then);
    };
    replaceContent(
      dialog,
      element("h2", { id: "delete-title" }, interpolate(gettext("Delete “%(title)s”?"), { title })),
      element("p", {}, lost),
      element(
        "div",
        { class: "row" },
        element("button", { type: "button", class: "quiet", onclick: close }, gettext("Cancel")),
        element("button", { type: "button", onclick: yes, "data-testid": "delete-yes" }, yesWords),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    this.append(dialog);
    dialog.showModal();
  }

  #confirmDelete(step: AuthoredStep): void {
    const lost = gettext("Its text, picture, question and hints are deleted too.");
    this.#confirm(step.title, lost, gettext("Delete the step"), () => this.#delete(step));
  }

  #confirmDeleteLesson(lesson: AuthoredLesson): void {
    const lost = gettext("All its steps and rules are deleted too.");
    this.#confirm(lesson.title, lost, gettext("Delete the lesson"), async () => {
      await this.#api.deleteLesson();
      location.assign("/lessons/");
    });
  }

  async #delete(step: AuthoredStep): Promise<void> {
    await this.#api.deleteStep(step.id);
    if (this.#editor?.step?.id === step.id) this.#editor = null;
    if (this.#lesson) this.#lesson.steps = this.#lesson.steps.filter((each) => each.id !== step.id);
    this.#renderSteps();
    this.#showStatus(gettext("Step deleted."));
    this.querySelector<HTMLElement>('[data-testid="add-step"]')?.focus();
  }

  #file(lesson: AuthoredLesson): HTMLElement {
    const remove = (): void => this.#confirmDeleteLesson(lesson);
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
          element(
            "button",
            { type: "button", class: "plain", onclick: remove },
            gettext("Delete this lesson (it has no sessions)"),
          ),
      ),
    );
  }

  #focus(id: number | undefined, test: string): void {
    const row = this.#steps.querySelector(`[data-step="${id}"]`);
    const same = row?.querySelector<HTMLButtonElement>(`[data-testid="${test}"]`);
    (same?.disabled ? row?.querySelector<HTMLElement>('[data-testid="edit"]') : same)?.focus();
  }

  #showStatus(words: string): void {
    replaceContent(this.#status, element("p", {}, words));
  }

  async #run(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const problems = buildProblemList(error);
      replaceContent(this.#status, problems);
      problems.focus();
    }
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

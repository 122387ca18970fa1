import { createLesson, importLesson, listCourses } from "../api/authoring";
import type { Course } from "../api/schema";
import { element, replaceContent } from "../dom";
import { FormDraft } from "../page/form-draft";
import { gettext } from "../text";
import { buildField, buildSelect, buildTextField, readValue } from "./fields";
import { buildProblemList } from "./problems";

/** `<new-lesson>`: creates an empty lesson or imports one from a file. */
export class NewLesson extends HTMLElement {
  #status = element("div", { role: "status" });

  connectedCallback(): void {
    void this.#load();
  }

  async #load(): Promise<void> {
    const courses = await listCourses().catch(() => []);
    if (courses.length) this.#render(courses);
  }

  #render(courses: Course[]): void {
    replaceContent(
      this,
      element(
        "details",
        { class: "card", "data-testid": "new-lesson" },
        element("summary", {}, gettext("New lesson")),
        this.#buildEmptyForm(courses),
        this.#buildImportForm(courses),
        this.#status,
      ),
    );
  }

  #buildEmptyForm(courses: Course[]): HTMLElement {
    const form = this.#buildForm(
      gettext("Create an empty lesson"),
      buildCourseField(courses),
      buildTextField(gettext("Title"), "title", "", { maxlength: 200 }),
      element(
        "button",
        { type: "submit", "data-testid": "write-lesson" },
        gettext("Create the lesson"),
      ),
    );
    const draft = new FormDraft(form, "new-lesson");
    return this.#onSubmit(form, async () => {
      const { id } = await createLesson(
        Number(readValue(form, "course")),
        readValue(form, "title"),
      );
      draft.saved();
      location.assign(`/lessons/${id}/edit/`);
    });
  }

  #buildImportForm(courses: Course[]): HTMLElement {
    const file = element("input", { type: "file", accept: ".zip,.json", name: "file" });
    const form = this.#buildForm(
      gettext("Import a lesson"),
      buildCourseField(courses),
      buildField(gettext("Lesson file"), file),
      element("button", { type: "submit", "data-testid": "import-lesson" }, gettext("Import")),
    );
    return this.#onSubmit(form, async () => {
      const chosenFile = file.files?.[0];
      if (!chosenFile) {
        replaceContent(this.#status, element("p", {}, gettext("Choose a file first.")));
        return;
      }
      const { id, notices } = await importLesson(Number(readValue(form, "course")), chosenFile);
      if (notices.length === 0) location.assign(`/lessons/${id}/edit/`);
      else this.#showNotices(id, notices);
    });
  }

  /** Shows the notices of an import before the lesson is opened. */
  #showNotices(id: number, notices: string[]): void {
    replaceContent(
      this.#status,
      element("p", {}, gettext("The lesson was imported. Please check:")),
      element("ul", {}, ...notices.map((notice) => element("li", {}, notice))),
      element("a", { class: "button", href: `/lessons/${id}/edit/` }, gettext("Open the lesson")),
    );
  }

  #buildForm(title: string, ...fields: HTMLElement[]): HTMLFormElement {
    const form = element("form", { class: "part", novalidate: true });
    replaceContent(form, element("h2", {}, title), ...fields);
    return form;
  }

  #onSubmit(form: HTMLFormElement, task: () => Promise<void>): HTMLFormElement {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      task().catch((error: unknown) => {
        const problems = buildProblemList(error);
        replaceContent(this.#status, problems);
        problems.focus();
      });
    });
    return form;
  }
}

function buildCourseField(courses: Course[]): HTMLElement {
  const options = courses.map(({ id, title }): [string, string] => [String(id), title]);
  return buildSelect(gettext("Course"), "course", String(courses[0]?.id), options);
}

customElements.define("new-lesson", NewLesson);

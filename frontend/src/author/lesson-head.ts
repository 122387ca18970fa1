import type { AuthorApi } from "../api/authoring";
import type { AuthoredLesson } from "../api/schema";
import { element, replaceContent } from "../dom";
import { FormDraft } from "../page/form-draft";
import { gettext } from "../text";
import { buildTextArea, buildTextField, readValue } from "./fields";
import { buildMergePanel, findStoredVersion, type MergeField } from "./merge";
import { buildProblemList } from "./problems";

type Head = Pick<AuthoredLesson, "title" | "summary" | "minutes">;

/** Form of a lesson's title, summary and length. */
export class LessonHead {
  readonly node = element("form", { class: "card", novalidate: true });
  readonly draft: FormDraft;
  #status = element("div", { role: "status", "data-testid": "head-status" });

  constructor(
    readonly api: AuthorApi,
    public lesson: AuthoredLesson,
    readonly onSaved: (title: string) => void,
  ) {
    this.#fill(lesson);
    this.draft = new FormDraft(this.node, `lesson.${lesson.id}`, lesson.revision);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    });
  }

  #fill({ title, summary, minutes }: Head): void {
    replaceContent(
      this.node,
      buildTextField(gettext("Title"), "title", title, { maxlength: 200, dir: "auto" }),
      buildTextArea(gettext("Summary"), "summary", summary, 2),
      buildTextField(gettext("Duration in minutes"), "minutes", String(minutes), {
        inputmode: "numeric",
        class: "short",
      }),
      element(
        "button",
        { type: "submit", class: "quiet", "data-testid": "save-head" },
        gettext("Save title and summary"),
      ),
      this.#status,
    );
  }

  #read(): Head {
    return {
      title: readValue(this.node, "title"),
      summary: readValue(this.node, "summary"),
      minutes: Number(readValue(this.node, "minutes")) || 0,
    };
  }

  async #save(): Promise<void> {
    replaceContent(this.#status);
    const head = this.#read();
    try {
      this.lesson = await this.api.updateLesson({ ...head, revision: this.lesson.revision });
      this.draft.saved(this.lesson.revision);
      this.onSaved(head.title);
      replaceContent(this.#status, element("p", {}, gettext("Saved.")));
    } catch (error) {
      const problems = this.#buildMerge(error) ?? buildProblemList(error);
      replaceContent(this.#status, problems);
      problems.focus();
    }
  }

  #buildMerge(error: unknown): HTMLElement | null {
    const stored = findStoredVersion(error) as AuthoredLesson | null;
    if (!stored) return null;
    return buildMergePanel<Head>({
      base: this.lesson,
      mine: this.#read(),
      theirs: stored,
      fields: buildMergeFields(),
      save: (merged) => {
        this.lesson = stored;
        this.#fill(merged);
        this.draft.base = stored.revision;
        void this.#save();
      },
    });
  }
}

function buildMergeFields(): MergeField<Head>[] {
  return [
    { names: ["title"], label: gettext("Title"), format: (head) => head.title },
    { names: ["summary"], label: gettext("Summary"), format: (head) => head.summary },
    {
      names: ["minutes"],
      label: gettext("Duration in minutes"),
      format: (head) => String(head.minutes),
    },
  ];
}

import type { AuthorApi } from "../api/authoring";
import type { AuthoredLesson } from "../api/schema";
import { element, replaceContent } from "../dom";
import { FormDraft } from "../page/form-draft";
import { gettext, pageLanguage } from "../text";
import { buildSelect, buildTextArea, buildTextField, readValue } from "./fields";
import { buildMergePanel, findStoredVersion, type MergeField } from "./merge";
import { buildProblemList } from "./problems";

type Head = Pick<AuthoredLesson, "title" | "summary" | "minutes" | "language">;

/** Form of a lesson's title, summary, length and language. */
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

  #fill({ title, summary, minutes, language }: Head): void {
    replaceContent(
      this.node,
      buildTextField(gettext("Title"), "title", title, { maxlength: 200, dir: "auto" }),
      buildTextArea(gettext("Summary"), "summary", summary, 2),
      buildTextField(gettext("Duration in minutes"), "minutes", String(minutes), {
        inputmode: "numeric",
        class: "short",
      }),
      buildSelect(gettext("Language of the lesson"), "language", language, listLanguages(language)),
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
      language: readValue(this.node, "language"),
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
      readMine: () => this.#read(),
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
    {
      names: ["language"],
      label: gettext("Language of the lesson"),
      format: ({ language }) => new Map(listLanguages(language)).get(language) ?? "",
    },
  ];
}

const LANGUAGES = [
  ...["ar", "bn", "cs", "de", "el", "en", "es", "fa", "fr", "he", "hi", "id", "it", "ja", "ko"],
  ...["nl", "pl", "pt", "ro", "ru", "so", "sq", "sv", "sw", "ti", "tr", "uk", "ur", "vi", "zh"],
];

/** It decides the direction of the text, how it is read aloud, and what 1,000 means. */
function listLanguages(language: string): [string, string][] {
  const names = new Intl.DisplayNames(pageLanguage(), { type: "language" });
  const tags =
    LANGUAGES.includes(language) || language === "" ? LANGUAGES : [language, ...LANGUAGES];
  const options = tags
    .map((tag): [string, string] => [tag, names.of(tag) ?? tag])
    .sort((a, b) => a[1].localeCompare(b[1], pageLanguage()));
  return [["", gettext("not stated")], ...options];
}

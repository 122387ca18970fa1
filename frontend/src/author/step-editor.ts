import type { AuthorApi } from "../api/authoring";
import type { AuthoredStep } from "../api/schema";
import { element, emit, replaceContent } from "../dom";
import { parseServerHtml } from "../lesson/steps/step-html";
import { FormDraft } from "../page/form-draft";
import { gettext, interpolate } from "../text";
import { buildTextArea, buildTextField, readValue } from "./fields";
import { buildHintFields, readHints } from "./hint-fields";
import { buildMergePanel, findStoredVersion, type MergeField } from "./merge";
import { PictureFields } from "./picture-fields";
import { buildProblemList } from "./problems";
import { describeQuestion } from "./question-text";
import { QuestionFields } from "./question-fields";

type StepContent = Pick<
  AuthoredStep,
  "title" | "body" | "easy_body" | "embed" | "question" | "hints"
>;

/** `<step-editor>`: form of one step; Ctrl+S saves. Emits "saved" with {step} and "closed". */
export class StepEditor extends HTMLElement {
  api: AuthorApi | null = null;
  step: AuthoredStep | null = null;
  hosts: string[] = [];
  /** Language of the lesson; empty: not stated. */
  language = "";

  #form = element("form", { novalidate: true });
  #status = element("div", { role: "status", "data-testid": "step-status" });
  #preview = element("div", { class: "preview-of-step", "aria-live": "polite" });
  #question: QuestionFields | null = null;
  #picture: PictureFields | null = null;
  #draft: FormDraft | null = null;

  /** Whether there are unsaved changes. */
  get changed(): boolean {
    return this.#draft?.isChanged ?? false;
  }

  connectedCallback(): void {
    if (!this.step || !this.api || this.#form.isConnected) return;
    this.#fill(this.api, this.step);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    });
    this.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      void this.#save();
    });
    replaceContent(this, this.#form);
    this.#draft = new FormDraft(this.#form, nameStepDraft(this.step.id), this.step.revision);
  }

  #fill(api: AuthorApi, step: AuthoredStep): void {
    this.#question = new QuestionFields(step.question);
    this.#picture = new PictureFields(api, step.id, step.picture, (picture) => {
      if (!this.step) return;
      this.step = { ...this.step, picture };
      emit(this, "saved", { step: this.step });
    });
    replaceContent(this.#form, ...this.#buildFields(step));
  }

  #buildFields(step: AuthoredStep): (HTMLElement | undefined)[] {
    return [
      buildTextField(gettext("Title"), "title", step.title, { maxlength: 200 }),
      buildTextArea(gettext("Text"), "body", step.body, 10, formatMarkdownHelp()),
      this.#buildPreviewButton(),
      this.#preview,
      element(
        "details",
        { class: "part", open: step.easy_body !== "" },
        element("summary", {}, gettext("Easy version")),
        buildTextArea(
          gettext("The same step in short, easy sentences"),
          "easy_body",
          step.easy_body,
          6,
          gettext("Shown first to students who prefer it; others can switch to it."),
        ),
      ),
      this.#picture?.node,
      this.#buildEmbed(step),
      this.#question?.node,
      buildHintFields(step.hints),
      this.#renderActions(),
      this.#status,
    ];
  }

  #buildEmbed(step: AuthoredStep): HTMLElement {
    const hosts = interpolate(gettext("Allowed here: %(hosts)s"), {
      hosts: this.hosts.join(", ") || gettext("none"),
    });
    return element(
      "details",
      { class: "part", open: step.embed !== null },
      element("summary", {}, gettext("Web page or video from another site")),
      buildTextField(gettext("Address"), "embed-url", step.embed?.url ?? "", {
        maxlength: 500,
        inputmode: "url",
        hint: hosts,
      }),
      buildTextField(gettext("What it shows"), "embed-title", step.embed?.title ?? "", {
        maxlength: 200,
      }),
    );
  }

  #buildPreviewButton(): HTMLElement {
    const show = (): void => void this.#showPreview();
    const attributes = { type: "button", class: "plain", onclick: show, "data-testid": "preview" };
    return element("p", {}, element("button", attributes, gettext("Preview the text")));
  }

  #renderActions(): HTMLElement {
    return element(
      "div",
      { class: "row" },
      element("button", { type: "submit", "data-testid": "save-step" }, gettext("Save the step")),
      element(
        "button",
        {
          type: "button",
          class: "quiet",
          onclick: () => emit(this, "closed"),
          "data-testid": "close-step",
        },
        gettext("Close"),
      ),
      element(
        "span",
        { class: "small soft" },
        element("kbd", {}, "Ctrl"),
        " + ",
        element("kbd", {}, "S"),
      ),
    );
  }

  content(): StepContent {
    const url = readValue(this.#form, "embed-url");
    return {
      title: readValue(this.#form, "title"),
      body: readValue(this.#form, "body"),
      easy_body: readValue(this.#form, "easy_body"),
      embed: url ? { url, title: readValue(this.#form, "embed-title") } : null,
      question: this.#question?.value() ?? null,
      hints: readHints(this.#form),
    };
  }

  async #save(): Promise<void> {
    if (!this.api || !this.step) return;
    replaceContent(this.#status);
    try {
      this.step = await this.api.updateStep(this.step.id, this.step.revision, this.content());
      this.#draft?.saved(this.step.revision);
      replaceContent(this.#status, element("p", {}, gettext("Saved.")));
      emit(this, "saved", { step: this.step });
    } catch (error) {
      const problems = this.#buildMerge(error) ?? buildProblemList(error);
      replaceContent(this.#status, problems);
      problems.focus();
    }
  }

  /** Both versions of each part, where somebody else has saved the step meanwhile. */
  #buildMerge(error: unknown): HTMLElement | null {
    const stored = findStoredVersion(error) as AuthoredStep | null;
    if (!stored || !this.step) return null;
    return buildMergePanel<StepContent>({
      base: pickContent(this.step),
      readMine: () => this.content(),
      theirs: pickContent(stored),
      fields: buildMergeFields(),
      save: (merged) => {
        this.step = stored;
        if (this.#draft) this.#draft.base = stored.revision;
        if (this.api) this.#fill(this.api, { ...stored, ...merged });
        void this.#save();
      },
    });
  }

  async #showPreview(): Promise<void> {
    const text = await this.api?.renderMarkdown(readValue(this.#form, "body")).catch(() => null);
    const shown = text
      ? parseServerHtml(text.html, this.language)
      : element("p", {}, gettext("The preview failed. Please try again."));
    replaceContent(this.#preview, shown);
  }
}

export const nameStepDraft = (id: number): string => `step.${id}`;

function pickContent({
  title,
  body,
  easy_body,
  embed,
  question,
  hints,
}: AuthoredStep): StepContent {
  return {
    title,
    body,
    easy_body,
    embed,
    question,
    hints: hints.map(({ level, text, simple_text, symbol }) => ({
      level,
      text,
      simple_text,
      symbol,
    })),
  };
}

function buildMergeFields(): MergeField<StepContent>[] {
  return [
    { names: ["title"], label: gettext("Title"), format: (step) => step.title },
    { names: ["body"], label: gettext("Text"), format: (step) => step.body },
    { names: ["easy_body"], label: gettext("Easy version"), format: (step) => step.easy_body },
    {
      names: ["embed"],
      label: gettext("Web page or video from another site"),
      format: ({ embed }) => (embed ? `${embed.title}\n${embed.url}` : ""),
    },
    {
      names: ["question"],
      label: gettext("Question"),
      format: ({ question }) => (question ? describeQuestion(question) : ""),
    },
    {
      names: ["hints"],
      label: gettext("Hints, from small to large"),
      format: ({ hints }) =>
        hints.map(({ text, simple_text: simple }) => `${text}\n${simple}`.trim()).join("\n"),
    },
  ];
}

const formatMarkdownHelp = (): string =>
  gettext("Markdown: **bold**, *italic*, - list, 1. list, ### heading, [words](https://address).");

customElements.define("step-editor", StepEditor);

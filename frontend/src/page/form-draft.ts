/** Keeps what is typed into a form in this browser until it is saved, and asks before leaving. */
import { button, element } from "../dom";
import { formatDayTime, gettext, interpolate } from "../text";
import { askBeforeLeaving, deleteDraft, type Draft, readDraft, saveDraft } from "./drafts";
import { buildPersonalName, deleteNote, readNote, writeNote } from "./storage";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Values = Record<string, string | boolean>;

const UNKEPT_TYPES = ["hidden", "password", "file", "submit", "button", "search"];
/** Name for forms whose text must not stay on the device: they only ask before leaving. */
export const ASK_ONLY = "";
const SUBMITTED_NOTE = "submitted-forms";

/**
 * Draft of one form. What was typed earlier and not saved is put back, with a note that can discard
 * it; where the saved version has changed meanwhile, the note offers it instead.
 */
export class FormDraft {
  #initial: Values;
  #note: HTMLElement | null = null;
  #stopAsking: () => void = () => undefined;

  constructor(
    readonly form: HTMLElement,
    readonly name: string,
    /** Revision of what the form shows; a draft of another one is not put back by itself. */
    public base: string | number = "",
  ) {
    this.#initial = readValues(form);
    for (const type of ["input", "change"]) form.addEventListener(type, () => this.#keep());
    this.#offer();
  }

  get isChanged(): boolean {
    return Object.keys(this.#listChanges()).length > 0;
  }

  /** What the form shows now is saved. */
  saved(base: string | number = this.base): void {
    this.base = base;
    this.#initial = readValues(this.form);
    this.#forget();
  }

  /** Puts the saved values back. */
  discard(): void {
    applyValues(this.form, this.#initial);
    this.#forget();
  }

  /** The page is left by submitting the form, which must not be asked about. */
  stopAsking(): void {
    this.#stopAsking();
    this.#stopAsking = () => undefined;
  }

  #keep(): void {
    const changes = this.#listChanges();
    const isChanged = Object.keys(changes).length > 0;
    this.stopAsking();
    if (isChanged)
      this.#stopAsking = askBeforeLeaving(() => this.form.isConnected && this.isChanged);
    if (this.name === ASK_ONLY) return;
    if (isChanged) saveDraft(this.name, changes, String(this.base));
    else deleteDraft(this.name);
  }

  #offer(): void {
    if (this.name === ASK_ONLY) return;
    const older = `${this.name}.older`;
    const draft = readDraft<Values>(this.name);
    if (draft?.base === String(this.base)) this.#restore(draft);
    else if (draft) {
      saveDraft(older, draft.value, draft.base);
      deleteDraft(this.name);
    }
    const kept = readDraft<Values>(older);
    if (!kept) return;
    const use = button(gettext("Put my text back"), () => {
      deleteDraft(older);
      this.#restore(kept);
    });
    this.#show(
      interpolate(
        gettext(
          "This was saved by somebody else after you typed here on %(when)s. Your text is kept in this browser.",
        ),
        { when: formatDayTime(new Date(kept.atMs).toISOString()) },
      ),
      use,
    );
  }

  #restore(draft: Draft<Values>): void {
    applyValues(this.form, draft.value);
    this.#keep();
    if (!this.isChanged) return;
    const text = gettext("What you typed on %(when)s is back. It is not saved yet.");
    this.#show(
      interpolate(text, { when: formatDayTime(new Date(draft.atMs).toISOString()) }),
      null,
    );
  }

  #show(text: string, action: HTMLElement | null): void {
    this.#note?.remove();
    const discard = button(gettext("Discard my text"), () => this.discard(), {
      class: "plain",
      "data-testid": "discard-draft",
    });
    this.#note = element(
      "div",
      { class: "note draft-note", role: "status", "data-testid": "draft" },
      element("p", {}, text),
      element("div", { class: "row" }, action, discard),
    );
    this.form.prepend(this.#note);
  }

  #forget(): void {
    this.stopAsking();
    this.#note?.remove();
    this.#note = null;
    if (this.name !== ASK_ONLY) forgetDraft(this.name);
  }

  #listChanges(): Values {
    const now = Object.entries(readValues(this.form));
    return Object.fromEntries(now.filter(([key, value]) => this.#initial[key] !== value));
  }
}

/** Deletes what was kept of a form, whose object was saved or deleted. */
export function forgetDraft(name: string): void {
  deleteDraft(name);
  deleteDraft(`${name}.older`);
}

/**
 * Keeps the text of forms that the server rendered: `data-draft="NAME"`, or `ask` where nothing may
 * stay on the device. A submitted text is deleted when a page without its form arrives.
 */
export function keepServerForms(root: Document): void {
  const forms = [...root.querySelectorAll<HTMLFormElement>("form[data-draft]")];
  const kept = forms.filter((form) => form.dataset["draft"] !== "off");
  const named = kept.map((form): [HTMLFormElement, string] => [form, getServerName(form)]);
  const note = buildPersonalName(SUBMITTED_NOTE);
  const submitted = readNote(note);
  if (submitted !== null && !named.some(([, name]) => name === submitted)) forgetDraft(submitted);
  deleteNote(note);
  for (const [form, name] of named) {
    const draft = new FormDraft(form, name);
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      draft.stopAsking();
      if (name !== ASK_ONLY) writeNote(note, name);
    });
  }
}

function getServerName(form: HTMLFormElement): string {
  const name = form.dataset["draft"] ?? "ask";
  return name === "ask" ? ASK_ONLY : `form.${name}`;
}

function listFields(form: HTMLElement): [string, Field][] {
  const counts = new Map<string, number>();
  return [...form.querySelectorAll<Field>("input, textarea, select")]
    .filter((field) => !UNKEPT_TYPES.includes(field.type) && field.dataset["draft"] !== "off")
    .map((field) => {
      const isOption = field.type === "radio" || field.type === "checkbox";
      const key = (field.name || field.type) + (isOption ? `=${field.value}` : "");
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      return [count ? `${key}#${count}` : key, field];
    });
}

function readValues(form: HTMLElement): Values {
  return Object.fromEntries(listFields(form).map(([key, field]) => [key, readField(field)]));
}

function readField(field: Field): string | boolean {
  const isOption = field.type === "radio" || field.type === "checkbox";
  return isOption ? (field as HTMLInputElement).checked : field.value;
}

/** Selects come first: other fields may depend on them. */
function applyValues(form: HTMLElement, values: Values): void {
  applyTo(form, values, (field) => field instanceof HTMLSelectElement);
  applyTo(form, values, (field) => !(field instanceof HTMLSelectElement));
}

function applyTo(form: HTMLElement, values: Values, isMeant: (field: Field) => boolean): void {
  for (const [key, field] of listFields(form)) {
    const value = values[key];
    if (value === undefined || !isMeant(field) || readField(field) === value) continue;
    if (typeof value === "boolean") (field as HTMLInputElement).checked = value;
    else field.value = value;
    for (
      let part = field.closest("details");
      part;
      part = part.parentElement?.closest("details") ?? null
    )
      part.open = true;
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

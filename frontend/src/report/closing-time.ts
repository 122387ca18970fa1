import { ApiProblem } from "../api/http";
import type { Session } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import { button, element, replaceContent } from "../dom";
import { FormDraft } from "../page/form-draft";
import { formatDayTime, gettext, interpolate } from "../text";

type Closing = Pick<Session, "state" | "closes_at">;

/** Value of a date and time field, in the reader's time zone. */
export function toFieldValue(iso: string): string {
  const time = new Date(iso);
  const offsetMs = time.getTimezoneOffset() * 60_000;
  return new Date(time.getTime() - offsetMs).toISOString().slice(0, 16);
}

/** Time of a date and time field, whose value is empty while it is incomplete. */
export function parseFieldValue(value: string): string | null {
  const time = new Date(value);
  return value && !Number.isNaN(time.getTime()) ? time.toISOString() : null;
}

export function buildTimeField(label: string): [HTMLElement, HTMLInputElement] {
  const input = element("input", {
    type: "datetime-local",
    name: "closes-at",
    "data-testid": "closes-at",
  });
  return [element("label", { class: "field" }, element("span", {}, label), input), input];
}

/** Validation message of the server for a closing time. */
export function formatClosingError(error: unknown): string {
  if (error instanceof ApiProblem && error.reason === "session_ended")
    return gettext("This lesson is closed already.");
  const fields = error instanceof ApiProblem ? error.fields : null;
  const messages = (fields as Record<string, unknown> | null)?.["closes_at"];
  if (Array.isArray(messages)) return messages.join(" ");
  return gettext("Not saved. Please try again.");
}

/** Form in which a teacher sets when an open session closes by itself. */
export class ClosingTime {
  onSaved: (session: Session) => void = () => undefined;

  #api: SessionApi;
  #shown: string | null = null;
  #status = element("p", { role: "status", class: "small", "data-testid": "closing-status" });
  #draft: FormDraft | null = null;
  #remove = button(gettext("Remove the closing time"), () => void this.#save(null), {
    class: "quiet",
    "data-testid": "remove-closing-time",
  });
  #field: HTMLElement;
  #input: HTMLInputElement;

  readonly node = element("form", { class: "closing-time no-print", novalidate: true });

  constructor(api: SessionApi) {
    this.#api = api;
    [this.#field, this.#input] = buildTimeField(gettext("Closes at (optional)"));
    const save = { type: "submit", class: "quiet", "data-testid": "save-closing-time" };
    replaceContent(
      this.node,
      this.#field,
      element("button", save, gettext("Save the closing time")),
      this.#remove,
      this.#status,
    );
    this.#remove.hidden = true;
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** Shows the stored time, unless it is the one shown before: the teacher may be typing. */
  show({ state, closes_at }: Closing): void {
    this.node.hidden = state !== "open";
    this.#remove.hidden = closes_at === null;
    if (closes_at === this.#shown && this.#draft) return;
    this.#shown = closes_at;
    this.#input.value = closes_at ? toFieldValue(closes_at) : "";
    if (this.#draft) this.#draft.saved(closes_at ?? "");
    else {
      const name = `closing-time.${this.#api.sessionId}`;
      this.#draft = new FormDraft(this.node, name, closes_at ?? "");
    }
  }

  #submit(): void {
    const closesAt = parseFieldValue(this.#input.value);
    if (closesAt !== null) void this.#save(closesAt);
    else this.#status.textContent = gettext("Please enter a date and a time.");
  }

  async #save(closesAt: string | null): Promise<void> {
    try {
      const session = await this.#api.setClosingTime(closesAt);
      this.#status.textContent = formatSaved(session.closes_at);
      this.#draft?.saved();
      if (closesAt === null) this.#input.focus();
      this.onSaved(session);
    } catch (error) {
      this.#status.textContent = formatClosingError(error);
    }
  }
}

function formatSaved(closesAt: string | null): string {
  if (closesAt === null) return gettext("Saved. The lesson is open until you close it.");
  const text = gettext("Saved. The lesson closes by itself on %(when)s.");
  return interpolate(text, { when: formatDayTime(closesAt) });
}

import type {
  Consent,
  ConsentText,
  Controller,
  Grants,
  NamedSupporter,
  PermissionEnum,
} from "../../api/schema";
import type { CaptureMode } from "../../capture/frame-encoder";
import { button, element, emit, replaceContent } from "../../dom";
import { icon, isIcon } from "../../icons";
import { isEasyRead } from "../../page/browser-settings";
import { formatNameList, gettext, interpolate, pageLanguage } from "../../text";
import { selectConsentLocale, selectConsentText } from "./consent-text";
import { buildEasyToggle } from "../../page/easy-toggle";
import { listRequiredPermissions } from "./permissions";

const PERMISSIONS: PermissionEnum[] = [
  "capture",
  "server_processing",
  "own_view",
  "support_view",
  "research",
];

/** Required permissions that were not granted. */
function listMissingPermissions(grants: Grants, mode: CaptureMode): PermissionEnum[] {
  return listRequiredPermissions(mode).filter((grant) => !grants[grant]);
}

/**
 * Optional permissions: research only where the policy permits it, support view only with a
 * support person.
 */
function listOptionalPermissions(
  mode: CaptureMode,
  asked: { research: boolean; support: boolean },
): PermissionEnum[] {
  const elsewhere: PermissionEnum[] = ["capture", "server_processing"];
  return PERMISSIONS.filter(
    (grant) =>
      !elsewhere.includes(grant) &&
      !listRequiredPermissions(mode).includes(grant) &&
      (grant !== "research" || asked.research) &&
      (grant !== "support_view" || asked.support),
  );
}

/** Detail of "agree". */
export interface ConsentDecision {
  grants: Grants;
  read: { locale: string; form: "standard" | "easy"; supporters: string[] };
}

/**
 * `<consent-form>`: consent text with one unticked box per permission. Emits "agree" with {grants,
 * read}, and "back".
 */
export class ConsentFormElement extends HTMLElement {
  consent: Consent | null = null;
  mode: CaptureMode = "frames";
  research = false;
  #boxes = new Map<PermissionEnum, HTMLInputElement>();
  #text = element("div", { class: "consent-text" });
  #problem = element("p", { class: "field-error", role: "alert" });
  #agree = element(
    "button",
    { type: "submit", "data-testid": "consent-agree" },
    gettext("I agree, show me the preview"),
  );

  connectedCallback(): void {
    this.#renderText();
    const back = (): void => emit(this, "back");
    const boxes = element("form", { novalidate: true, onsubmit: (event) => this.#submit(event) });
    boxes.append(
      this.#buildGroup(gettext("Needed for the camera"), listRequiredPermissions(this.mode)),
      this.#buildOptionalGroup(),
      this.#problem,
      element(
        "div",
        { class: "row" },
        this.#agree,
        button(gettext("Back"), back, { class: "quiet" }),
      ),
    );
    replaceContent(this, this.#text, boxes);
  }

  showProblem(text: string): void {
    this.#agree.removeAttribute("aria-busy");
    replaceContent(this.#problem, icon("notice"), element("span", {}, text));
  }

  #renderText(): void {
    const form = this.consent && selectConsentText(this.consent.text, pageLanguage(), isEasyRead());
    const toggle = buildEasyToggle(() => {
      this.#renderText();
      this.querySelector<HTMLElement>('[data-testid="explain-simply"]')?.focus();
    });
    replaceContent(
      this.#text,
      element("h1", {}, form?.title ?? gettext("Your camera in this lesson")),
      this.consent?.ask_again &&
        element(
          "p",
          { class: "note", "data-testid": "consent-changed" },
          icon("notice"),
          " ",
          gettext("The text or the rules have changed since you agreed, so we ask you again."),
        ),
      form && element("p", { class: "lead" }, form.intro),
      toggle,
      element("dl", { class: "points" }, ...buildPoints(form?.points ?? [])),
      buildControllerList(this.consent?.responsible),
    );
  }

  #buildOptionalGroup(): HTMLElement {
    const support = this.#supporters().length > 0;
    const group = this.#buildGroup(
      gettext("Optional"),
      listOptionalPermissions(this.mode, { research: this.research, support }),
    );
    if (!support) group.append(element("p", { class: "soft" }, formatNoSupporters()));
    return group;
  }

  #supporters(): NamedSupporter[] {
    return this.consent?.supporters ?? [];
  }

  #buildGroup(title: string, grants: PermissionEnum[]): HTMLElement {
    const boxes = grants.map((grant) => this.#buildBox(grant));
    return element("fieldset", {}, element("legend", {}, title), ...boxes);
  }

  #buildBox(grant: PermissionEnum): HTMLElement {
    const input = element("input", {
      type: "checkbox",
      name: grant,
      "data-testid": `consent-${grant}`,
    });
    this.#boxes.set(grant, input);
    return element(
      "label",
      { class: "tick" },
      input,
      element("span", {}, this.#formatPermission(grant)),
    );
  }

  #formatPermission(grant: PermissionEnum): string {
    return grant === "support_view"
      ? formatSupportPermission(this.#supporters())
      : formatPermission(grant);
  }

  #submit(event: Event): void {
    event.preventDefault();
    const grants = Object.fromEntries(
      PERMISSIONS.map((grant) => [grant, this.#boxes.get(grant)?.checked ?? false]),
    ) as Grants;
    const first = listMissingPermissions(grants, this.mode)[0];
    if (first) {
      this.showProblem(
        this.mode === "frames"
          ? gettext("To use the camera, tick both of the first two boxes. Or go back.")
          : gettext("To use the camera, tick the first box. Or go back."),
      );
      this.#boxes.get(first)?.focus();
      return;
    }
    this.#problem.replaceChildren();
    this.#agree.setAttribute("aria-busy", "true");
    const supporters = this.#supporters().map(({ id }) => id);
    const read = {
      locale: selectConsentLocale(this.consent?.text ?? {}, pageLanguage()),
      form: isEasyRead() ? "easy" : "standard",
      supporters,
    };
    emit(this, "agree", { grants, read });
  }
}

function buildPoints(points: ConsentText["points"]): HTMLElement[] {
  return points.map(({ heading, body, symbol }) => {
    const sign = symbol && isIcon(symbol) ? icon(symbol) : null;
    return element("div", {}, element("dt", {}, sign, heading), element("dd", {}, body));
  });
}

/** Names the persons the permission is for. */
function formatSupportPermission(supporters: NamedSupporter[]): string {
  const names = formatNameList(supporters.map(({ name }) => name));
  return interpolate(
    gettext(
      "%(names)s may see my numbers of this lesson and my corrections. Nobody sees them unless I say yes.",
    ),
    { names },
  );
}

function formatNoSupporters(): string {
  return gettext(
    "You have no support person, so only you see your numbers. If you get one later, we ask you first.",
  );
}

function formatPermission(grant: PermissionEnum): string {
  switch (grant) {
    case "capture":
      return gettext("My camera may be used in this lesson.");
    case "server_processing":
      return gettext(
        "Pictures may be sent to the school's computer, which analyses each one and deletes it at once.",
      );
    case "own_view":
      return gettext("Show me the computer's estimates while I work.");
    case "support_view":
      return gettext("My support person may see my numbers.");
    case "research":
      return gettext("My numbers may be used to study how well this tool works.");
  }
}

function buildControllerList(responsible: Controller | undefined): HTMLElement | null {
  const lines = [
    [gettext("Purpose"), responsible?.purpose],
    [gettext("Who is responsible"), responsible?.controller],
    [gettext("Contact"), responsible?.contact],
  ].filter(([, text]) => text);
  if (lines.length === 0) return null;
  const nodes = lines.map(([name, text]) =>
    element("div", {}, element("dt", {}, name ?? ""), element("dd", {}, text ?? "")),
  );
  return element("dl", { class: "stored small", "data-testid": "responsible" }, ...nodes);
}

customElements.define("consent-form", ConsentFormElement);

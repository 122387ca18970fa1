import type { AuthorApi } from "../api/authoring";
import type { AuthoredPicture } from "../api/schema";
import { button, element, quietButton, replaceContent } from "../dom";
import { gettext } from "../text";
import { findStoredVersion } from "./merge";
import { buildField, buildTextField, readValue } from "./fields";
import { buildProblemList } from "./problems";

/** Upload of a step's picture, saved separately from the step. */
export class PictureFields {
  readonly node = element("details", { class: "part" });
  #body = element("div");

  constructor(
    readonly api: AuthorApi,
    readonly stepId: number,
    public picture: AuthoredPicture | null,
    readonly onChange: (picture: AuthoredPicture | null) => void = () => undefined,
  ) {
    this.node.open = picture !== null;
    this.node.append(element("summary", {}, gettext("Picture")), this.#body);
    this.#render();
  }

  /** `text`: alternative text that is not saved yet. */
  #render(status = "", text = this.picture?.alternative_text ?? ""): void {
    const file = element("input", {
      type: "file",
      name: "picture",
      accept: "image/jpeg,image/png,image/webp,image/gif",
    });
    const save = (): void => void this.#run(() => this.#save(file.files?.[0]));
    replaceContent(
      this.#body,
      this.picture &&
        element("img", {
          src: this.picture.url,
          alt: this.picture.alternative_text,
          class: "thumbnail",
          width: "240",
        }),
      buildField(gettext("File"), file),
      buildTextField(gettext("What the picture shows"), "alternative", text, {
        maxlength: 500,
        hint: gettext(
          "Alternative text for people who cannot see the picture. Describe what matters for the step.",
        ),
      }),
      element(
        "div",
        { class: "row" },
        quietButton(gettext("Save the picture"), save, "save-picture"),
        this.picture && this.#removeButton(),
      ),
      element("p", { role: "status", class: "small" }, status),
    );
  }

  #removeButton(): HTMLElement {
    const remove = (): void =>
      void this.#run(async () => {
        if (this.picture) await this.api.deletePicture(this.stepId, this.picture);
        this.#take(null);
        this.#render(gettext("Picture removed."));
      });
    return button(gettext("Remove the picture"), remove, { class: "plain" });
  }

  async #save(file: File | undefined): Promise<void> {
    const text = readValue(this.#body, "alternative");
    if (file) this.#take(await this.api.setPicture(this.stepId, file, text, this.picture));
    else if (this.picture)
      this.#take(await this.api.describePicture(this.stepId, text, this.picture));
    else {
      this.#render(gettext("Choose a file first."));
      return;
    }
    this.#render(gettext("Saved."));
  }

  async #run(task: () => Promise<void>): Promise<void> {
    this.#body.querySelector("[role=alert]")?.remove();
    try {
      await task();
    } catch (error) {
      const stored = findStoredVersion(error) as { picture: AuthoredPicture | null } | null;
      if (stored) this.#showStored(stored.picture);
      const theirs = stored?.picture?.alternative_text;
      this.#body.append(buildProblemList(error, theirs ? `“${theirs}”` : ""));
    }
  }

  /** Shows the picture that somebody else stored; what was typed here stays in its field. */
  #showStored(picture: AuthoredPicture | null): void {
    const text = readValue(this.#body, "alternative");
    this.#take(picture);
    this.#render("", text);
  }

  #take(picture: AuthoredPicture | null): void {
    this.picture = picture;
    this.onChange(picture);
  }
}

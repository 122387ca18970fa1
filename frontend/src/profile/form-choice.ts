import type { HintFormEnum } from "../api/schema";
import { element } from "../dom";
import { gettext } from "../text";

const FORMS: { form: HintFormEnum; text: () => string; help: () => string }[] = [
  { form: "text", text: () => gettext("Text"), help: () => gettext("as your teacher wrote it") },
  {
    form: "simple_text",
    text: () => gettext("Simple text"),
    help: () => gettext("short, easy sentences"),
  },
  {
    form: "symbol",
    text: () => gettext("Symbol"),
    help: () => gettext("a picture with a few words"),
  },
  {
    form: "audio",
    text: () => gettext("Read aloud"),
    help: () => gettext("your browser reads it when you press the button"),
  },
];

/** Radio buttons for the form of hints. */
export function buildFormChoice(
  current: HintFormEnum,
  onChoose: (form: HintFormEnum) => void,
): HTMLElement {
  const name = "hint-form";
  const choices = FORMS.map(({ form, text, help }) =>
    element(
      "label",
      { class: "tick" },
      element("input", {
        type: "radio",
        name,
        value: form,
        checked: form === current,
        onchange: () => onChoose(form),
        "data-testid": `hint-form-${form}`,
      }),
      element("span", {}, text(), element("small", {}, help())),
    ),
  );
  return element("fieldset", {}, element("legend", {}, gettext("Show hints as")), ...choices);
}

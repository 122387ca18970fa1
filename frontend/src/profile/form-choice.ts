import type { HintFormEnum } from "../api/schema";
import { element } from "../dom";
import { gettext } from "../text";

const FORMS: { form: HintFormEnum; words: () => string; more: () => string }[] = [
  { form: "text", words: () => gettext("Text"), more: () => gettext("as your teacher wrote it") },
  {
    form: "simple_text",
    words: () => gettext("Simple text"),
    more: () => gettext("short, easy sentences"),
  },
  {
    form: "symbol",
    words: () => gettext("Symbol"),
    more: () => gettext("a picture with a few words"),
  },
  {
    form: "audio",
    words: () => gettext("Read aloud"),
    more: () => gettext("your browser reads it when you press the button"),
  },
];

/** Radio buttons for the form of hints. */
export function buildFormChoice(
  now: HintFormEnum,
  choose: (form: HintFormEnum) => void,
): HTMLElement {
  const name = "hint-form";
  const choices = FORMS.map(({ form, words, more }) =>
    element(
      "label",
      { class: "tick" },
      element("input", {
        type: "radio",
        name,
        value: form,
        checked: form === now,
        onchange: () => choose(form),
        "data-testid": `hint-form-${form}`,
      }),
      element("span", {}, words(), element("small", {}, more())),
    ),
  );
  return element("fieldset", {}, element("legend", {}, gettext("Show hints as")), ...choices);
}

import { element } from "../dom";

export interface SliderOptions {
  label: string;
  name: string;
  value: number;
  low: number;
  high: number;
  step: number;
  words: (value: number) => string;
  hint?: string;
}

/** A slider with its value as text, also for screen readers. */
export function buildSlider(use: SliderOptions): HTMLElement {
  const said = element("output", { class: "slider-words" }, use.words(use.value));
  const input = element("input", {
    type: "range",
    name: use.name,
    min: use.low,
    max: use.high,
    step: use.step,
    "aria-valuetext": use.words(use.value),
    "data-testid": `slider-${use.name}`,
    oninput: () => {
      const words = use.words(Number(input.value));
      said.textContent = words;
      input.setAttribute("aria-valuetext", words);
    },
  });
  input.value = String(use.value);
  return element(
    "div",
    { class: "slider" },
    element("label", { class: "field" }, element("span", {}, use.label), input),
    said,
    use.hint && element("small", { class: "soft" }, use.hint),
  );
}

import { element } from "../dom";

export interface SliderOptions {
  label: string;
  name: string;
  value: number;
  low: number;
  high: number;
  step: number;
  text: (value: number) => string;
  hint?: string;
}

/** A slider with its value as text, also for screen readers. */
export function buildSlider(options: SliderOptions): HTMLElement {
  const output = element("output", { class: "slider-text" }, options.text(options.value));
  const input = element("input", {
    type: "range",
    name: options.name,
    min: options.low,
    max: options.high,
    step: options.step,
    "aria-valuetext": options.text(options.value),
    "data-testid": `slider-${options.name}`,
    oninput: () => {
      const text = options.text(Number(input.value));
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    },
  });
  input.value = String(options.value);
  return element(
    "div",
    { class: "slider" },
    element("label", { class: "field" }, element("span", {}, options.label), input),
    output,
    options.hint && element("small", { class: "soft" }, options.hint),
  );
}

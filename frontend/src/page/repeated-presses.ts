/** Drops the second half of a double click, and keys that are held down on a button. */

export function dropRepeatedPresses(root: Document): void {
  root.addEventListener(
    "click",
    (event) => {
      if (event.detail > 1 && isButton(event.target)) stop(event);
    },
    true,
  );
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.repeat && !writes(event.key, event.target)) stop(event);
    },
    true,
  );
}

function isButton(target: EventTarget | null): boolean {
  const found = target instanceof Element ? target.closest("button, a.button, summary") : null;
  return found !== null && !found.hasAttribute("data-repeat");
}

/** Whether a held key writes text. Enter in a one-line field submits its form instead. */
function writes(key: string, target: EventTarget | null): boolean {
  if (key !== "Enter" && key !== " ") return true;
  if (target instanceof HTMLTextAreaElement) return true;
  return key === " " && target instanceof HTMLInputElement;
}

function stop(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

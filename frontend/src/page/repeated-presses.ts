/** Drops the second half of a double click, and keys that are held down on a button. */

const DOUBLE_PRESS_MS = 500;

export function dropRepeatedPresses(root: Document): void {
  let latest: { button: Element; atMs: number } | null = null;
  root.addEventListener(
    "click",
    (event) => {
      const button = findButton(event.target);
      if (!button) return;
      const sinceMs = event.timeStamp - (latest?.atMs ?? -Infinity);
      // The browser counts from 1 again where the button's text has changed meanwhile.
      const isSame = latest?.button === button && sinceMs < DOUBLE_PRESS_MS;
      if (event.detail > 1 || isSame) stop(event);
      else latest = { button, atMs: event.timeStamp };
    },
    true,
  );
  // Whoever has typed or chosen something in between presses anew.
  root.addEventListener("input", () => (latest = null), true);
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.repeat && !writes(event.key, event.target)) stop(event);
    },
    true,
  );
}

function findButton(target: EventTarget | null): Element | null {
  const found = target instanceof Element ? target.closest("button, a.button, summary") : null;
  return found?.hasAttribute("data-repeat") ? null : found;
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

import { areShortcutsOn } from "./browser-settings";

/** Adds a single-key shortcut outside text fields; returns a function that removes it. */
export function addShortcut(key: string, callback: () => void): () => void {
  const listen = (event: KeyboardEvent): void => {
    if (!areShortcutsOn() || !isPlainKey(event, key) || acceptsText(event.target)) return;
    event.preventDefault();
    callback();
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}

function isPlainKey(event: KeyboardEvent, key: string): boolean {
  const modified = event.ctrlKey || event.altKey || event.metaKey;
  return !modified && !event.repeat && event.key.toLowerCase() === key;
}

function acceptsText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const field = target.closest("input, textarea, select, dialog, [contenteditable]");
  return field !== null && !["checkbox", "radio"].includes((field as HTMLInputElement).type);
}

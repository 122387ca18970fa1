/** What a reader chose for this browser. Nothing here goes to the server. */

export type Font = "atkinson" | "open-dyslexic";

const FONT_KEY = "fer.letters";
const SHORTCUTS_KEY = "fer.keys";
const EASY_READ_KEY = "fer.easy";

export function getFont(): Font {
  return read(FONT_KEY) === "open-dyslexic" ? "open-dyslexic" : "atkinson";
}

export function setFont(choice: Font): void {
  write(FONT_KEY, choice);
  document.documentElement.dataset["letters"] = choice;
}

/** Single keys as shortcuts can be switched off: speech input and tremor set them off by chance. */
export function areShortcutsOn(): boolean {
  return read(SHORTCUTS_KEY) !== "off";
}

export function setShortcuts(on: boolean): void {
  write(SHORTCUTS_KEY, on ? "on" : "off");
  document.dispatchEvent(new CustomEvent("keys-changed"));
}

export function isEasyRead(): boolean {
  return read(EASY_READ_KEY) === "yes";
}

export function setEasyRead(easy: boolean): void {
  write(EASY_READ_KEY, easy ? "yes" : "no");
}

/** Which step somebody was at, so that loading the page again does not lose the place. */
export function getLastStep(session: string): number {
  return Number(read(`fer.place.${session}`) ?? 0) || 0;
}

export function saveLastStep(session: string, at: number): void {
  write(`fer.place.${session}`, String(at));
}

// In a frame of another site the browser may refuse storage: the choice then lasts for the page.
const fallbackStorage = new Map<string, string>();

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return fallbackStorage.get(name) ?? null;
  }
}

function write(name: string, value: string): void {
  fallbackStorage.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // Kept for this page.
  }
}

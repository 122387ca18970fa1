/** Notes in this browser, for settings of the browser and for one person each. */
import { getPagePerson } from "./page-person";

// Third-party frames may have no storage; notes then last for the page.
const fallback = new Map<string, string>();

export function readNote(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return fallback.get(name) ?? null;
  }
}

export function writeNote(name: string, value: string): void {
  fallback.set(name, value);
  try {
    localStorage.setItem(name, value);
  } catch {
    // Kept for this page only.
  }
}

export function deleteNote(name: string): void {
  fallback.delete(name);
  try {
    localStorage.removeItem(name);
  } catch {
    // It was never stored.
  }
}

/** Name of a note about the person of this page: nobody else on this computer reads it. */
export function buildPersonalName(name: string): string {
  return `fer.person.${getPagePerson()}.${name}`;
}

/** Names of notes that begin with `prefix`. */
export function listNotes(prefix: string): string[] {
  let names = [...fallback.keys()];
  try {
    names = Object.keys(localStorage);
  } catch {
    // Only this page's notes.
  }
  return names.filter((name) => name.startsWith(prefix));
}

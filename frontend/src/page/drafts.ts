/** Typed text of one person, kept in this browser until it is saved. */
import { buildPersonalName, deleteNote, listNotes, readNote, writeNote } from "./storage";

export interface Draft<T> {
  atMs: number;
  /** Revision of the object that was edited, where it has one. */
  base: string;
  value: T;
}

export function saveDraft(name: string, value: unknown, base = ""): void {
  const draft: Draft<unknown> = { atMs: Date.now(), base, value };
  writeNote(buildPersonalName(`draft.${name}`), JSON.stringify(draft));
}

export function readDraft<T>(name: string): Draft<T> | null {
  try {
    const draft = JSON.parse(readNote(buildPersonalName(`draft.${name}`)) ?? "") as Draft<T>;
    return typeof draft.atMs === "number" ? draft : null;
  } catch {
    return null;
  }
}

export function deleteDraft(name: string): void {
  deleteNote(buildPersonalName(`draft.${name}`));
}

const MAX_AGE_MS = 30 * 24 * 3_600_000;

/** Deletes what nobody has come back to, of every person who uses this browser. */
export function deleteOldDrafts(): void {
  for (const name of listNotes("fer.person."))
    if (name.includes(".draft.") && isOld(readNote(name))) deleteNote(name);
}

function isOld(note: string | null): boolean {
  try {
    return Date.now() - (JSON.parse(note ?? "") as Draft<unknown>).atMs > MAX_AGE_MS;
  } catch {
    return true;
  }
}

const unsaved = new Set<() => boolean>();

/** Makes the browser ask before it leaves the page while `isUnsaved` holds. */
export function askBeforeLeaving(isUnsaved: () => boolean): () => void {
  if (unsaved.size === 0) globalThis.addEventListener("beforeunload", warn);
  unsaved.add(isUnsaved);
  return () => {
    unsaved.delete(isUnsaved);
    if (unsaved.size === 0) globalThis.removeEventListener("beforeunload", warn);
  };
}

function warn(event: BeforeUnloadEvent): void {
  if ([...unsaved].some((isUnsaved) => isUnsaved())) event.preventDefault();
}

/** A withdrawal that was pressed and has no reply yet; it is sent again before anything else. */
import { ApiProblem } from "../../api/http";
import type { Consent } from "../../api/schema";
import type { SessionApi } from "../../api/sessions";
import { SIGNED_IN_AGAIN_EVENT } from "../../page/page-events";
import { listenToPage } from "../../page/page-person";
import { buildPersonalName, deleteNote, readNote, writeNote } from "../../page/storage";

type Api = Pick<SessionApi, "sessionId" | "withdrawConsent">;

const buildName = (api: Api): string => buildPersonalName(`withdraw.${api.sessionId}`);

export async function withdraw(api: Api): Promise<Consent> {
  writeNote(buildName(api), "yes");
  try {
    const consent = await api.withdrawConsent();
    deleteNote(buildName(api));
    return consent;
  } catch (error) {
    if (error instanceof ApiProblem && error.isFinal) deleteNote(buildName(api));
    throw error;
  }
}

/** Completes the withdrawal of an earlier page; returns whether one was sent and stored. */
export async function finishWithdrawal(api: Api): Promise<boolean> {
  if (readNote(buildName(api)) === null) return false;
  return withdraw(api).then(
    () => true,
    () => false,
  );
}

/** The same while the page stays open, once the learner is signed in or online again. */
export function finishWithdrawalLater(api: Api, onDone: () => void): void {
  const finish = (): void => {
    void finishWithdrawal(api).then((isDone) => (isDone ? onDone() : undefined));
  };
  listenToPage(SIGNED_IN_AGAIN_EVENT, finish);
  globalThis.addEventListener("online", finish);
}

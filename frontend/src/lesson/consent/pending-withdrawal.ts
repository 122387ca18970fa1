/** A withdrawal that was pressed and has no reply yet; it is sent again before anything else. */
import { ApiProblem } from "../../api/http";
import type { Consent } from "../../api/schema";
import type { SessionApi } from "../../api/sessions";
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

/** Completes the withdrawal of an earlier page. */
export async function finishWithdrawal(api: Api): Promise<void> {
  if (readNote(buildName(api)) !== null) await withdraw(api).catch(() => undefined);
}

import type { MyReport, Session } from "../api/schema";
import type { SessionApi } from "../api/sessions";
import type { EndReason } from "./lesson-end";

const MAX_WAIT_MS = 3_000;

/**
 * Builds the end page, which states what was right and what was shared: by the server's count, or
 * by the session as the page knows it where there is no reply in time.
 *
 * @param flushed - settles when the last events are sent
 */
export async function loadLessonEnd(
  api: SessionApi,
  known: Session,
  reason: EndReason,
  flushed: Promise<unknown> = Promise.resolve(),
): Promise<HTMLElement> {
  const { buildLessonEnd } = await import("./parts/lesson-part");
  const read = async (): Promise<[Session, MyReport | null]> => {
    await flushed;
    return Promise.all([api.getSession().catch(() => known), api.getMyReport().catch(() => null)]);
  };
  const late = new Promise<[Session, null]>((resolve) =>
    setTimeout(() => resolve([known, null]), MAX_WAIT_MS),
  );
  const [session, report] = await Promise.race([read(), late]);
  return buildLessonEnd(session, reason, report);
}

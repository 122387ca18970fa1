import type { ObservationWindow } from "../api/schema";
import { buildTable } from "../charts/table";
import { gettext, interpolate, ngettext } from "../text";

type Counted = Pick<ObservationWindow, "received" | "refused" | "processed" | "lost">;

export interface FrameCounts {
  received: number;
  processed: number;
  reasons: [string, number][];
}

/** All windows together: how many pictures came, were looked at, or were thrown away unseen. */
export function countFrames(windows: Counted[]): FrameCounts {
  const reasons = new Map<string, number>();
  const counts = { received: 0, processed: 0 };
  for (const window of windows) {
    counts.received += window.received;
    counts.processed += window.processed;
    for (const [reason, count] of [
      ...Object.entries(window.refused),
      ...Object.entries(window.lost),
    ])
      if (count) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  }
  return { ...counts, reasons: [...reasons].sort(([a], [b]) => a.localeCompare(b)) };
}

export function formatFrameCounts(windows: Counted[]): string {
  const { received } = countFrames(windows);
  return interpolate(
    ngettext(
      "One picture was sent. It was looked at for a moment and thrown away.",
      "%(n)s pictures were sent. Each was looked at for a moment, or not at all, and thrown away.",
      received,
    ),
    { n: received },
  );
}

export function buildFrameTable(windows: Counted[]): HTMLElement {
  const counts = countFrames(windows);
  const rows: [string, number][] = [
    [gettext("Sent"), counts.received],
    [gettext("Looked at for a moment"), counts.processed],
    ...counts.reasons.map(([reason, n]): [string, number] => [formatDropReason(reason), n]),
  ];
  return buildTable(
    gettext("What happened to the pictures. None of them is kept."),
    [
      { title: gettext("Pictures"), cell: ([words]) => words },
      { title: gettext("How many"), number: true, cell: ([, count]) => String(count) },
    ],
    rows,
  );
}

/** Why a picture was thrown away without a reading. */
export function formatDropReason(reason: string): string {
  switch (reason) {
    case "superseded":
      return gettext("Not looked at: a newer one came first");
    case "expired":
    case "late":
      return gettext("Not counted: too late");
    case "lost_in_flight":
      return gettext("Not counted: lost on the way");
    case "rate_limited":
      return gettext("Not taken: too many at once");
    case "not_permitted":
      return gettext("Not taken: not permitted at that moment");
    case "rejected":
    case "bad_jpeg":
    case "bad_header":
    case "bad_seq":
      return gettext("Not taken: damaged");
    default:
      return interpolate(gettext("Not taken: %(reason)s"), { reason });
  }
}

import type { ObservationWindow } from "../api/schema";
import { buildTable } from "../charts/table";
import { gettext, interpolate, ngettext } from "../text";

type Counted = Pick<ObservationWindow, "received" | "refused" | "processed" | "lost">;

export interface FrameCounts {
  received: number;
  processed: number;
  reasons: [string, number][];
}

/** Sums the frame counts of all windows. */
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
      "One picture was sent. It was analysed and deleted at once.",
      "%(n)s pictures were sent. Each was analysed or skipped, and deleted at once.",
      received,
    ),
    { n: received },
  );
}

export function buildFrameTable(windows: Counted[]): HTMLElement {
  const counts = countFrames(windows);
  const rows: [string, number][] = [
    [gettext("Sent"), counts.received],
    [gettext("Analysed"), counts.processed],
    ...counts.reasons.map(([reason, n]): [string, number] => [formatDropReason(reason), n]),
  ];
  return buildTable(
    gettext("What happened to the pictures. None of them was saved."),
    [
      { title: gettext("Pictures"), cell: ([text]) => text },
      { title: gettext("How many"), number: true, cell: ([, count]) => String(count) },
    ],
    rows,
  );
}

export function formatDropReason(reason: string): string {
  switch (reason) {
    case "superseded":
      return gettext("Skipped: a newer picture came first");
    case "expired":
    case "late":
      return gettext("Skipped: too late");
    case "lost_in_flight":
      return gettext("Lost: the server stopped");
    case "rate_limited":
      return gettext("Refused: too many pictures");
    case "permission_unknown":
      return gettext("Refused: the server was too busy to check your choice");
    case "not_permitted":
      return gettext("Refused: not allowed at that time");
    case "rejected":
    case "bad_jpeg":
    case "bad_header":
    case "bad_seq":
      return gettext("Refused: damaged");
    default:
      return interpolate(gettext("Refused: %(reason)s"), { reason });
  }
}

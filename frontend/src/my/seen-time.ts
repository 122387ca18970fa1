import type { ObservationWindow } from "../api/schema";
import { gettext, interpolate, ngettext } from "../text";

const WINDOW_S = 10;

export interface SeenTime {
  /** Seconds covered by windows. */
  looked: number;
  /** Seconds of those with a visible face. */
  seen: number;
}

export function computeSeenTime(windows: Pick<ObservationWindow, "coverage">[]): SeenTime {
  const seen = windows.reduce((sum, { coverage }) => sum + coverage * WINDOW_S, 0);
  return { looked: windows.length * WINDOW_S, seen: Math.round(seen) };
}

export function formatSeenTime({ looked, seen }: SeenTime): string {
  return interpolate(
    gettext("The camera was on for %(looked)s. We could see your face for %(seen)s."),
    { looked: formatDuration(looked), seen: formatDuration(seen) },
  );
}

/** "50 seconds" below two minutes, then whole minutes. */
export function formatDuration(seconds: number): string {
  if (seconds < 120)
    return interpolate(ngettext("%(n)s second", "%(n)s seconds", seconds), { n: seconds });
  const minutes = Math.round(seconds / 60);
  return interpolate(ngettext("%(n)s minute", "%(n)s minutes", minutes), { n: minutes });
}

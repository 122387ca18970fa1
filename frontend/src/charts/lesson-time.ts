import { gettext, interpolate } from "../text";

const BREAK_MS = 15 * 60_000;

/**
 * Returns a function from a time to seconds of lesson time: from when the learner came, without
 * breaks of more than 15 minutes in which nothing is stored.
 */
export function buildLessonClock(times: string[], joinedAt: string): (time: string) => number {
  const known = [...new Set([joinedAt, ...times].map((time) => Date.parse(time)))].sort(
    (a, b) => a - b,
  );
  const breaks = known.slice(1).flatMap((time, at) => {
    const length = time - (known[at] ?? time);
    return length > BREAK_MS ? [{ end: time, length }] : [];
  });
  const start = known[0] ?? 0;
  return (time) => {
    const at = Date.parse(time);
    const away = breaks.filter(({ end }) => end <= at).reduce((sum, gap) => sum + gap.length, 0);
    return Math.max(0, (at - start - away) / 1000);
  };
}

/** Lesson time as "12:30" (minutes and seconds). */
export function formatLessonTime(seconds: number): string {
  const whole = Math.round(seconds);
  const rest = String(whole % 60).padStart(2, "0");
  return interpolate("%(minutes)s:%(rest)s", { minutes: Math.floor(whole / 60), rest });
}

/** "4 to 6" (minutes). */
export function formatMinuteSpan(startSeconds: number, rowSeconds: number): string {
  return interpolate(gettext("%(from)s to %(to)s"), {
    from: Math.round(startSeconds / 60),
    to: Math.round((startSeconds + rowSeconds) / 60),
  });
}

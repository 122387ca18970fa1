import { gettext, interpolate } from "../text";

/** Seconds between the start of a lesson and a time; 0 for earlier times. */
export function computeLessonSeconds(time: string, lessonStart: string): number {
  return Math.max(0, (Date.parse(time) - Date.parse(lessonStart)) / 1000);
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

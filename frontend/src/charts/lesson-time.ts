import { interpolate } from "../text";

/** Lesson time as "12:30" (minutes and seconds). */
export function formatLessonTime(start: string, lessonStart: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(start) - Date.parse(lessonStart)) / 1000));
  const rest = String(seconds % 60).padStart(2, "0");
  return interpolate("%(minutes)s:%(rest)s", { minutes: Math.floor(seconds / 60), rest });
}

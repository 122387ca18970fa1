import { formatDateTime } from "../text";

/** Writes each `<time data-local>` in the reader's time zone and language. */
export function showLocalTimes(root: ParentNode): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-local]"))
    time.textContent = formatDateTime(time.dateTime);
}

import { formatPercent, gettext, interpolate, ngettext } from "../text";

/** Texts for slider values. */

export function formatThreshold(threshold: number): string {
  if (threshold < 0.4) return gettext("to weak signs: many hints");
  if (threshold < 0.6) return gettext("to clear signs");
  if (threshold < 0.8) return gettext("to strong signs only");
  return gettext("to very strong signs only: few hints");
}

export function formatHeldWindows(windows: number): string {
  if (windows === 0) return gettext("immediately");
  if (windows * 10 < 90)
    return interpolate(gettext("%(seconds)s seconds"), { seconds: windows * 10 });
  return formatMinutes(windows * 10);
}

export function formatMinutes(seconds: number): string {
  const minutes = Math.round((seconds / 60) * 10) / 10;
  return interpolate(ngettext("%(n)s minute", "%(n)s minutes", minutes), { n: minutes });
}

export function formatTimes(times: number): string {
  return interpolate(ngettext("once", "%(n)s times", times), { n: times });
}

export function formatCoverage(coverage: number): string {
  return interpolate(gettext("%(share)s of the time"), { share: formatPercent(coverage) });
}

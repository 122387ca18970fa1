/** Colours and font for canvases, which do not inherit CSS. */
export interface Theme {
  ink: string;
  soft: string;
  line: string;
  accent: string;
  fill: string;
  band: string;
  ground: string;
  font: string;
}

export function readTheme(node: Element): Theme {
  const style = getComputedStyle(node);
  const forced = matchMedia("(forced-colors: active)").matches;
  const token = (name: string, system: string): string =>
    forced ? system : style.getPropertyValue(name).trim();
  return {
    ink: token("--ink", "CanvasText"),
    soft: token("--ink-soft", "CanvasText"),
    line: token("--line", "GrayText"),
    accent: token("--accent", "Highlight"),
    fill: token("--accent-soft", "Canvas"),
    // Forced colours have no light shade: the dashed edge of a band remains, and no area.
    band: token("--band", "transparent"),
    ground: token("--surface", "Canvas"),
    font: style.fontFamily,
  };
}

/** Calls back when dark mode, forced colours or print changes. */
export function onThemeChange(callback: () => void, signal: AbortSignal): void {
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)", "print"])
    matchMedia(query).addEventListener("change", callback, { signal });
}

import { svg } from "./dom";

/** SVG paths on a 24x24 grid; icons always accompany text. */
const PATHS = {
  letters: ["M3 19 8.5 5 14 19", "M5 14h7", "M15.5 19l3-8 3 8", "M16.6 16.2h3.8"],
  camera: ["M3 7h12v10H3z", "m15 11 6-4v10l-6-4"],
  "camera-off": ["M3 7h12v10H3z", "m15 11 6-4v10l-6-4", "M2 3l20 18"],
  screen: ["M3 4h18v12H3z", "M8 20h8", "M12 16v4"],
  device: ["M5 5h14v10H5z", "M2 19h20"],
  book: ["M12 6c-2-1.6-5-2-9-2v14c4 0 7 .4 9 2 2-1.6 5-2 9-2V4c-4 0-7 .4-9 2z", "M12 6v14"],
  on: ["M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18z", "M12 9a3 3 0 1 0 0 6 3 3 0 1 0 0-6z"],
  preview: ["M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18z"],
  paused: ["M8 5v14", "M16 5v14"],
  off: ["M5 5h14v14H5z", "M5 5l14 14"],
  reconnecting: ["M20 12a8 8 0 1 1-2.3-5.7", "M20 3v5h-5"],
  play: ["M7 5l12 7-12 7z"],
  stop: ["M6 6h12v12H6z"],
  easy: ["M2 15h20"],
  middling: ["M2 18c8 0 8-8 20-8"],
  steep: ["M2 20h6l6-14h8"],
  good: ["M4 13l5 5L20 6"],
  dark: ["M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z"],
  bright: [
    "M12 8a4 4 0 1 0 0 8 4 4 0 1 0 0-8z",
    "M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6 19 19M5 19l1.4-1.4M17.6 6.4 19 5",
  ],
  table: ["M3 5h18v14H3z", "M3 10h18M3 14.5h18M10 5v14"],
  chart: ["M4 4v16h16", "M7 15l4-5 4 3 5-7"],
  sound: ["M4 9v6h4l5 4V5L8 9z", "M16.5 8.5a5 5 0 0 1 0 7", "M19 6a9 9 0 0 1 0 12"],
  look: ["M2 12c5-8 15-8 20 0-5 8-15 8-20 0z", "M12 9a3 3 0 1 0 0 6 3 3 0 1 0 0-6z"],
  draw: ["M4 20l1-5L16 4l4 4L9 19z", "M13 7l4 4"],
  compare: ["M12 3v18M6 21h12M3 14l3-8 3 8zM15 14l3-8 3 8z", "M6 6h12"],
  count: ["M5 5v14M10 5v14M15 5v14M20 5v14", "M2 16 22 8"],
  split: ["M3 7h18v10H3z", "M9 7v10M15 7v10"],
  ask: [
    "M4 4h16v12H10l-5 5v-5H4z",
    "M9.5 8a2.5 2.5 0 1 1 3.2 2.4c-.5.2-.7.5-.7 1.1",
    "M12 13.7v.3",
  ],
  up: ["M12 20V5M5 12l7-7 7 7"],
  down: ["M12 4v15M5 12l7 7 7-7"],
  person: ["M12 4a4 4 0 1 0 0 8 4 4 0 1 0 0-8z", "M4 21c0-5 3.5-7 8-7s8 2 8 7"],
  calendar: ["M4 6h16v14H4z", "M4 10.5h16M8 3v5M16 3v5"],
  notice: ["M12 3a9 9 0 1 0 0 18 9 9 0 1 0 0-18z", "M12 11v6M12 7.5v.5"],
} as const;

export type IconName = keyof typeof PATHS;

export function isIcon(name: string): name is IconName {
  return name in PATHS;
}

export function icon(name: IconName): SVGElement {
  const shapes = PATHS[name].map((d) => svg("path", { d }));
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, ...shapes);
}

import type { RulesApi } from "../api/rules";
import type { LessonRules, Option, RulePreview, RuleSpec } from "../api/schema";
import { buildSelect, readValue } from "../author/fields";
import { buildProblemList } from "../author/problems";
import { element, quietButton, replaceContent, svg } from "../dom";
import { formatDateTime, formatPercent, gettext, interpolate, ngettext } from "../text";

const WIDTH = 640;
const HEIGHT = 120;
const LEFT = 20;
const LINE = 70;
/** Reasons with a smaller share are not listed. */
const MIN_SHARE = 0.005;

/** Preview of a rule: where it would fire, and why not elsewhere. */
export function buildPreview(
  api: RulesApi,
  all: LessonRules,
  spec: () => RuleSpec,
  rule: number | null,
): HTMLElement {
  const result = element("div", { "aria-live": "polite", "data-testid": "preview-result" });
  const sessions = all.sessions.map(({ id, title }): [string, string] => [
    id,
    formatDateTime(title),
  ]);
  const node = element("section", { class: "part" });
  const data = buildSelect(gettext("Data"), "try-on", "", [
    ["", gettext("a simulated class")],
    ...sessions,
  ]);
  data.querySelector("select")?.setAttribute("data-draft", "off");
  const runPreview = async (): Promise<void> => {
    replaceContent(result, element("p", {}, gettext("Running the preview …")));
    try {
      const preview = await api.preview(spec(), readValue(node, "try-on") || null, rule);
      replaceContent(result, ...buildPreviewResult(preview, all.steps));
    } catch (error) {
      replaceContent(result, buildProblemList(error));
    }
  };
  replaceContent(
    node,
    element("h3", {}, gettext("Preview the rule")),
    data,
    quietButton(gettext("Try it"), () => void runPreview(), "try-rule"),
    result,
  );
  return node;
}

export function buildPreviewResult(preview: RulePreview, steps: Option[]): (Node | null)[] {
  if (preview.withheld !== null)
    return [element("p", { class: "note" }, formatWithheld(preview.withheld))];
  return [
    element("p", {}, element("strong", {}, formatFinding(preview))),
    element("p", { class: "small soft" }, preview.sentence),
    ...preview.notes.map((note) => element("p", { class: "small soft" }, note)),
    preview.group > 0 ? buildSessionNote(preview) : buildDrawing(preview),
    preview.places.length > 0 ? table(preview, steps) : null,
    preview.silent.length > 0 ? buildSilentReasons(preview) : null,
  ];
}

function formatWithheld(reason: string): string {
  if (reason === "still_open")
    return gettext("This session has not ended or has no report yet. Try again later.");
  if (reason === "changed_since")
    return gettext("Data of this session has been deleted, so it can no longer be used.");
  return gettext("Too few students: not shown, so that nobody can be identified.");
}

export function formatFinding(preview: RulePreview): string {
  if (preview.group > 0) return formatSessionFinding(preview);
  const words =
    preview.fired === 0
      ? gettext("It would have given no hints to %(learners)s students in %(minutes)s minutes.")
      : ngettext(
          "It would have given one hint to %(learners)s students in %(minutes)s minutes.",
          "It would have given %(fired)s hints to %(learners)s students in %(minutes)s minutes.",
          preview.fired ?? 0,
        );
  return interpolate(words, {
    fired: preview.fired ?? 0,
    learners: preview.learners ?? 0,
    minutes: Math.round(preview.minutes ?? 0),
  });
}

function formatSessionFinding({ spoken_to: spokenTo, minutes }: RulePreview): string {
  return interpolate(gettext("It would have given hints to %(howMany)s, in %(minutes)s minutes."), {
    howMany: formatAmount(spokenTo ?? "few"),
    minutes: Math.round(minutes ?? 0),
  });
}

function formatAmount(level: "few" | "some" | "many"): string {
  if (level === "few") return gettext("few students or nobody");
  return level === "some" ? gettext("some of the students") : gettext("most of the students");
}

function buildSessionNote({ learners }: RulePreview): HTMLElement {
  const words = gettext(
    "Computed from the activity of the whole class of at least %(learners)s students, without camera data, and rounded to thirds so that nobody can be identified. Use a simulated class to see the effect of the camera and single minutes.",
  );
  return element("p", { class: "small soft" }, interpolate(words, { learners: learners ?? 0 }));
}

/** Timeline with a circle for each hint and a band where simulated learners are stuck. */
function buildDrawing(preview: RulePreview): SVGElement {
  const minutes = Math.max(preview.minutes ?? 1, 1);
  const x = (minute: number): number => LEFT + (minute / minutes) * (WIDTH - 2 * LEFT);
  const bands = preview.episodes.map(({ from_minute, until_minute }) =>
    svg("rect", {
      class: "hard-time",
      x: x(from_minute),
      y: LINE - 26,
      width: Math.max(2, x(until_minute) - x(from_minute)),
      height: 20,
    }),
  );
  const marks = preview.places.flatMap(({ minute, times }) => [
    svg("circle", { class: "spoken", cx: x((minute ?? 0) + 0.5), cy: LINE, r: 9 }),
    svg("text", { class: "spoken-times", x: x((minute ?? 0) + 0.5), y: LINE + 4 }, String(times)),
  ]);
  return svg(
    "svg",
    {
      class: "preview-line",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": formatFinding(preview),
    },
    ...bands,
    svg("line", { class: "axis", x1: LEFT, x2: WIDTH - LEFT, y1: LINE, y2: LINE }),
    ...marks,
    svg("text", { class: "axis-words", x: LEFT, y: HEIGHT - 12 }, gettext("beginning")),
    svg(
      "text",
      { class: "axis-words end", x: WIDTH - LEFT, y: HEIGHT - 12 },
      interpolate(gettext("minute %(n)s"), { n: Math.round(minutes) }),
    ),
    bands.length > 0
      ? svg(
          "text",
          { class: "axis-words", x: LEFT, y: 20 },
          gettext("Bands: a simulated student is stuck"),
        )
      : null,
  );
}

function table(preview: RulePreview, steps: Option[]): HTMLElement {
  const people = preview.group > 0;
  const rows = preview.places.map(({ minute, step_id, times, spoken_to, why }) => {
    const step = steps.find(({ id }) => id === String(step_id))?.title ?? "–";
    const reasons = [...new Set(why)];
    const cells = people
      ? [
          step,
          formatAmount(spoken_to ?? "few"),
          reasons.join("; ") || gettext("not shown: too few students"),
        ]
      : [String((minute ?? 0) + 1), step, String(times), reasons.slice(0, 3).join(" ")];
    return element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));
  });
  const heads = people
    ? [gettext("Step"), gettext("Students"), gettext("Reasons")]
    : [gettext("Minute"), gettext("Step"), gettext("Hints"), gettext("Why")];
  return element(
    "div",
    {
      class: "table-scroll",
      tabindex: "0",
      role: "region",
      "aria-label": gettext("Where and why"),
    },
    element(
      "table",
      {},
      element("caption", {}, gettext("Where it would have given hints, and why")),
      element(
        "thead",
        {},
        element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head))),
      ),
      element("tbody", {}, ...rows),
    ),
  );
}

function buildSilentReasons(preview: RulePreview): HTMLElement {
  const lines = preview.silent
    .filter(({ share }) => share >= MIN_SHARE)
    .map(({ words, share }) => element("li", {}, `${words} (${formatPercent(share)})`));
  return element(
    "details",
    {},
    element("summary", {}, gettext("Why it gave no hint the rest of the time")),
    element("ul", {}, ...lines),
  );
}

import type { Embed, StepPicture } from "../../api/schema";
import { element, replaceContent } from "../../dom";
import { icon } from "../../icons";
import { gettext, interpolate } from "../../text";

export function buildPicture(picture: StepPicture): HTMLElement {
  const { url, alternative_text, width, height } = picture;
  return element(
    "p",
    { class: "step-picture" },
    element("img", { src: url, alt: alternative_text, width, height }),
  );
}

/** Embedded page; loaded only after the learner's click. */
export function buildEmbed(embed: Embed): HTMLElement {
  const place = element("div", { class: "step-embed", "data-testid": "embed" });
  const text = gettext(
    "This comes from %(host)s. If you open it, that site can see that somebody at your school opened it.",
  );
  const open = (): void => {
    const frame = buildEmbedFrame(embed);
    replaceContent(place, frame);
    frame.focus();
  };
  replaceContent(
    place,
    element("p", { class: "small soft" }, interpolate(text, { host: embed.host })),
    element(
      "button",
      { type: "button", class: "quiet", onclick: open, "data-testid": "open-embed" },
      icon("play"),
      interpolate(gettext("Show: %(title)s"), { title: embed.title }),
    ),
  );
  return place;
}

function buildEmbedFrame(embed: Embed): HTMLIFrameElement {
  return element("iframe", {
    src: embed.url,
    title: embed.title,
    sandbox: embed.sandbox,
    allow: "fullscreen",
    allowfullscreen: true,
    // Video sites require a referrer; this sends the origin only.
    referrerpolicy: "strict-origin-when-cross-origin",
    tabindex: "0",
  });
}

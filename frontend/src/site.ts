/** Entry point of every page: styles and display settings. */
import "@fontsource/atkinson-hyperlegible/400.css";
import "@fontsource/atkinson-hyperlegible/700.css";
import "@fontsource/ibm-plex-sans-arabic/400.css";
import "@fontsource/ibm-plex-sans-arabic/700.css";
import "@fontsource/opendyslexic/400.css";
import "@fontsource/opendyslexic/700.css";
import "./styles/tokens.css";
import "./styles/elements.css";
import "./styles/page.css";
import "./styles/forms.css";
import "./styles/print.css";
import "./page/display-settings";
import "./page/signed-out";
import { showLocalTimes } from "./page/local-times";
import { deleteOldDrafts } from "./page/drafts";
import { keepServerForms } from "./page/form-draft";
import { dropRepeatedPresses } from "./page/repeated-presses";

showLocalTimes(document);
dropRepeatedPresses(document);
deleteOldDrafts();
keepServerForms(document);

/** Entry point: a support person's view. */
import "./styles/bars.css";
import "./styles/report.css";
import "./styles/lesson.css";
import "./support/supported-learner";

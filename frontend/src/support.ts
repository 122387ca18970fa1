/** What a learner shares with a support person. */
import "./styles/bars.css";
import "./styles/report.css";
import "./styles/lesson.css";
import "./support/supported-learner";

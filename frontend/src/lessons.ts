/** Entry point: list of lessons. */
import "./styles/report.css";
import "./styles/author.css";
import "./author/new-lesson";
import "./report/lesson-list";

/** The teacher's list of lessons. */
import "./styles/report.css";
import "./report/lesson-list";

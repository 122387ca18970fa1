/** The authoring of a lesson. */
import "./styles/report.css";

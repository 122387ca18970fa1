/** Entry point: rules of a lesson. */
import "./styles/author.css";
import "./styles/rules.css";
import "./rules/lesson-rules";

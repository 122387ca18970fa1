/** Where a teacher says when a lesson offers which help. */
import "./styles/author.css";
import "./styles/rules.css";
import "./rules/lesson-rules";

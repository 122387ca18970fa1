/** Entry point: student groups. */
import "./styles/author.css";
import "./styles/groups.css";
import "./groups/learner-groups";

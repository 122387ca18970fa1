/** Where a teacher makes groups of learners that rules can be for. */
import "./styles/author.css";
import "./styles/groups.css";
import "./groups/learner-groups";

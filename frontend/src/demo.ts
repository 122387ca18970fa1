/** The demonstration's door: a name and a role, no password. */
import { enterDemo } from "./page/demo-entry";

enterDemo(document);

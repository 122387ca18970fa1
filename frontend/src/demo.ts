/** Entry point: demo sign-in with name and role. */
import { enterDemo } from "./page/demo-entry";

enterDemo(document);

import { randomRuns } from "./support/runs";

randomRuns(3, 4);

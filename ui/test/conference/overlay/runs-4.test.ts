import { randomRuns } from "./support/runs";

randomRuns(4, 4);

import { randomRuns } from "./support/runs";

randomRuns(1, 4);

import { randomRuns } from "./support/runs";

randomRuns(2, 4);

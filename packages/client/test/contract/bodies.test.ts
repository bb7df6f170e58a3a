import { bodyCases } from "./bodies.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(bodyCases);

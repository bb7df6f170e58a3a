import { routingCases } from "./routing.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(routingCases);

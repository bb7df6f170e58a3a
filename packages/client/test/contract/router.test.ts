import { routerCases } from "./router.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(routerCases);

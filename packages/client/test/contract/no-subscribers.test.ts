import { noSubscribersCases } from "./no-subscribers.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(noSubscribersCases);

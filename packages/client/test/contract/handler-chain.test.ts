import { handlerChainCases } from "./handler-chain.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(handlerChainCases);

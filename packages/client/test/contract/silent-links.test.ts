import { silentLinkCases } from "./silent-links.contract.ts";
import { overNetworkStages } from "./stages.ts";

overNetworkStages(silentLinkCases);

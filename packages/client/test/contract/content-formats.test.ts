import { contentFormatCases } from "./content-formats.contract.ts";
import { overEveryStage } from "./stages.ts";

overEveryStage(contentFormatCases);

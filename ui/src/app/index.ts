/** What a feature may use of the frame around it. */
export { fitting, useDraft } from "./draft";
export { type KeyChanges, type KeyRefusal, refusalOf, useViewerKeys, type ViewerAct, viewerActNames, viewerActs } from "./viewerKeys";
export { ErrorBlock, ErrorBoundary } from "./ErrorBlock";
export { errorWords, ruleWords } from "./errors";
export { AppLink, type Search, TabLinks, useGo, useKeys, useScreenParams, useScreenSearch } from "./navigation";
export { type Locale, usePreferences } from "./preferences";
export { pressedAt } from "./pressed";
export { partMark, type Scan, type ScanAnswer, ScanGuard, useScanner, useScannerRest, useScannerState } from "./scanner";
export * from "./scannerMeasure";
export type { Area, Doors, KeyHint, Screen } from "./screens";
export { errorTone } from "./tone";
export { useMay, useSetStatus, useStatus } from "./status";
export { partWord, roleWord } from "./words";
export { LanguageChoice } from "./LanguageChoice";
export { DoorFrame } from "./DoorFrame";

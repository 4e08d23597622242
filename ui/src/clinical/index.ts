/** Values with clinical rules of their own (style.md section 4): who, which unit, when, how much. */
export { Code128 } from "./Code128";
export { DataMatrix } from "./DataMatrix";
export * from "./dates";
export * from "./lists";
export * from "./PatientBanner";
export * from "./source";
export * from "./UnitLabel";
export * from "./values";
export * from "./words";
export * from "./zone";

/** The design components. Features import from here and from `../../clinical`, never from React Aria itself. */
export * from "./Button";
export * from "./choice";
export * from "./DataGrid";
export * from "./DateField";
export * from "./fields";
export * from "./Icon";
export * from "./layout";
export * from "./overlay";
export * from "./states";
export * from "./status";

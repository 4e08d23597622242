export const boxesPath = "/blood/boxes";
export const boxPath = (id: string) => `/blood/box/${encodeURIComponent(id)}`;
export const takeInPath = "/blood/take-in";
export const countPath = "/blood/count";
export const placesPath = "/blood/places";
export const placePath = (id: string) => `/blood/place/${encodeURIComponent(id)}`;
export const sitesPath = "/settings/sites";

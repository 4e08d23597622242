import { componentName, formatNumber, ltr, sexWord } from "../../clinical";
import * as m from "../../paraglide/messages";
import { getLocale } from "../../paraglide/runtime";
import type { Component, DonationKind, RuleBookRow, Sex, Work } from "../../wire";
import { bagWord, codeWord, kinds, kindWord } from "../donors/words";
import { markerWord, productWord } from "../lab/words";
import { works, workWord } from "../processing/words";

/** A value as the rule book writes it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const spans = ["hours", "days", "months", "years"] as const;
export type SpanUnit = (typeof spans)[number];
export const spanUnits: readonly SpanUnit[] = spans;

/** How long a deferral lasts: for a time, or without an end that a calendar knows. */
export type How = "for" | "until_lifted" | "permanent";
export interface Length {
  how: How;
  count: number | null;
  unit: SpanUnit;
}

/** What a field holds while it is typed: a number as the book counts it, null when it is empty. */
export type Typed = number | boolean | Length | null;

/** One thing inside of a value: a field for what may change, words for what says which row it is. */
export interface Part {
  kind: "number" | "flag" | "span" | "lasts" | "word" | "none";
  /** Where it stands in the value; empty when it is the whole of it. */
  path: (string | number)[];
  /** The path as one word: the name of its field. */
  id: string;
  label: string;
  value: Json;
  unit?: Unit;
}

interface Unit {
  word(count: number): string;
  /** The book counts tenths of it. */
  tenths?: boolean;
  /** Below zero too. */
  cold?: boolean;
}

const plain = (word: string): Unit => ({ word: () => word });
const years: Unit = { word: (count) => m.account_unit_years({ count }) };
const days: Unit = { word: (count) => m.account_unit_days({ count }) };
const hours: Unit = { word: (count) => m.account_unit_hours({ count }) };
const kilograms: Unit = { word: () => "kg", tenths: true };
const degrees: Unit = { word: () => "°C", tenths: true, cold: true };
const litre = plain("g/L");
const millilitres = plain("mL");

/** By the place of the row, then of the number in it; lists without their numbers. */
const units: Record<string, Unit> = {
  "donors.age_min": years, "donors.guardian_under": years, "donors.age_max_first.years": years, "donors.age_max_regular.years": years,
  "donors.age_max_apheresis.years": years, "donors.apheresis_weight": kilograms, "donors.double_red_cell_weight": kilograms,
  "donors.haemoglobin.female": litre, "donors.haemoglobin.male": litre, "donors.double_red_cell_haemoglobin": litre, "donors.low_haemoglobin_days": days,
  "donors.pressure.systolic": plain("mmHg"), "donors.pressure.diastolic": plain("mmHg"), "donors.pulse": { word: () => m.account_book_unit_beats() },
  "donors.temperature_max": degrees, "donors.platelets_min": plain("×10⁹/L"), "donors.blood_volume.women_under": years, "donors.blood_volume.least": millilitres,
  "donors.bag_weights.bag": millilitres, "donors.bag_weights.least": kilograms, "donors.intervals.days": days, "donors.limits.within_days": days,
  "lives.store.coldest": degrees, "lives.store.warmest": degrees, "works.latest_day": plain(""),
  "bags.volume": millilitres, "bags.tolerance_percent": plain("%"), "bags.anticoagulant_volume": millilitres,
  "volumes.least": millilitres, "volumes.most": millilitres, "volumes.grams_per_litre": plain("g"),
  "splits.bleed_minutes_max": { word: (count) => m.account_unit_minutes({ count }) }, "splits.platelets_within_hours": hours, "splits.freeze_within_hours": hours,
  "look_back.months": { word: (count) => m.account_unit_months({ count }) }, "look_back.due_days": days,
};

export const spanWord = (unit: SpanUnit, count: number): string => ({ hours: m.account_unit_hours, days: m.account_unit_days, months: m.account_unit_months, years: m.account_unit_years })[unit]({ count });

/** Values that stand by themselves. */
const single: Record<string, () => string> = {
  "donors.age_min": m.account_book_age_min, "donors.guardian_under": m.account_book_guardian_under, "donors.age_max_first": m.account_book_age_max_first,
  "donors.age_max_regular": m.account_book_age_max_regular, "donors.age_max_apheresis": m.account_book_age_max_apheresis, "donors.age_refers": m.account_book_age_refers,
  "donors.apheresis_weight": m.account_book_apheresis_weight, "donors.double_red_cell_weight": m.account_book_double_red_cell_weight, "donors.haemoglobin": m.account_book_haemoglobin,
  "donors.double_red_cell_haemoglobin": m.account_book_double_red_cell_haemoglobin, "donors.low_haemoglobin_days": m.account_book_low_haemoglobin_days,
  "donors.pressure": m.account_book_pressure, "donors.pulse": m.account_book_pulse, "donors.temperature_max": m.account_book_temperature_max, "donors.platelets_min": m.account_book_platelets_min,
  "donors.blood_volume": m.account_book_blood_volume, "donors.pregnancy_limits_plasma": m.account_book_pregnancy_limits_plasma, "donors.settle_people": m.account_book_settle_people,
  "splits.bleed_minutes_max": m.account_book_bleed_minutes_max, "splits.platelets_within_hours": m.account_book_platelets_within_hours,
  "splits.freeze_within_hours": m.account_book_freeze_within_hours, "splits.pool_mixes_rhd": m.account_book_pool_mixes_rhd,
  "testing.discard_on_initial_reactive": m.account_book_discard_on_initial_reactive, "testing.release_people": m.account_book_release_people,
  "testing.typings_first_time": m.account_book_typings_first_time,
};

/** Lists: what one row of it is about. */
const lists: Record<string, (what: string) => string> = {
  "donors.bag_weights": (what) => m.account_book_row_bag_weight({ what }), "donors.intervals": (what) => m.account_book_row_interval({ what }),
  "donors.limits": (what) => m.account_book_row_limit({ what }), deferrals: (what) => m.account_book_row_deferral({ what }), lives: (what) => m.account_book_row_life({ what }),
  works: (what) => m.account_book_row_work({ what }), bags: (what) => m.account_book_row_bag({ what }), volumes: (what) => m.account_book_row_volume({ what }),
  "testing.mandatory": (what) => m.account_book_row_mandatory({ what }), look_back: (what) => m.account_book_row_look_back({ what }),
};

/** What says which row it is, in the order in which it is read; it does not change here. */
const identity: Record<string, string[]> = {
  "donors.bag_weights": ["bag"], "donors.intervals": ["from", "to", "sex", "after_menopause", "red_cells_returned"], "donors.limits": ["kind", "sex"],
  deferrals: ["code"], lives: ["product"], works: ["work", "component", "open"], bags: ["code"], volumes: ["product"], look_back: ["marker"],
};

const labels: Record<string, () => string> = {
  years: m.account_book_part_years, whole_year: m.account_book_part_whole_year, bag: m.account_book_part_bag, more_than: m.account_book_part_more_than,
  female: m.account_book_part_female, male: m.account_book_part_male, systolic: m.account_book_part_systolic, diastolic: m.account_book_part_diastolic,
  refers: m.account_book_part_refers, women_under: m.account_book_part_women_under, least: m.account_book_part_least, most: m.account_book_part_most,
  days: m.account_book_part_days, within_days: m.account_book_part_within_days, lasts: m.account_book_part_lasts, only: m.account_book_part_only,
  anchor: m.account_book_part_anchor, span: m.account_book_part_span, coldest: m.account_book_part_coldest, warmest: m.account_book_part_warmest,
  agitated: m.account_book_part_agitated, life: m.account_book_part_life, latest_day: m.account_book_part_latest_day, volume: m.account_book_part_volume,
  tolerance_percent: m.account_book_part_tolerance_percent, anticoagulant: m.account_book_part_anticoagulant, anticoagulant_volume: m.account_book_part_anticoagulant_volume,
  sets: m.account_book_part_sets, grams_per_litre: m.account_book_part_grams_per_litre, months: m.account_book_part_months, due_days: m.account_book_part_due_days,
  from: m.account_book_part_from, to: m.account_book_part_to, sex: m.account_book_part_sex, after_menopause: m.account_book_part_after_menopause,
  red_cells_returned: m.account_book_part_red_cells_returned, kind: m.account_book_part_kind, code: m.account_book_part_code, product: m.account_book_part_product,
  work: m.account_book_part_work, component: m.account_book_part_component, open: m.account_book_part_open, marker: m.account_book_part_marker, store: m.account_book_part_store,
};

/** Between the parts of a value, and between the words of one. */
const semicolon = () => (getLocale() === "ar" ? "؛ " : "; ");
const comma = () => (getLocale() === "ar" ? "، " : ", ");
const spaced = (word: string) => word.replaceAll("_", " ");
/** `lives.12` becomes `lives`: the part of the book. */
const partOf = (name: string) => name.replace(/\.\d+$/, "");
const isSpanUnit = (word: string): word is SpanUnit => (spans as readonly string[]).includes(word);

/** A word stands as it is, everything else as JSON. */
export function parsed(value: string): Json {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

const told = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

/** `{"months": 6}`. */
function spanOf(value: Json): Length | null {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
  const [only, more] = Object.entries(value);
  return only && !more && isSpanUnit(only[0]) && typeof only[1] === "number" ? { how: "for", unit: only[0], count: only[1] } : null;
}

function lastsOf(value: Json): Length | null {
  if (value === "permanent" || value === "until_lifted") return { how: value, count: null, unit: "months" };
  return value !== null && typeof value === "object" && !Array.isArray(value) && "for" in value ? spanOf(value.for ?? null) : null;
}

/** A word of the book in the reader's language; one that nobody has translated as it is written. */
function wordOf(part: string, key: string, word: string): string {
  switch (key) {
    case "code": return part === "bags" ? bagWord(word) : spaced(codeWord(word));
    case "product":
    case "sets": return productWord(word);
    case "marker": return markerWord(word);
    case "work": return works.includes(word as Work) ? workWord(word as Work) : spaced(word);
    case "component":
    case "only": return componentName(word as Component) ?? spaced(word);
    case "from":
    case "to":
    case "kind": return kinds.includes(word as DonationKind) ? kindWord(word as DonationKind) : spaced(word);
    case "sex": return sexWord(word as Sex) ?? spaced(word);
    case "anchor": return ({ collection: m.account_book_anchor_collection, making: m.account_book_anchor_making, whole_blood_end: m.account_book_anchor_whole_blood_end } as Record<string, () => string>)[word]?.() ?? spaced(word);
    case "anticoagulant": return ({ cpd: "CPD", cpda1: "CPDA-1" } as Record<string, string>)[word] ?? spaced(word);
    default: return part === "testing.mandatory" ? markerWord(word) : spaced(word);
  }
}

function labelOf(name: string, path: (string | number)[]): string {
  const keys = path.filter((step) => typeof step === "string");
  const ends = path.filter((step) => typeof step === "number");
  const key = keys.at(-1);
  const own = key === undefined ? single[name]?.() ?? (partOf(name) === "testing.mandatory" ? m.account_book_part_marker() : spaced(name)) : partOf(name) === "donors.limits" && key === "most" ? m.account_book_part_most_times() : labels[key]?.() ?? spaced(key);
  return ends.length === 0 ? own : `${own}, ${ends[0] === 0 ? m.account_book_part_lowest() : m.account_book_part_highest()}`;
}

/** Everything that a value is made of, in the order in which the book writes it. */
export function partsOf(name: string, value: Json): Part[] {
  const part = partOf(name);
  const named = identity[part] ?? [];
  const walk = (of: Json, path: (string | number)[]): Part[] => {
    const key = path.findLast((step) => typeof step === "string") as string | undefined;
    const about = { path, id: path.join("."), label: labelOf(name, path), value: of };
    if (key === "lasts" && lastsOf(of)) return [{ ...about, kind: "lasts" }];
    if (spanOf(of)) return [{ ...about, kind: "span" }];
    // A condition that does not matter, or a limit that nobody has set.
    if (of === null) return [{ ...about, kind: "none" }];
    if (typeof of === "string") return [{ ...about, kind: "word" }];
    if (key !== undefined && path.length === 1 && named.includes(key) && key !== "bag") return [{ ...about, kind: "word" }];
    if (typeof of === "boolean") return [{ ...about, kind: "flag" }];
    if (typeof of === "number") return [{ ...about, kind: "number", unit: units[[part, ...path.filter((step) => typeof step === "string")].join(".")] }];
    if (Array.isArray(of)) return of.every((one) => typeof one === "number") && of.length === 2 ? of.flatMap((one, n) => walk(one, [...path, n])) : [{ ...about, kind: "word" }];
    return Object.entries(of).flatMap(([step, inner]) => walk(inner, [...path, step]));
  };
  const order = (p: Part) => { const at = named.indexOf(String(p.path[0])); return at < 0 ? named.length : at; };
  return walk(value, []).sort((a, b) => order(a) - order(b));
}

export const isIdentity = (name: string, part: Part) => part.path.length === 1 && (identity[partOf(name)] ?? []).includes(String(part.path[0]));

/** A number with its unit, as it is read aloud. */
function counted(count: number, unit: Unit | undefined): string {
  const shown = unit?.tenths ? count / 10 : count;
  const word = unit?.word(shown) ?? "";
  const text = `${formatNumber(shown)} ${word}`.trim();
  // A sign that is the same in every language stays behind its number.
  return /[A-Za-z%]/.test(word) ? ltr(text) : text;
}

export function lengthWords({ how, count, unit }: Length): string {
  switch (how) {
    case "permanent": return m.account_book_lasts_permanent();
    case "until_lifted": return m.account_book_lasts_until_lifted();
    case "for": return `${formatNumber(count ?? 0)} ${spanWord(unit, count ?? 0)}`;
  }
}

/** One part in words. */
export function partWords(name: string, part: Part): string {
  const key = part.path.findLast((step) => typeof step === "string") as string | undefined;
  switch (part.kind) {
    case "none": return isIdentity(name, part) ? m.account_book_any() : m.account_book_no_limit();
    case "flag": return part.value ? m.account_rules_yes() : m.account_rules_no();
    case "number": return counted(part.value as number, part.unit);
    case "span": return lengthWords(spanOf(part.value)!);
    case "lasts": return lengthWords(lastsOf(part.value)!);
    case "word": {
      const word = (of: Json): string => (typeof of === "string" ? wordOf(partOf(name), key ?? "", of) : typeof of === "boolean" ? (of ? m.account_rules_yes() : m.account_rules_no()) : told(of));
      if (!Array.isArray(part.value)) return word(part.value);
      // Sets of products: within one a plus, between them an or.
      return part.value.map((of) => (Array.isArray(of) ? of.map(word).join(" + ") : word(of))).join(part.value.some(Array.isArray) ? ` ${m.account_book_or()} ` : comma()) || m.account_book_everything();
    }
  }
}

/** What a value says, without what its name says already. */
export function bookValueWords(name: string, value: Json): string {
  const parts = partsOf(name, value);
  const [whole] = parts;
  if (whole && whole.path.length === 0) return partWords(name, whole);
  return parts.filter((part) => !isIdentity(name, part)).map((part) => `${part.label}: ${partWords(name, part)}`).join(semicolon());
}

/** A row by what it is about: `Deferral: Tattoo or piercing`. The value says which, where the place is only a number. */
export function rowWords(name: string, value: Json): string {
  const own = single[name];
  if (own) return own();
  const part = partOf(name);
  const list = lists[part];
  if (!list) return spaced(name).replaceAll(".", " · ");
  if (part === "testing.mandatory") return list(typeof value === "string" ? markerWord(value) : name);
  const about = partsOf(name, value).filter((p) => isIdentity(name, p) && p.kind !== "none");
  const said = about.map((p) => {
    const key = String(p.path[0]);
    if (p.value === true || p.value === false) return `${labels[key]?.() ?? spaced(key)}: ${partWords(name, p)}`;
    return key === "to" ? m.account_book_then({ what: partWords(name, p) }) : partWords(name, p);
  });
  return list(said.join(comma()) || name);
}

/** The value with what was typed in it. */
export function withTyped(name: string, value: Json, typed: Record<string, Typed>): Json {
  const next = structuredClone(value);
  let whole: Json = next;
  for (const part of partsOf(name, value)) {
    const wanted = typed[part.id];
    if (wanted === undefined || part.kind === "word" || part.kind === "none") continue;
    const put = jsonOf(part.kind, wanted);
    if (part.path.length === 0) { whole = put; continue; }
    let of = whole as { [key: string]: Json };
    for (const step of part.path.slice(0, -1)) of = of[step] as { [key: string]: Json };
    of[part.path.at(-1)!] = put;
  }
  return whole;
}

function jsonOf(kind: Part["kind"], typed: Typed): Json {
  if (typed === null || typeof typed !== "object") return typed;
  if (typed.how !== "for") return typed.how;
  const span = { [typed.unit]: typed.count };
  return kind === "lasts" ? { for: span } : span;
}

/** What the fields of a value hold at first. */
export function typedOf(name: string, value: Json): Record<string, Typed> {
  const held = (part: Part): Typed => {
    switch (part.kind) {
      case "span": return spanOf(part.value);
      case "lasts": return lastsOf(part.value);
      case "number": return part.value as number;
      case "flag": return part.value as boolean;
      default: return null;
    }
  };
  return Object.fromEntries(partsOf(name, value).filter((p) => p.kind !== "word" && p.kind !== "none").map((p) => [p.id, held(p)]));
}

/** As it travels: a word as it stands, otherwise as JSON. */
export const written = (value: Json): string => told(value);

/** What a search looks through. */
export const searched = (row: RuleBookRow): string => {
  const value = parsed(row.value);
  return `${rowWords(row.name, value)} ${spaced(row.name).replaceAll(".", " · ")} ${bookValueWords(row.name, value)} ${spaced(row.value)} ${row.source}`.toLowerCase();
};

export function countryName(code: string): string {
  try {
    return new Intl.DisplayNames([getLocale()], { type: "region", fallback: "none" }).of(code) ?? code;
  } catch {
    // Not two letters, or an engine without the names.
    return code;
  }
}

/** `Tanzania (TZ)`. */
export function countryWords(code: string): string {
  const name = countryName(code);
  return name === code ? code : `${name} (${ltr(code)})`;
}

const books: Record<string, () => string> = { who: m.account_book_who, fda: m.account_book_fda, eu: m.account_book_eu, uk: m.account_book_uk, india: m.account_book_india };

/** `who/TZ` is the book of the WHO with what Tanzania sets otherwise. A file may have any name. */
export function bookWords(name: string): string {
  const [, base = name, country] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  const own = books[base]?.() ?? base;
  return country ? m.account_book_of_country({ book: own, country: countryWords(country) }) : own;
}

/** The country of a book that names one. */
export const bookCountry = (name: string): string | null => /\/([A-Z]{2})$/.exec(name)?.[1] ?? null;

/** Every country and area of ISO 3166-1. */
export const countries: readonly string[] = (
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ " +
  "DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
  "KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM " +
  "PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
  "UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
).split(" ");

/** The part of the book whose rows a refusal calls by the first word of their place. */
const listOf = (first: string): string => ({ bag_weights: "donors.bag_weights", intervals: "donors.intervals", limits: "donors.limits", mandatory: "testing.mandatory" })[first] ?? first;

const endWords = (place: string): string => (/ from$/.test(place) ? `, ${m.account_book_part_lowest()}` : / to$/.test(place) ? `, ${m.account_book_part_highest()}` : "");

/**
 * `bag_weights.least` of the row that is being changed: "Body weight for a bag: 350 mL, At least". Null where the place
 * is of another part of the book; every other row of the same part stood before, and was in bounds.
 */
export function placeInRow(name: string, value: Json, place: string): string | null {
  const [first = "", ...rest] = place.replace(/ in (hours|characters)$/, "").replace(/ (from|to)$/, "").replace(/^donors\./, "").split(".");
  const part = partOf(name);
  if (part === name || listOf(first) !== part) return null;
  const about = rest.at(-1) ?? "";
  const inside = value !== null && typeof value === "object" && !Array.isArray(value) && about in value && about in labels;
  return rowWords(name, value) + (inside ? `, ${labelOf(name, [about])}` : "") + endWords(place);
}

/** A place as the program names it in a refusal: `lives.RedCellsAdditive in hours`, `donors.haemoglobin.female`, `deferrals.4`. */
export function placeWords(place: string): string {
  const bare = place.replace(/ in (hours|characters)$/, "").replace(/ (from|to)$/, "");
  const end = endWords(place);
  const own = single[bare];
  if (own) return own() + end;
  const [first = "", ...rest] = bare.replace(/^donors\./, "").split(".");
  const part = listOf(first);
  const snake = (word: string) => word.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
  const key = (identity[part] ?? [])[0] ?? "";
  // `pressure.systolic`, `haemoglobin.female`: a part of a value that stands by itself.
  const above = single[`donors.${first}`] ?? single[bare.split(".").slice(0, 2).join(".")];
  const list = lists[part];
  const about = rest.at(-1) ?? "";
  if (!list) return (above ? [above(), labels[about]?.()].filter(Boolean).join(", ") : spaced(bare)) + end;
  if (rest.length === 0) return list(m.account_book_all()) + end;
  // `bag_weights.least`: an older program did not say which row.
  if (rest.length === 1 && labels[about] && !["deferrals", "testing.mandatory"].includes(part)) return list(labels[about]()) + end;
  const word = (of: string) => (["donors.intervals", "donors.limits"].includes(part) ? of.split(", ").map((one, n) => (n === 0 ? one.split(" to ").map((kind) => wordOf(part, key, snake(kind))).join(" – ") : spaced(snake(one)))).join(", ") : wordOf(part, key, part === "deferrals" || part === "bags" ? of : snake(of)));
  const inner = rest.length > 1 && labels[about] ? `, ${labelOf(`${part}.1`, [about])}` : "";
  const numbered = part === "donors.bag_weights" ? counted(Number(rest[0]), millilitres) : ltr(rest[0] ?? "");
  return list(/^\d+$/.test(rest[0] ?? "") ? numbered : word(rest[0] ?? "")) + inner + end;
}

/** A number of a refusal, in the unit of its place. */
export function placeNumber(place: string, value: string): string {
  const number = Number(value);
  if (value === "" || !Number.isFinite(number)) return value;
  if (/ in hours$/.test(place)) return number >= 48 && number % 24 === 0 ? counted(number / 24, days) : counted(number, hours);
  const bare = place.replace(/ (from|to)$/, "");
  const [first = "", ...rest] = bare.replace(/^donors\./, "").split(".");
  const about = rest.at(-1);
  const found = units[bare] ?? units[`donors.${first}.${about}`] ?? units[`donors.${first}`] ?? units[`${first}.${about}`];
  return counted(number, found ?? (first === "intervals" ? days : undefined));
}

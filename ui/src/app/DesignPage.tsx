import { type ReactNode, useEffect, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { AiNotice, BloodGroup, ClinicalDate, ClinicalTime, DonationNumber, Identifier, NotKnown, PatientBanner, Quadrant, Quadrants, Quantity, Stale, UnitLabel, ZoneProvider } from "../clinical";
import {
  BigChoice, Bar, Button, Checkbox, Chip, ComboBox, DataGrid, DateField, Dialog, Empty, Failed, type GridSort, Icon, IconButton, iconNames, Kbd, Loading, Menu, NumberField, OverrideDialog,
  PageHead, Progress, RadioGroup, ReadOnly, RefusalBlock, SearchField, SectionHead, SegmentedControl, Select, Slider, Stats, Status, Switch, Tabs, TextField, toast, ToastRegion, Tooltip, Unavailable,
} from "../design";
import type { Allergies, BloodGroup as Group } from "../wire";
import { TrainingStrip } from "./DoorFrame";
import { usePreferences } from "./preferences";

/*
 * The sheet of every component in every state: the thing to look at before and after a change, and the picture the
 * screenshot test takes. Its words are samples, not product text, and are therefore not in the catalogue.
 */

const neg = (abo: Group["abo"]): Group => ({ abo, rhd: "negative" });
const pos = (abo: Group["abo"]): Group => ({ abo, rhd: "positive" });

function Part({ title, wide, children }: { title: string; wide?: 2 | 3; children: ReactNode }) {
  return (
    <section className={`min-w-0 border-b border-line pt-3.5 pb-4.5 ${wide === 3 ? "col-span-3" : wide === 2 ? "col-span-2" : ""}`}>
      <h2 className="mb-2.5 text-lg">{title}</h2>
      {children}
    </section>
  );
}

const states = ["Rest", "Hover", "Pressed", "Focus", "Not now", "Under way"] as const;
const forced: Record<(typeof states)[number], object> = { Rest: {}, Hover: { "data-hovered": true }, Pressed: { "data-pressed": true }, Focus: { "data-focus-visible": true }, "Not now": { "data-off": true }, "Under way": {} };

/** Drawn, not pressed: a picture of a state that only a pointer or a key can bring about. */
function Drawn({ variant, size = "md", state, children }: { variant: string; size?: string; state: (typeof states)[number]; children: string }) {
  return (
    <span className="hs-btn" data-variant={variant} data-size={size} {...forced[state]}>
      {state === "Under way" && <span className="hs-spin" aria-hidden="true" />}
      {state === "Not now" && size === "lg" && <Icon name="lock" size={20} />}
      {children}
    </span>
  );
}

interface Unit { id: string; state: string; check: string; group: Group | null; expires: string; record: ReactNode }
const units: Unit[] = [
  { id: "A999826000412", state: "Rest", check: "1", group: pos("O"), expires: "2026-11-29", record: "Saved on this computer" },
  { id: "A999826000414", state: "Selected", check: "Y", group: neg("A"), expires: "2026-11-30", record: "Saved on this computer" },
  { id: "A999826000415", state: "Caution", check: "W", group: neg("AB"), expires: "2026-12-01", record: <Status kind="caution">Needs your decision</Status> },
  { id: "A999826000416", state: "Critical", check: "U", group: pos("B"), expires: "2026-12-02", record: <Status kind="critical">Not accepted</Status> },
  { id: "A999826000417", state: "Elsewhere", check: "S", group: null, expires: "2026-12-03", record: "Northgate General" },
];

// jsdom has no layout, so there every row would be drawn.
const many = Array.from({ length: import.meta.env.MODE === "test" ? 20 : 5000 }, (_, i) => ({ n: i + 1, din: `A999826${String(i).padStart(6, "0")}`, group: [pos("O"), neg("O"), pos("A"), neg("AB")][i % 4] ?? pos("O") }));

const known: Allergies = { state: "known", list: [{ substance: "Penicillin", reaction: "Anaphylaxis", severe: true, recordedAt: "2026-11-02T09:00:00Z" }, { substance: "latex", reaction: null, severe: false, recordedAt: "2026-11-02T09:00:00Z" }] };
const person = { family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", sex: "male", hospitalNumber: "LD 4H8P 2RVA 9", allergies: { state: "none_known" }, died: null } as const;

const swatches = ["canvas", "surface", "sunken", "hover", "press", "selected", "line", "line-2", "control-line", "ink", "ink-2", "ink-3", "accent", "critical", "caution", "notice", "inactive", "training", "viz-1", "viz-2", "viz-3", "viz-4", "viz-5", "heat-0", "heat-25", "heat-50", "heat-75", "heat-100"];

export default function DesignPage() {
  const { theme, setTheme, locale, setLocale, setScreenDark } = usePreferences();
  const [text, setText] = useState("OYELARAN-FITZGERALD");
  const [number, setNumber] = useState<number | null>(68);
  const [born, setBorn] = useState<string | null>("1958-03-05");
  const [ward, setWard] = useState<string | null>("3");
  const [on, setOn] = useState(true);
  const [kind, setKind] = useState<"red" | "plt" | "wb" | null>("red");
  const [site, setSite] = useState<"here" | "all">("here");
  const [opacity, setOpacity] = useState(45);
  const [row, setRow] = useState<string | null>("A999826000414");
  const [sort, setSort] = useState<GridSort>({ column: "expires", direction: "ascending" });
  const [open, setOpen] = useState<"dialog" | "override" | null>(null);
  const [words, setWords] = useState("");

  useEffect(() => {
    // `#/design?dark` and `?rtl` are for the pictures: a test cannot press a switch before the first paint.
    const asked = window.location.hash;
    if (asked.includes("dark")) setScreenDark(true);
    if (asked.includes("rtl")) document.documentElement.dir = "rtl";
    return () => setScreenDark(false);
  }, [setScreenDark]);

  const wards = [{ id: "3", label: "Ward 3" }, { id: "5", label: "Ward 5" }, { id: "e", label: "Emergency" }, { id: "t", label: "Theatre 2", notNow: "closed" }];
  const page = (
    <ZoneProvider zone="Africa/Nairobi" now="2026-11-20T11:46:00Z">
      <div className="h-full overflow-auto bg-surface px-6 pb-6" tabIndex={0} role="main" aria-label="HealthSync components">
        <div className="flex items-baseline gap-3 border-b border-line-2 py-3">
          <h1 className="text-xl">HealthSync components</h1>
          <span className="hs-meta grow">every control in every state, as the screens use them</span>
          <SegmentedControl label="Screen" value={theme} onChange={setTheme} options={[{ id: "light", label: "Light" }, { id: "dark", label: "Dark" }]} />
          <SegmentedControl label="Language" value={locale} onChange={setLocale} options={[{ id: "en", label: "English" }, { id: "ar", label: "العربية" }]} />
        </div>
        <div className="grid grid-cols-3 gap-x-8">
          <Part title="Buttons" wide={2}>
            <div className="grid grid-cols-[64px_repeat(6,auto)] items-center justify-start gap-x-2.5 gap-y-2">
              <span />{states.map((s) => <span key={s} className="hs-label">{s}</span>)}
              {([["Primary", "primary", "Reserve unit"], ["Standard", "secondary", "Scan another"], ["Set apart", "danger", "Recall unit"], ["Quiet", "quiet", "See rule"]] as const).map(([name, variant, label]) => (
                <div key={name} className="contents"><span className="hs-label">{name}</span>{states.map((s) => <Drawn key={s} variant={variant} state={s}>{label}</Drawn>)}</div>
              ))}
              <span className="hs-label">Bedside</span>{states.map((s) => <Drawn key={s} variant="primary" size="lg" state={s}>Start check</Drawn>)}
            </div>
            <div className="mt-3 flex flex-wrap items-center gap-2">
              <Button variant="primary" icon="scan">Receive units</Button>
              <Button size="sm" icon="print">Print list</Button>
              <Button kbd="N">Next</Button>
              <Button notNow="Scan the collector's badge first" icon="lock">Hand over</Button>
              <Button variant="primary" pending>Saving</Button>
              <Tooltip text="Closes this panel"><IconButton icon="close" label="Close" /></Tooltip>
              <Menu label="More" trigger={<Button size="sm" icon="more">More</Button>} items={[{ id: "a", label: "Open unit", icon: "open", kbd: "Enter", onAction() {} }, { id: "b", label: "Release", notNow: "reserved by Dr Okafor", onAction() {} }, { id: "c", label: "Discard unit", icon: "trash", variant: "danger", onAction() {} }]} />
            </div>
          </Part>
          <Part title="Choice">
            <div className="flex flex-wrap gap-x-5"><Checkbox isSelected={on} onChange={setOn}>Irradiated</Checkbox><Checkbox isSelected={false}>CMV negative</Checkbox><Checkbox isSelected={false} isIndeterminate>Some</Checkbox><Checkbox isSelected={false} isDisabled>Washed</Checkbox></div>
            <RadioGroup label="Component" value={kind} onChange={setKind} options={[{ id: "red", label: "Red cells" }, { id: "plt", label: "Platelets" }, { id: "wb", label: "Whole blood", isDisabled: true }]} />
            <BigChoice label="Result" value={kind} onChange={setKind} options={[{ id: "red", label: "O", large: true }, { id: "plt", label: "Compatible", sub: "No reaction" }, { id: "wb", label: "Whole blood", isDisabled: true }]} />
            <div className="my-1 flex flex-wrap gap-5"><Switch isSelected={on} onChange={setOn}>Overlay {on ? "on" : "off"}</Switch><Switch isSelected={false}>Linked</Switch><Switch isSelected isDisabled>Fixed</Switch></div>
            <div className="flex flex-wrap gap-2"><SegmentedControl label="Sites" value={site} onChange={setSite} options={[{ id: "here", label: "This site" }, { id: "all", label: "All sites" }]} /></div>
            <div className="mt-2"><Slider label="Opacity" value={opacity} onChange={setOpacity} text={(v) => `${v} %`} /></div>
            <Tabs label="Views" items={[{ id: "s", label: "Stock", content: null }, { id: "i", label: "Issue", content: null }, { id: "q", label: "Quarantine", count: 7, content: null }, { id: "x", label: "Transfers", isDisabled: true, content: null }]} />
          </Part>
          <Part title="Fields" wide={2}>
            <div className="grid grid-cols-3 gap-3">
              <TextField label="Family name" value={text} onChange={setText} />
              <TextField label="Given name" value="" onChange={() => {}} placeholder="as on the document" />
              <TextField label="Hospital number" mono value="LD 9TQ0 63FW 2" onChange={() => {}} />
              <NumberField label="Haemoglobin" value={number} onChange={setNumber} unit="g/L" min={0} max={300} />
              <TextField label="Donation number" mono value="A9998 26 000408 4" onChange={() => {}} error="This number does not check. Scan it, or read it again from the label." />
              <DateField label="Born" value={born} onChange={setBorn} yearAlone ageOn="2026-11-20" hint="Year alone is allowed." />
              <ReadOnly label="Group, from lab" hint="Read only. Change it in the lab record."><BloodGroup group={neg("A")} size="sm" /></ReadOnly>
              <Select label="Ward" value={ward} onChange={setWard} options={wards} />
              <TextField label="Discharge date" value="" onChange={() => {}} placeholder="Not recorded" notNow="Opens when the visit has ended." />
              <ComboBox label="Collector" value={null} onChange={() => {}} options={wards} placeholder="Type a name" />
              <SearchField label="Filter the list" hideLabel={false} value={words} onChange={setWords} />
              <DateField label="Expires" value={null} onChange={() => {}} error="Type the date as it stands on the label." />
            </div>
          </Part>
          <Part title="Status, groups, chips">
            <div className="flex flex-wrap gap-x-3.5 gap-y-1.5"><Status kind="critical">Critical</Status><Status kind="caution">Low</Status><Status kind="notice">On scene</Status><Status kind="inactive">Not assessed</Status><Status kind="good">Good</Status></div>
            <div className="mt-2.5 flex flex-wrap gap-2"><Chip kind="critical">Recalled</Chip><Chip kind="caution">Offline since 14:32</Chip><Chip kind="notice">Offer sent</Chip><Chip kind="inactive">Not stocked</Chip><Chip>Ward 3</Chip></div>
            <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2"><BloodGroup group={pos("O")} size="lg" /><BloodGroup group={neg("O")} size="lg" /><BloodGroup group={neg("AB")} /><BloodGroup group={pos("A")} size="sm" /></div>
            <div className="mt-2.5 flex flex-wrap gap-4"><DonationNumber din="A999826000411" check="3" /><Identifier>LD 7K2M 9QX4 T</Identifier></div>
            <div className="mt-2.5 grid gap-1">
              <span><ClinicalDate value="2026-11-20T11:46:00Z" /> · <ClinicalTime value="2026-11-20T11:32:00Z" /> · <ClinicalTime value="2026-11-19T07:05:00Z" /> · <Quantity value={0.5} unit="mL" /> · <NotKnown /></span>
              <span><Stale asOf="2026-11-20T06:10:00Z">17 units</Stale> <AiNotice /></span>
              <span>Press <Kbd>Ctrl</Kbd> <Kbd>K</Kbd> to search</span>
            </div>
          </Part>
          <Part title="Table rows" wide={2}>
            <DataGrid
              label="Units"
              rows={units}
              rowKey={(u) => u.id}
              selectedKey={row}
              onSelect={setRow}
              sort={sort}
              onSort={setSort}
              rowState={(u) => (u.state === "Elsewhere" ? "elsewhere" : u.state === "Critical" ? "critical" : u.state === "Caution" ? "caution" : undefined)}
              columns={[
                { id: "state", title: "State", cell: (u) => <span className="hs-meta">{u.state}</span> },
                { id: "din", title: "Donation number", isRowHeader: true, cell: (u) => <DonationNumber din={u.id} check={u.check} /> },
                { id: "group", title: "Group", cell: (u) => (u.group ? <BloodGroup group={u.group} size="sm" /> : <NotKnown>Not recorded</NotKnown>) },
                { id: "expires", title: "Expires", sortable: true, cell: (u) => <ClinicalDate value={u.expires} /> },
                { id: "record", title: "Record", cell: (u) => <span className="text-ink-2">{u.record}</span> },
              ]}
            />
          </Part>
          <Part title="Five thousand rows, only the visible ones drawn" wide={3}>
            <div className="h-[180px] border border-line-2">
              <DataGrid
                label="Five thousand units"
                virtual
                rows={many}
                rowKey={(u) => u.din}
                columns={[
                  { id: "n", title: "Row", cell: (u) => u.n, align: "end", width: 80 },
                  { id: "din", title: "Donation number", isRowHeader: true, cell: (u) => <DonationNumber din={u.din} />, width: "2fr" },
                  { id: "group", title: "Group", cell: (u) => <BloodGroup group={u.group} size="sm" />, width: "2fr" },
                  { id: "expires", title: "Expires", cell: () => <ClinicalDate value="2026-11-29" />, width: "1fr" },
                ]}
              />
            </div>
          </Part>
          <Part title="Progress · toasts · loading">
            <div className="grid gap-3">
              <Progress label="Reading 36 images" detail="22 of 36, about 8 s left" value={0.61} />
              <Progress label="Waiting for the disk" detail="tried 14:45, next 14:47" />
              <Loading label="Reading the list" />
              <div className="flex gap-2"><Button size="sm" onPress={() => toast("Saved on this computer", { action: { label: "Undo", onAction() {} } })}>Show a toast</Button><Button size="sm" onPress={() => toast("Not printed: label printer has no paper", { kind: "critical" })}>Show a failure</Button></div>
            </div>
          </Part>
          <Part title="Bars and banners" wide={3}>
            <div className="mb-2 grid grid-cols-2 gap-2">
              <Bar kind="critical" action={<Button size="sm">Open recall</Button>}><b>Recall of 3 units from A9998 26 000377.</b> Two are here, one was issued today.</Bar>
              <Bar kind="caution" action={<Button size="sm">Record</Button>}><b>Fridge 2 read 7 °C at 14:20.</b> Limit is 6 °C. Check the door, then record a reading.</Bar>
              <Bar kind="notice" action={<Button size="sm">Show 4 new</Button>}><b>4 new on this list.</b> It will not move until you say so.</Bar>
              <Bar kind="inactive" action={<Button size="sm" variant="quiet">What works</Button>}><b>This computer only.</b> You can issue the 38 units held here.</Bar>
            </div>
            <TrainingStrip />
            <PatientBanner patient={person} similarName="SMYTHE, Joan (Ms)" />
            <PatientBanner patient={{ ...person, family: "Oyelaran-Fitzgerald-Abernathy", given: "Oluwaseun Bartholomew Emeka Chukwuemeka", allergies: known }} />
            <PatientBanner patient={{ ...person, family: "Ndiaye", given: "Awa", title: null, birthDate: "2026-09-18", sex: "female", allergies: { state: "unavailable" } }} />
            <PatientBanner patient={{ ...person, family: "Hakimi", given: "Reza", birthDate: "1941-02-02", died: "2026-11-18", allergies: { state: "not_recorded" }, hospitalNumber: "LD 3B6Y 0CVJ 7" }} />
          </Part>
          <Part title="Two identities" wide={3}>
            <div className="grid grid-cols-2 gap-8">
              <Quadrants kind="patient" label="Patient" cells={[
                <Quadrant key="1" heading="Read from wristband, 14:44" value="SMITH, John (Mr)"><span>Born <ClinicalDate value="1958-03-05" />, male</span><Identifier>LD 4H8P 2RVA 9</Identifier></Quadrant>,
                <Quadrant key="2" heading="Patient group, 2 samples agree" value={<BloodGroup group={neg("A")} size="xl" />} />,
                <Quadrant key="3" heading="Order" value="Red cells, 1 unit"><span>Haemoglobin 68 g/L at 11:20</span></Quadrant>,
                <Quadrant key="4" heading="Sample" value="S26 004 417"><span>Valid to 22-Nov-2026 23:59</span></Quadrant>,
              ]} />
              <UnitLabel din="A999826000455" check="G" group={pos("B")} component="red_cells" productCode="E0336V00" productName="RED CELLS in additive solution, leucocyte-depleted" volumeMl={284} storage="2 to 6 °C" expires="2026-12-05T23:59" collected="2026-10-24" place="Lakeside District Hospital" />
            </div>
          </Part>
          <Part title="Refusals" wide={3}>
            <div className="grid grid-cols-2 gap-8">
              <RefusalBlock title="This unit cannot be issued to this patient" why={<>The unit is group <b>B</b>. The patient is group <b>A</b> and has antibodies against B cells.</>} rule={<>ABO compatibility, red cells. <b>Nobody can override this rule.</b></>} doNow="Put it back in fridge 2, shelf B. Choose a unit below." code="ABO_INCOMPATIBLE" />
              <RefusalBlock kind="caution" title="RhD POSITIVE to an RhD NEGATIVE patient" why="Man, 68 years, no anti-D on record." rule="A transfusion doctor may override it with a second person." doNow="Look for an RhD NEGATIVE unit first." code="RHD_MISMATCH" actions={<><Button variant="primary" onPress={() => setOpen("override")}>See what an override needs</Button><Button onPress={() => setOpen("dialog")}>Open a dialog</Button></>} />
            </div>
          </Part>
          <Part title="Empty, filtered, failed, unavailable" wide={3}>
            <div className="grid grid-cols-4 gap-3">
              <Empty title="No units in quarantine">Units wait here until tests are complete and a second person releases them.</Empty>
              <Empty title="0 of 41 shown" action={<Button size="sm">Clear 3 filters</Button>}>Hidden by: CT, unread, today.</Empty>
              <Failed title="Could not be read" action={<Button size="sm">Show where it is</Button>}>chest-0412.dcm ends early. The other 35 images are fine.</Failed>
              <Unavailable title="Allergies unavailable" action={<Button size="sm">Ask when connected</Button>}>Held by Northgate General and not copied here. This does not mean there are none.</Unavailable>
            </div>
          </Part>
          <Part title="Page parts" wide={2}>
            <div className="border border-line-2">
              <PageHead title="Blood stock" actions={<Button variant="primary" icon="scan">Receive units</Button>} tabs={<Tabs label="Blood" items={[{ id: "a", label: "Stock", content: null }, { id: "b", label: "Units", count: 94, content: null }]} />} />
              <Stats items={[{ label: "Red cells available", value: 94, unit: "units" }, { label: "Below target", value: 6, unit: "groups" }, { label: "Expire within 7 days", value: 14, unit: "units" }]} />
              <SectionHead title="Expire within 7 days" note="Earliest first · 9 of 14 units shown" actions={<Button size="sm" variant="quiet">Show all</Button>} />
            </div>
          </Part>
          <Part title="Icons">
            <div className="flex flex-wrap gap-3 text-ink-2">{iconNames.map((n) => <span key={n} title={n}><Icon name={n} size={20} /></span>)}</div>
          </Part>
          <Part title="Colour" wide={3}>
            <div className="flex flex-wrap gap-1.5">{swatches.map((s) => <span key={s} className="grid w-[74px] gap-1 text-sm text-ink-2"><i className="block h-7 rounded-md border border-line-2" style={{ background: `var(--${s})` }} />{s}</span>)}</div>
          </Part>
        </div>
        <Dialog isOpen={open === "dialog"} onClose={() => setOpen(null)} title="Reserve unit A9998 26 000140 for SMITH, John" footer={<Button variant="primary" autoFocus onPress={() => setOpen(null)}>Reserve unit</Button>} footerEnd={<Button onPress={() => setOpen(null)}>Keep looking</Button>}>
          <p>It stays in fridge 1, shelf A, and is held until 22-Nov-2026 23:59.</p>
        </Dialog>
        <OverrideDialog isOpen={open === "override"} onClose={() => setOpen(null)} rule="RhD POSITIVE red cells to RhD NEGATIVE patient" values={<>Man, 68 years, no anti-D on record. O RhD NEGATIVE stock is 2, floor 4. Who may override: <b>transfusion doctor on call</b>.</>} safeLabel="Keep looking for RhD NEGATIVE" notNow="Choose a reason and check a second person" onOverride={() => {}}>
          <div className="grid grid-cols-2 gap-3"><Select label="Reason" value={null} onChange={() => {}} options={[{ id: "b", label: "Active bleeding, none in stock" }]} /><TextField label="Second person" value="" onChange={() => {}} placeholder="Name" /></div>
        </OverrideDialog>
      </div>
      <ToastRegion />
    </ZoneProvider>
  );
  return window.location.hash.includes("rtl") ? <I18nProvider locale="ar-u-nu-latn">{page}</I18nProvider> : page;
}
